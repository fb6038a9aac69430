"""What the suites have to know of a target, from a YAML file: how to get in, who plays, what can be
brought about (SBX-08). Errors name file, line, column and the nearest word.

Without a file the published test world is meant (docs/test-world.md): `playmoney serve` in another
window is judged with no configuration at all.
"""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from simulator.base.blocks import Block, BlockSource, read_block
from simulator.certify.keys import NoKey, PlayerKey, private_key
from simulator.certify.profile import ErrorBody, Profile
from simulator.certify.template import TEMPLATE
from simulator.wire.files import text_of

PLAYER_KINDS = ("rich", "poor", "excluded", "other_currency", "foreign")
"""Who may be named in `players`, and what the checks use them for (`init` says it)."""

ROLE_NAMES = ("wallet", "platform", "rgs", "jackpot")
"""Whose client may be another (`check.ROLES`)."""


class Player(Block, frozen=True, kw_only=True):
    """A player that is there already."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    currency: Annotated[str, msgspec.Meta(pattern="^[A-Z]{3}$")] = "EUR"


class Hook(Block, frozen=True, kw_only=True):
    """How something is brought about on the target: a call, or a command.

    `{player_id}`, `{session_id}`, `{game_id}`, `{currency}`, `{cash}`, `{seconds}`, `{reason}` in
    url, body and command are filled in. A call is answered with 2xx and JSON; a command exits with
    0 and prints JSON, or nothing.
    """

    url: Annotated[str | None, msgspec.Meta(description="Absolute, or a path of the target.")] = (
        None
    )
    method: Literal["POST", "PUT", "PATCH", "DELETE", "GET"] = "POST"
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    body: Annotated[str | None, msgspec.Meta(description="The JSON that is sent, as text.")] = None
    as_client: Annotated[
        bool, msgspec.Meta(description="Sent with the main client's headers and proof, and a key.")
    ] = False
    command: Annotated[list[str] | None, msgspec.Meta(description="Instead of a url.")] = None
    timeout_ms: Annotated[int, msgspec.Meta(ge=1, le=600_000)] = 10_000


class Hooks(Block, frozen=True, kw_only=True):
    """What the checks can bring about; each is optional, and a check that lacks one says so."""

    create_player: Annotated[
        Hook | None,
        msgspec.Meta(description="A new player with {cash} {currency}; answers {player_id}."),
    ] = None
    lock_player: Annotated[
        Hook | None, msgspec.Meta(description="Self-exclude {player_id}, at once.")
    ] = None
    limit_player: Annotated[
        Hook | None,
        msgspec.Meta(description="Limit the stakes of {player_id} to {cash} {currency} a day."),
    ] = None
    expire_session: Annotated[
        Hook | None, msgspec.Meta(description="End {session_id} as if its time were over.")
    ] = None
    block_payouts: Annotated[
        Hook | None,
        msgspec.Meta(
            description="Let the wallet refuse what jackpots pay to {player_id}, for {reason} "
            "such as AML; `none` lets it through again."
        ),
    ] = None
    advance_clock: Annotated[
        Hook | None, msgspec.Meta(description="Let {seconds} s pass on the target's clock.")
    ] = None
    create_session: Annotated[
        Hook | None,
        msgspec.Meta(description="A game session for {player_id}; answers {session_id}."),
    ] = None
    limited_session: Annotated[
        Hook | None,
        msgspec.Meta(
            description="A game session for {player_id} with no stake above {cash} {currency}; "
            "answers {session_id} and {constraints} with {max_bet}, which says that it is limited."
        ),
    ] = None
    player_token: Annotated[
        Hook | None,
        msgspec.Meta(
            description="A player's token for {session_id} of {player_id}, which create_session "
            "has made where it is given; answers {player_token}, and build_hash and geo if known."
        ),
    ] = None
    reconcile: Annotated[
        Hook | None,
        msgspec.Meta(
            description="Judge the target's own books; a status other than 2xx is a break."
        ),
    ] = None


class Answers(Block, frozen=True, kw_only=True):
    """How the target says no, where it does not use the error model of PRV-25."""

    errors: Annotated[
        ErrorBody | None, msgspec.Meta(description="Instead of the profile's error_body.")
    ] = None
    codes: Annotated[
        dict[str, list[str]],
        msgspec.Meta(description="Our code → the target's words for it."),
    ] = msgspec.field(default_factory=dict)


class Config(Block, frozen=True, kw_only=True):
    """A target, as far as the checks need to know it."""

    target: str | None = None
    ca_file: Annotated[
        str, msgspec.Meta(description="PEM; authorities that are trusted for https, too.")
    ] = ""
    auth: Annotated[
        Literal["bearer", "hmac", "ed25519", "headers"],
        msgspec.Meta(description="headers: `headers` is all the target wants."),
    ] = "bearer"
    client_id: str = ""
    client_secret: str = ""
    signing_key: str = ""
    token_url: Annotated[
        str, msgspec.Meta(description="OAuth 2 client credentials; absolute, or of the target.")
    ] = "/oauth/token"
    headers: dict[str, str] = msgspec.field(default_factory=dict)
    players: dict[str, Player] = msgspec.field(default_factory=dict)
    game_id: Annotated[str, msgspec.Meta(description="For sessions that the checks open.")] = (
        "studio:slot_forge_02"
    )
    pool_id: Annotated[str, msgspec.Meta(description="A pool that may be played (jackpot).")] = ""
    other_client: Annotated[
        "Client | None",
        msgspec.Meta(description="Credentials of another tenant, for what must not be seen."),
    ] = None
    readonly_client: Annotated[
        "Client | None",
        msgspec.Meta(description="Credentials of this tenant that may read and nothing else."),
    ] = None
    roles: Annotated[
        dict[str, "RoleClient"],
        msgspec.Meta(description="Role → the client that its checks call as, if another."),
    ] = msgspec.field(default_factory=dict)
    player_key: Annotated[
        PlayerKey | None,
        msgspec.Meta(description="A private JWK; the game server trusts players' tokens by it."),
    ] = None
    profile: Annotated[
        Profile | None, msgspec.Meta(description="Switches, instead of --profile.")
    ] = None
    answers: Answers = Answers()
    hooks: Hooks = Hooks()
    timeout_ms: Annotated[int, msgspec.Meta(ge=50, le=60_000)] = 5_000
    parallel: Annotated[
        int, msgspec.Meta(ge=2, le=64, description="How many calls a race is made of.")
    ] = 12


class Client(Block, frozen=True, kw_only=True):
    """Another client of the target."""

    client_id: str
    client_secret: str = ""
    signing_key: str = ""
    headers: dict[str, str] = msgspec.field(default_factory=dict)


class RoleClient(Client, frozen=True, kw_only=True):
    """The client that calls the API of a role."""

    other_client: Annotated[
        Client | None, msgspec.Meta(description="Of another tenant, for this API.")
    ] = None


def read_file(path: Path) -> Config:
    """Raises ConfigError with the place of what is wrong."""
    return read_text(text_of(path), str(path))


def read_text(text: str, name: str) -> Config:
    """The same, from text."""
    top = "a configuration is a mapping of keys such as target, client_id and players"
    found, source = read_block(text, name, Config, top)
    _require_known(found, source)
    for hook in msgspec.structs.fields(Hooks):
        given = getattr(found.hooks, hook.name)
        if given is not None and (given.url is None) == (given.command is None):
            raise source.wrong(("hooks", hook.name), "has either a url or a command")
    if found.auth == "bearer" and not found.client_secret and "client_secret" in source.data:
        raise source.wrong(("client_secret",), "is empty; auth: bearer needs it")
    return found


def _require_known(found: Config, source: BlockSource) -> None:
    """Names of players and roles, and the key. Raises ConfigError."""
    for kind in found.players:
        if kind not in PLAYER_KINDS:
            raise source.wrong(("players", kind), f"is one of {', '.join(PLAYER_KINDS)}")
    for role in found.roles:
        if role not in ROLE_NAMES:
            raise source.wrong(("roles", role), f"is one of {', '.join(ROLE_NAMES)}")
    if found.player_key is not None:
        try:
            private_key(found.player_key)
        except NoKey as wrong:
            raise source.wrong(("player_key",), str(wrong)) from None


TEST_WORLD = msgspec.structs.replace(read_text(TEMPLATE, "the test world"), target=None)
"""The published test world of `playmoney serve`, as `certify init` writes it."""


def test_world(role: str) -> Config:
    """The same, with the books of a role's own party to be judged."""
    if role in ("wallet", "platform"):
        return TEST_WORLD
    hook = Hook(url=f"/__admin/reconcile?party={role}", method="GET")
    hooks = msgspec.structs.replace(TEST_WORLD.hooks, reconcile=hook)
    return msgspec.structs.replace(TEST_WORLD, hooks=hooks)
