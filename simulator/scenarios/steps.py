"""The steps of a scenario, a struct each; the first key of a step says which it is (SBX-07)."""

from typing import Annotated, Any, Literal

import msgspec

from simulator.base.blocks import Block

WORD = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Duration = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9]{1,9}(ms|s|m|h|d)$", examples=["250ms", "30s", "2h"])
]
Amount = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^-?[0-9]+(\.[0-9]+)? [A-Z]{3}$",
        description="Money: `2.00 EUR`.",
        examples=["2.00 EUR"],
    ),
]


class Calls(Block, frozen=True, kw_only=True):
    """How often something was called by now, by the journal of the sandbox."""

    call: Annotated[WORD, msgspec.Meta(description="`party.operation`.")]
    key: Annotated[str | None, msgspec.Meta(description="Only with this idempotency key.")] = None
    status: Annotated[int | None, msgspec.Meta(description="Only with this answer.")] = None
    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None


class Expect(Block, frozen=True, kw_only=True):
    """What has to come of a step. Without `expect`, a call has to be answered with 2xx."""

    status: Annotated[
        int | list[int] | None, msgspec.Meta(description="The status, or those that may be.")
    ] = None
    code: Annotated[str | None, msgspec.Meta(description="The error code (PRV-26).")] = None
    body: Annotated[
        dict[str, Any] | None,
        msgspec.Meta(description="JMESPath → the value; money may be written `2.00 EUR`."),
    ] = None
    headers: Annotated[
        dict[str, str | None] | None,
        msgspec.Meta(description="Header → its value, `*` for any, null for none."),
    ] = None
    lost: Annotated[
        bool, msgspec.Meta(description="No answer comes: lost, cut, reset or too late.")
    ] = False
    min_ms: Annotated[int | None, msgspec.Meta(description="It takes at least so long.")] = None
    max_ms: Annotated[int | None, msgspec.Meta(description="It takes at most so long.")] = None
    same_as: Annotated[
        str | None, msgspec.Meta(description="The step whose answer it repeats byte for byte.")
    ] = None
    calls: Annotated[
        list[Calls] | None, msgspec.Meta(description="What the journal counts by now.")
    ] = None


class Step(Block, frozen=True, kw_only=True):
    """What every step may say beside what it does."""

    why: Annotated[str | None, msgspec.Meta(description="For people.")] = None


class Asking(Step, frozen=True, kw_only=True):
    """What every call may say."""

    parameters: Annotated[
        dict[str, Any],
        msgspec.Meta(
            description="What the operation asks for. `player: ana` is short for `player_id`, "
            "`2.00 EUR` for an object of money, `${name.path}` for a value of a step before."
        ),
    ] = msgspec.field(name="with", default_factory=dict)
    body: Annotated[
        Any, msgspec.Meta(description="The whole body as it is to be sent, also where it is wrong.")
    ] = None
    key: Annotated[
        str | None, msgspec.Meta(description="The idempotency key. Without one, one of its own.")
    ] = None
    client: Annotated[str | None, msgspec.Meta(description="Who calls.")] = None
    headers: Annotated[
        dict[str, str] | None, msgspec.Meta(description="More headers, or others.")
    ] = None
    retry: Annotated[
        int,
        msgspec.Meta(
            ge=0,
            le=100,
            description="Repeat up to so often with the same key, until the outcome is known.",
        ),
    ] = 0
    expect: Annotated[Expect | None, msgspec.Meta(description="What has to come of it.")] = None


class CallStep(Asking, frozen=True, kw_only=True):
    """Call an operation of a party."""

    call: Annotated[
        WORD,
        msgspec.Meta(description="`party.operation`, such as `wallet.authorizeBet`."),
    ]
    name: Annotated[
        str | None, msgspec.Meta(description="What later steps know its answer by.")
    ] = msgspec.field(name="as", default=None)


class PlayStep(Step, frozen=True, kw_only=True):
    """Play rounds through the platform, wallet and studio, as a good front end does."""

    play: Annotated[int, msgspec.Meta(ge=1, le=100_000, description="How many rounds.")]
    player: Annotated[str, msgspec.Meta(description="Who plays.")]
    stake: Amount
    mode: Annotated[str, msgspec.Meta(description="The game's mode.")] = "base"
    timing: Annotated[
        str, msgspec.Meta(description="`hold_first`, `debit_first` or `outcome_first`.")
    ] = "hold_first"
    retry: Annotated[
        int, msgspec.Meta(ge=0, le=100, description="How often a call is repeated, same key.")
    ] = 8
    statuses: Annotated[
        list[str] | None,
        msgspec.Meta(description="How a round may end; without it, `completed` alone."),
    ] = None


class StormStep(Asking, frozen=True, kw_only=True):
    """Send calls at a rate, whether or not the earlier ones were answered (SBX-14)."""

    storm: Annotated[WORD, msgspec.Meta(description="`party.operation`; `${n}` counts the calls.")]
    rate_per_s: Annotated[int, msgspec.Meta(ge=1, le=100_000, description="Arrivals a second.")]
    during: Annotated[Duration, msgspec.Meta(description="For how long.")]


class ParallelStep(Step, frozen=True, kw_only=True):
    """Take steps at the same time; the seed draws the order in which they start."""

    parallel: Annotated[list[Step], msgspec.Meta(min_length=1, description="The steps.")]


class AdvanceStep(Step, frozen=True, kw_only=True):
    """Let time pass; what falls due happens in its order (SBX-03)."""

    advance: Annotated[Duration, msgspec.Meta(description="How much.")]


class WaitStep(Asking, frozen=True, kw_only=True):
    """Ask again and again until what is expected comes."""

    wait_until: Annotated[WORD, msgspec.Meta(description="`party.operation` to ask.")]
    every: Annotated[Duration, msgspec.Meta(description="The pause between two times.")] = "100ms"
    at_most: Annotated[Duration, msgspec.Meta(description="Then it has failed.")] = "30s"


class DepositStep(Step, frozen=True, kw_only=True):
    """Give a player money from outside."""

    deposit: Amount
    player: Annotated[str, msgspec.Meta(description="To whom.")]


class LimitStep(Step, frozen=True, kw_only=True):
    """Set a limit of a player's own."""

    limit: Annotated[
        Literal["stake", "loss", "deposit", "session_time"],
        msgspec.Meta(description="What is limited."),
    ]
    player: Annotated[str, msgspec.Meta(description="Whose.")]
    period: Annotated[
        Literal["day", "week", "month"], msgspec.Meta(description="For how long.")
    ] = "day"
    amount: Amount | None = None
    minutes: Annotated[int | None, msgspec.Meta(description="For `session_time`.")] = None


class ChaosOnStep(Step, frozen=True, kw_only=True):
    """Put a rule in force, or let one that rests go on."""

    chaos_on: Annotated[
        dict[str, Any] | str, msgspec.Meta(description="The rule, or the name of one that rests.")
    ]


class ChaosOffStep(Step, frozen=True, kw_only=True):
    """Let a rule rest."""

    chaos_off: Annotated[WORD, msgspec.Meta(description="The rule's name.")]


class SnapshotStep(Step, frozen=True, kw_only=True):
    """Hold the whole sandbox fast, to go back to with `restore`, and what every player has, to be
    compared by `unchanged_since`. Where a party is behind a URL, only the latter."""

    snapshot: Annotated[WORD, msgspec.Meta(description="Its name.")]


class RestoreStep(Step, frozen=True, kw_only=True):
    """Put the sandbox back to a snapshot: rows, clock, chaos, journal, inboxes (SBX-04)."""

    restore: Annotated[WORD, msgspec.Meta(description="The snapshot's name.")]


class DeliverStep(Step, frozen=True, kw_only=True):
    """Try now to deliver events, whatever pause they are in."""

    deliver: Annotated[
        Literal["pending", "dead"],
        msgspec.Meta(description="What is on its way, or what was given up as well."),
    ]
    subscriber: Annotated[str | None, msgspec.Meta(description="To whom; without it, to all.")] = (
        None
    )


STEPS: dict[str, type[Step]] = {
    "call": CallStep,
    "play": PlayStep,
    "storm": StormStep,
    "parallel": ParallelStep,
    "advance": AdvanceStep,
    "wait_until": WaitStep,
    "deposit": DepositStep,
    "limit": LimitStep,
    "chaos_on": ChaosOnStep,
    "chaos_off": ChaosOffStep,
    "snapshot": SnapshotStep,
    "restore": RestoreStep,
    "deliver": DeliverStep,
}
"""The key that says what a step is → its struct."""
