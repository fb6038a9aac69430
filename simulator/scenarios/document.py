"""What a scenario may say (SBX-07): a struct for each block, whose descriptions are the reference.

`reading.py` reads files into these, `schema.py` makes the published JSON Schema of them.
"""

from typing import Annotated, Any, Literal

import msgspec

from simulator.base.blocks import Block
from simulator.scenarios.laws import Law
from simulator.scenarios.steps import WORD, Amount, Duration, Step


class Limit(Block, frozen=True, kw_only=True):
    """A limit of a player's own (RGS-32)."""

    limit: Annotated[
        Literal["stake", "loss", "deposit", "session_time"],
        msgspec.Meta(description="What is limited."),
    ]
    period: Annotated[Literal["day", "week", "month"], msgspec.Meta(description="For how long.")]
    amount: Amount | None = None
    minutes: Annotated[int | None, msgspec.Meta(description="For `session_time`.")] = None


class Player(Block, frozen=True, kw_only=True):
    """A player, and the session in which they play."""

    cash: Amount | None = None
    id: Annotated[
        str | None,
        msgspec.Meta(
            description="One who is there already, as a magic player of docs/test-world.md. "
            "Without it the player is made, and named like the key."
        ),
    ] = None
    game: Annotated[str, msgspec.Meta(description="What the session is for.")] = (
        "studio:slot_forge_02"
    )
    session: Annotated[
        bool,
        msgspec.Meta(description="Open a provider session; NAME's is `s-NAME` in every step."),
    ] = True
    constraints: Annotated[
        dict[str, Any] | None,
        msgspec.Meta(description="What the session is limited to: `max_bet`, `min_bet`, …"),
    ] = None
    limits: Annotated[list[Limit], msgspec.Meta(description="The player's own limits.")] = (
        msgspec.field(default_factory=list)
    )


class Subscriber(Block, frozen=True, kw_only=True):
    """Somebody who is told of events, at an inbox of the same name."""

    events: Annotated[
        list[WORD],
        msgspec.Meta(min_length=1, description="Types of events: `bet.settled`, `bet.*`, `*`."),
    ] = msgspec.field(default_factory=lambda: ["*"])
    retry: Annotated[
        list[Duration] | None,
        msgspec.Meta(description="The pauses before further attempts, in whole seconds."),
    ] = None


class World(Block, frozen=True, kw_only=True):
    """Who is there, and by which rules."""

    players: Annotated[
        dict[str, Player], msgspec.Meta(description="The players of the steps, by name.")
    ] = msgspec.field(default_factory=dict)
    subscribers: Annotated[
        dict[str, Subscriber],
        msgspec.Meta(description="Who is told of events, from the first one on (docs/events.md)."),
    ] = msgspec.field(default_factory=dict)
    pools: Annotated[
        list[dict[str, Any]],
        msgspec.Meta(
            description="Jackpots besides the test world's, by the keys of "
            "contracts/jackpots/pool.schema.json."
        ),
    ] = msgspec.field(default_factory=list)
    profile: Annotated[
        str, msgspec.Meta(description="The wallet's profile: a file of contracts/profiles/.")
    ] = "reference"
    client: Annotated[
        str, msgspec.Meta(description="Who calls the wallet, where a step does not say.")
    ] = "studio-demo"
    auth: Annotated[
        Literal["bearer", "hmac", "ed25519"],
        msgspec.Meta(description="How callers prove who they are (PRV-10)."),
    ] = "bearer"
    rate_limit_per_s: Annotated[
        int, msgspec.Meta(ge=0, description="Calls a second of one client; 0 is without limit.")
    ] = 0
    token_ttl_s: Annotated[int, msgspec.Meta(ge=1, description="How long a token is good.")] = 600


class Scenario(Block, frozen=True, kw_only=True):
    """A small world, the faults that strike it, the steps to take, and what must hold after."""

    scenario: Annotated[str, msgspec.Meta(min_length=1, description="Its name: one sentence.")]
    why: Annotated[str, msgspec.Meta(min_length=1, description="What would go wrong otherwise.")]
    rules: Annotated[
        list[WORD], msgspec.Meta(min_length=1, description="The requirements that it shows.")
    ]
    steps: Annotated[list[Step], msgspec.Meta(min_length=1, description="What is done, in order.")]
    seed: Annotated[int, msgspec.Meta(ge=0, description="Of chance, in play and chaos.")] = 42
    clock: Annotated[
        str, msgspec.Meta(description="When it begins: an ISO time; it moves by virtual time.")
    ] = "2026-01-01T00:00:00Z"
    time_out: Annotated[
        Duration, msgspec.Meta(description="How long a caller waits for an answer.")
    ] = "5s"
    world: Annotated[World, msgspec.Meta(description="Who is there.")] = msgspec.field(
        default_factory=World
    )
    targets: Annotated[
        dict[str, str],
        msgspec.Meta(
            description="Parties that are yours: name and base URL, as `--target` has them."
        ),
    ] = msgspec.field(default_factory=dict)
    chaos: Annotated[
        list[dict[str, Any]],
        msgspec.Meta(description="Rules in force from the start, as docs/faults.md has them."),
    ] = msgspec.field(default_factory=list)
    then: Annotated[list[Law], msgspec.Meta(description="What must hold after the steps.")] = (
        msgspec.field(default_factory=list)
    )
