"""The launch of a game: a one-time token that lets the player in at the studio (RGS-02, WAL-63)."""

from collections.abc import Callable

from simulator.base.clock import NS_PER_S, iso
from simulator.store.tx import Tx
from simulator.wallet import sessions
from simulator.wallet.rows import Player
from simulator.wire.launch import Launched, LaunchSession
from simulator.wire.rgs import PlayerClaims, RgFlags

Mint = Callable[[PlayerClaims], str]
"""Signs what a token says; the same claims give the same token."""

TOKEN_TTL_S = 300
"""Five minutes: long enough for a slow client to load the game, too short to be passed around."""

AUDIENCE = "studio"


def launch_session(tx: Tx, ask: LaunchSession, *, mint: Mint) -> Launched:
    """A new token for an open session: each call makes one with a `jti` of its own, and a repeat
    of the call gets the same one again.

    Raises NotFound, and InvalidState for a session that is over.
    """
    session = sessions.require(tx, ask.session_id)
    player = tx.lock(Player, (session.tenant, session.player_id))
    sessions.require_open(tx, session)
    now_s = tx.now_ns // NS_PER_S
    excluded = bool(session.excluded or (player and player.self_excluded))
    claims = PlayerClaims(
        sub=session.player_id,
        geo=session.geo,
        jti=tx.mint("jti"),
        iat=now_s,
        exp=now_s + TOKEN_TTL_S,
        aud=AUDIENCE,
        brand_id=session.brand,
        rg_flags=RgFlags(self_excluded=excluded),
    )
    return Launched(
        session_id=session.session_id,
        player_id=session.player_id,
        game_id=session.game_id,
        build_hash=session.build_hash,
        geo=session.geo,
        currency=session.currency,
        player_token=mint(claims),
        audience=AUDIENCE,
        expires_at=iso(claims.exp * NS_PER_S),
    )
