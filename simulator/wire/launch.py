"""The messages of a game's launch (`openapi/platform.yaml`)."""

from simulator.wire.messages import Message


class LaunchSession(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Have the player's token for a session made (RGS-02)."""

    session_id: str


class Launched(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A token that opens this player's session at the studio, once (WAL-63)."""

    session_id: str
    player_id: str
    game_id: str
    build_hash: str
    geo: str
    currency: str
    player_token: str
    audience: str
    expires_at: str
