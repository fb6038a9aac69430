"""The control API: what the owner of a sandbox may do that no provider may (`/__admin`)."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from simulator import __version__
from simulator.base.errors import NotFound
from simulator.base.ids import digest16, mint
from simulator.base.money import from_minor
from simulator.ledger.rows import Account, Move
from simulator.server import (
    chaos_control,
    checks,
    clock_control,
    deliveries_control,
    due,
    jackpot_control,
    journal_control,
    sandbox_control,
)
from simulator.server.clients import BRANDS
from simulator.server.owner import as_owner, owner
from simulator.server.party import Party, Sandbox, Sandboxes
from simulator.server.people import invent
from simulator.store.listing import page
from simulator.store.tx import Again, Query, Reads, Tx
from simulator.wallet import holds, players, rg
from simulator.wire import control as c
from simulator.wire import messages as m
from simulator.wire import players as p
from simulator.wire.calls import Caller
from simulator.wire.messages import Money

M = TypeVar("M")
T = TypeVar("T")


class Control:
    """What a control operation is given besides its message."""

    __slots__ = ("base_url", "sandbox", "sandboxes", "trace_id")

    def __init__(
        self, sandboxes: Sandboxes, sandbox: Sandbox, base_url: str, trace_id: str
    ) -> None:
        self.sandboxes = sandboxes
        self.sandbox = sandbox
        self.base_url = base_url
        self.trace_id = trace_id

    @property
    def wallet(self) -> Party:
        """The party that holds players and money."""
        return self.sandbox.parties["wallet"]

    def caller(self, brand_id: str) -> Caller:
        """The sandbox's owner, acting for a brand. Raises NotFound for an unknown one."""
        brand = BRANDS.get(brand_id)
        if brand is None:
            raise NotFound(f"there is no brand {brand_id}; there are {', '.join(BRANDS)}")
        return owner(brand, self.trace_id)

    async def write(self, brand_id: str, decide: Callable[[Tx, M], T | Again], message: M) -> T:
        """Run a decision as the owner; it is an operation like any other, but for the key."""
        caller = self.caller(brand_id)
        work = partial(as_owner, caller=caller, decide=decide, message=message)
        return await self.wallet.writer.submit(work)

    async def read(self, decide: Callable[[Reads], T], brand_id: str | None = None) -> T:
        """Read as the owner, for one of the brands where it matters which."""
        caller = self.caller(brand_id or next(iter(BRANDS)))
        return await self.wallet.read(caller, decide, pages=True)


# The operations ----------------------------------------------------------------------------------


async def read_health(on: Control, _ask: c.Nothing) -> c.Health:
    """A world at a glance."""
    sandbox = on.sandbox
    return c.Health(
        status="ok",
        version=__version__,
        sandbox=sandbox.name,
        seed=sandbox.rng.seed,
        profile=sandbox.profile,
        clock=clock_control.state(sandbox.clock),
        store=c.StoreState(on.wallet.queries.kind, sandbox.durable),
    )


async def reset_sandbox(on: Control, ask: c.ResetSandbox) -> c.SandboxState:
    """The world as at its start."""
    await on.sandbox.reset(ask.seed)
    return c.SandboxState(on.sandbox.name, on.sandbox.rng.seed)


async def read_clock(on: Control, _ask: c.Nothing) -> c.ClockState:
    """What time it is."""
    return clock_control.state(on.sandbox.clock)


async def set_clock(on: Control, ask: c.SetClock) -> c.ClockMoved:
    """Let the clock run, or freeze it."""
    return await clock_control.set_clock(on.sandbox, ask, on.trace_id)


async def advance_clock(on: Control, ask: c.AdvanceClock) -> c.ClockMoved:
    """Move the clock ahead; what falls due on the way happens."""
    return await clock_control.advance_clock(on.sandbox, ask, on.trace_id)


async def read_seed(on: Control, _ask: c.Nothing) -> c.SeedState:
    """The seed in force."""
    return c.SeedState(on.sandbox.rng.seed)


async def set_seed(on: Control, ask: c.SetSeed) -> c.SeedState:
    """Another seed from now on; what was made stays."""
    await on.sandbox.set_seed(ask.seed)
    return c.SeedState(on.sandbox.rng.seed)


async def create_player(on: Control, ask: c.CreatePlayer) -> players.AdminPlayer:
    """A new player; what is not given is made up under the seed."""
    caller = on.caller(ask.brand_id)
    if ask.region not in (None, caller.region):
        raise m.invalid("region", f"brand {caller.brand} lives in {caller.region}")
    try:
        cash = ask.cash if isinstance(ask.cash, Money) else Money(ask.cash, ask.currency)
    except ValueError as wrong:
        raise m.invalid("cash", str(wrong)) from None
    if cash.currency != ask.currency:
        raise m.invalid("cash", f"is in {cash.currency}, the player's wallet in {ask.currency}")
    sandbox = on.sandbox
    drawn = digest16("player", on.wallet.writer.unit.position, sandbox.count("player"))
    player_id = ask.player_id or mint(sandbox.rng, sandbox.clock.now_ns(), "", "p", drawn)
    country, name, city = invent(sandbox.rng, player_id, caller.region, ask.country)
    message = players.RegisterPlayer(
        player_id=player_id,
        country=country,
        name=ask.name or name,
        city=city,
        cash=cash,
        self_excluded=ask.self_excluded,
    )
    return await on.write(ask.brand_id, players.register_player, message)


async def list_players(on: Control, ask: c.ListAll) -> m.Page:
    """Every player of this world."""
    return await on.read(lambda tx: players.list_players(tx, ask))


async def fund_player(on: Control, ask: c.FundPlayer) -> players.Funded:
    """Money from outside; one payment_id is one payment."""
    message = players.FundPlayer(
        payment_id=ask.payment_id, player_id=ask.player_id, amount=ask.amount
    )
    return await on.write(ask.brand_id, players.fund_player, message)


async def change_player(on: Control, ask: c.ChangePlayer) -> players.AdminPlayer:
    """Lock or unlock a player, let them take time out, or stop what jackpots pay to them."""
    message = players.ChangePlayer(
        player_id=ask.player_id,
        self_excluded=ask.self_excluded,
        status=ask.status,
        payout_block=ask.payout_block,
        time_out_until=ask.time_out_until,
    )
    return await on.write(ask.brand_id, players.change_player, message)


async def read_limits(on: Control, ask: p.ReadLimits) -> p.PlayerLimits:
    """A player's own limits, with the changes that wait."""
    return await on.read(lambda tx: rg.read_limits(tx, ask), ask.brand_id)


async def set_limit(on: Control, ask: p.SetLimit) -> p.PlayerLimits:
    """Make a limit stricter now, or looser in a day."""
    return await on.write(ask.brand_id, rg.set_limit, ask)


async def list_overdue(on: Control, ask: holds.ListOverdue) -> m.Page:
    """Holds that nobody has ended for long; by profile there are none any more when it answers."""
    await due.fire_due(on.sandbox, on.trace_id)
    return await on.read(lambda tx: holds.list_overdue(tx, ask))


async def list_accounts(on: Control, ask: c.ListAll) -> m.Page:
    """Every account of the ledger."""
    query = Query(Account, (), ask.order == "desc")
    return await on.read(lambda tx: page(tx, query, ask, _account))


async def list_entries(on: Control, ask: c.ListAll) -> m.Page:
    """Every entry of the ledger, in the order they were made."""
    query = Query(Move, (), ask.order == "desc")
    return await on.read(lambda tx: page(tx, query, ask, partial(_entry, tx)))


async def reconcile_books(on: Control, ask: c.Reconcile) -> c.Reconciliation:
    """Every party's books against their laws, on committed rows; or one party's."""
    if ask.party is not None:
        return await checks.reconcile_one(on.sandbox, ask.party)
    return await checks.reconcile_all(on.sandbox)


async def read_schedule(on: Control, _ask: c.Nothing) -> c.ReconcileSchedule:
    """When the world is reconciled by itself."""
    return on.sandbox.schedule.state


async def set_schedule(on: Control, ask: c.SetReconcileSchedule) -> c.ReconcileSchedule:
    """Reconcile it by itself from now on, or no more."""
    on.sandbox.schedule.set(ask.every_s)
    return on.sandbox.schedule.state


async def audit_rows(on: Control, _ask: c.Nothing) -> c.Audit:
    """Every committed row against its party's audit chain, each as of one moment."""
    return await checks.audit_all(on.sandbox)


Handler = Callable[[Control, Any], Awaitable[Any]]


def _of_sandbox(handler: journal_control.Handler) -> Handler:
    async def handle(on: Control, ask: Any) -> Any:
        return await handler(on.sandbox, ask)

    return handle


OPERATIONS: dict[str, tuple[type[Any], Handler]] = {
    **{
        name: (kind, _of_sandbox(handler))
        for table in (
            journal_control.OPERATIONS,
            chaos_control.OPERATIONS,
            deliveries_control.OPERATIONS,
            jackpot_control.OPERATIONS,
        )
        for name, (kind, handler) in table.items()
    },
    **sandbox_control.OPERATIONS,
    "readHealth": (c.Nothing, read_health),
    "resetSandbox": (c.ResetSandbox, reset_sandbox),
    "readClock": (c.Nothing, read_clock),
    "setClock": (c.SetClock, set_clock),
    "advanceClock": (c.AdvanceClock, advance_clock),
    "readSeed": (c.Nothing, read_seed),
    "setSeed": (c.SetSeed, set_seed),
    "createPlayer": (c.CreatePlayer, create_player),
    "listPlayers": (c.ListAll, list_players),
    "fundPlayer": (c.FundPlayer, fund_player),
    "changePlayer": (c.ChangePlayer, change_player),
    "readLimits": (p.ReadLimits, read_limits),
    "setLimit": (p.SetLimit, set_limit),
    "listOverdueHolds": (holds.ListOverdue, list_overdue),
    "listAccounts": (c.ListAll, list_accounts),
    "listEntries": (c.ListAll, list_entries),
    "reconcile": (c.Reconcile, reconcile_books),
    "readReconcileSchedule": (c.Nothing, read_schedule),
    "setReconcileSchedule": (c.SetReconcileSchedule, set_schedule),
    "audit": (c.Nothing, audit_rows),
}

AT_THE_ROOT = frozenset(sandbox_control.OPERATIONS)
"""Operations on all worlds, which are not a world's own."""


def _account(row: Account) -> c.AccountView:
    def money(amount_minor: int) -> Any:
        return from_minor(amount_minor, row.currency)

    return c.AccountView(
        account=f"{row.kind}:{row.owner}:{row.currency}",
        tenant_id=row.tenant,
        kind=row.kind,
        owner=row.owner,
        currency=row.currency,
        posted_debits=money(row.posted_debits),
        posted_credits=money(row.posted_credits),
        pending_debits=money(row.pending_debits),
        pending_credits=money(row.pending_credits),
    )


def _entry(tx: Reads, row: Move) -> c.EntryView:
    debit, credit = tx.at(Account, row.debit), tx.at(Account, row.credit)
    if debit is None or credit is None:
        raise RuntimeError(f"entry {row.n} names an account that does not exist")
    return c.EntryView(
        entry=row.n,
        operation=row.op,
        kind=row.kind,
        debit=f"{debit.kind}:{debit.owner}:{debit.currency}",
        credit=f"{credit.kind}:{credit.owner}:{credit.currency}",
        amount=Money.of(row.amount, debit.currency),
        refers_to=row.refers_to,
    )
