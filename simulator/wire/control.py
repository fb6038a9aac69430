"""The messages of the control API (`openapi/control.yaml`)."""

from decimal import Decimal
from typing import Literal

import msgspec

from simulator.wire.messages import Listing, Message, Money, PlayerStatus
from simulator.wire.wallet import PayoutBlock


class Nothing(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A call without parameters."""


class ResetSandbox(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The world as at its start, with the same seed or another."""

    seed: int | None = None


class SetClock(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Let the clock run, in real time or faster, or freeze it (from `now` on, or where it is)."""

    mode: Literal["wall", "frozen", "shifted", "accelerated"]
    now: str | None = None
    rate: Decimal | int | None = None


class AdvanceClock(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Move the clock ahead."""

    by_ms: int


class SetSeed(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The seed of everything made from now on."""

    seed: int


class CreateSandbox(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A new world beside the default one."""

    seed: int | None = None
    name: str | None = None
    clock: SetClock | None = None


class DropSandbox(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Forget a world."""

    sandbox: str


class ForkSandbox(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Branch a world: a new one that goes on from its present state, or from a snapshot."""

    sandbox: str
    name: str | None = None
    snapshot: str | None = None
    seed: int | None = None


class TakeSnapshot(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Hold the state of a world fast."""

    sandbox: str
    name: str | None = None


class ListSnapshots(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is held fast of a world."""

    sandbox: str


class DropSnapshot(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Let a state go."""

    sandbox: str
    snapshot: str


class RestoreSandbox(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Back to a state that was held fast."""

    sandbox: str
    snapshot: str


class CreatePlayer(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A new player; what is not given is made up under the seed (SBX-16)."""

    currency: str
    cash: Decimal | Money
    player_id: str | None = None
    brand_id: str = "brand-42"
    region: str | None = None
    country: str | None = None
    name: str | None = None
    self_excluded: bool = False


class FundPlayer(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Money from outside."""

    player_id: str
    payment_id: str
    amount: Money
    brand_id: str = "brand-42"


class ChangePlayer(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Lock or unlock a player, let them take time out, or stop what jackpots pay to them."""

    player_id: str
    brand_id: str = "brand-42"
    self_excluded: bool | None = None
    status: PlayerStatus | None = None
    payout_block: PayoutBlock | None = None
    time_out_until: str | None = None


class ListAll(Listing, frozen=True, kw_only=True, omit_defaults=True):
    """A page of accounts, entries or players."""


class ClockState(msgspec.Struct, frozen=True, omit_defaults=True):
    """What time it is in a world; `rate` where it is not real time's."""

    mode: str
    now: str
    rate: Decimal | None = None


class Fired(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that fell due: when, what, and the id that it has."""

    at: str
    what: str
    id: str = ""


class ClockMoved(msgspec.Struct, frozen=True, omit_defaults=True):
    """The clock after it was set or advanced, and what fell due on the way; `unfinished` where that
    was so much that the rest is for another advance."""

    mode: str
    now: str
    rate: Decimal | None = None
    fired: list[Fired] = []
    unfinished: bool = False


class StoreState(msgspec.Struct, frozen=True):
    """Where a world is kept."""

    kind: str
    durable: bool


class Health(msgspec.Struct, frozen=True):
    """A world at a glance."""

    status: str
    version: str
    sandbox: str
    seed: int
    profile: str
    clock: ClockState
    store: StoreState


class SeedState(msgspec.Struct, frozen=True):
    """The seed of a world."""

    seed: int


class SandboxState(msgspec.Struct, frozen=True):
    """A world and its seed."""

    sandbox: str
    seed: int


class Credentials(msgspec.Struct, frozen=True):
    """A test client. Published on purpose: it opens nothing but fake money."""

    client_id: str
    client_secret: str
    signing_key: str
    ed25519_private_key: str
    tenant_id: str
    brand_id: str
    region: str
    provider_id: str
    scopes: list[str]


class SandboxInfo(msgspec.Struct, frozen=True, omit_defaults=True):
    """A world and where it is served."""

    sandbox: str
    base_url: str
    seed: int
    credentials: list[Credentials] = []


class SnapshotInfo(msgspec.Struct, frozen=True):
    """A state that is held fast: of which world, of which time, and how many bytes it takes."""

    snapshot: str
    sandbox: str
    at: str
    bytes: int


class AccountView(msgspec.Struct, frozen=True):
    """An account of the ledger; sums as decimals of its currency."""

    account: str
    tenant_id: str
    kind: str
    owner: str
    currency: str
    posted_debits: Decimal
    posted_credits: Decimal
    pending_debits: Decimal
    pending_credits: Decimal


class EntryView(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry of the ledger."""

    entry: int
    operation: int
    kind: str
    debit: str
    credit: str
    amount: Money
    refers_to: int | None = None


class Break(msgspec.Struct, frozen=True, omit_defaults=True):
    """A law that the books break, and where."""

    law: str
    where: str
    message: str
    party: str = ""


class Unmatched(msgspec.Struct, frozen=True):
    """A contribution of a bet that the wallet does not know: listed, and no break (JP-52)."""

    jp_contrib_id: str
    tenant_id: str
    pool_id: str
    bet_id: str
    message: str


class Reconcile(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Whose books to ask; everybody's, and what they say of each other, without a `party`."""

    party: str | None = None


class Reconciliation(msgspec.Struct, frozen=True):
    """The books against their laws; sound when there is no break.

    A count of another party than the wallet is named after it: `play.rounds`; one of a comparison
    between parties `across.payouts`.
    """

    sound: bool
    breaks: list[Break]
    checked: dict[str, int]
    unmatched: list[Unmatched] = []


class SetReconcileSchedule(Message, frozen=True, kw_only=True):
    """Reconcile by itself, each so many seconds of the world's clock; 0 ends it."""

    every_s: int


class Reconciled(msgspec.Struct, frozen=True):
    """What a reconciliation of the schedule has found."""

    at: str
    sound: bool
    breaks: int
    unmatched: int


class ReconcileSchedule(msgspec.Struct, frozen=True, omit_defaults=True):
    """How often a world reconciles by itself, when next, and what was found last."""

    every_s: int
    next_at: str | None = None
    last: Reconciled | None = None


class AuditHead(msgspec.Struct, frozen=True):
    """The newest seal of the audit chain; its `chain` in hex."""

    seal: int
    chain: str


class BadRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """A row that is not what the audit chain says was written."""

    table: str
    position: int
    name: str
    message: str
    seal: int | None = None
    party: str = ""


class Audit(msgspec.Struct, frozen=True, omit_defaults=True):
    """The rows against the audit chain; sound when there is no bad row.

    Every party's store has a chain of its own: `head` is the wallet's, `heads` has them all.
    """

    sound: bool
    head: AuditHead
    checked: dict[str, int]
    first_bad: BadRow | None = None
    heads: dict[str, AuditHead] = {}
