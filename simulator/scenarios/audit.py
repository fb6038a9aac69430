"""The end of a run: what the other side shows, against what it had acknowledged."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from simulator.adapters.operations import PageOf
from simulator.adapters.platform import PlatformClient
from simulator.adapters.transport import AdapterError, Transport
from simulator.base.errors import Problem
from simulator.scenarios.model import AUTHORIZED, ROLLED_BACK, SETTLED, Account, Deed, Model
from simulator.scenarios.plan import PlannedBet
from simulator.wire import json
from simulator.wire import messages as m
from simulator.wire.calls import Call
from simulator.wire.control import Reconciliation
from simulator.wire.events import Envelope

L = TypeVar("L", bound=m.Listing)
T = TypeVar("T")

TOPICS = (AUTHORIZED, SETTLED, ROLLED_BACK)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sound or not, and the numbers that say so."""

    model: Model
    balances: tuple[tuple[Account, Account], ...]
    """Expected and found, for each player."""
    events: int
    """Events of this run's bets."""

    @property
    def sound(self) -> bool:
        """True where nothing at all was found."""
        return not (self.model.findings or self.model.lost or self.model.repeated)

    @property
    def line(self) -> str:
        """The verdict in one line."""
        model = self.model
        counts = (
            f"{model.tally.rounds} rounds, {len(model.lost)} lost, {len(model.repeated)} repeated"
        )
        if self.sound:
            return f"sound: {counts}"
        more = len(model.findings) - 1
        return f"unsound: {counts}; {model.findings[0]}" + (f" (and {more} more)" if more else "")


async def audit(
    model: Model, client: PlatformClient, transport: Transport, run: str, admin_token: str | None
) -> Verdict:
    """Compare balances, events and bets, and ask for the books (PRV-34, WAL-06, WAL-72)."""
    balances: list[tuple[Account, Account]] = []
    events = 0
    try:
        balances += [
            (expected, await _compare_balance(model, client, expected))
            for expected in model.accounts.values()
        ]
        events = await _compare_events(model, client, run)
        await _compare_bets(model, client, run)
        await _ask_for_the_books(model, transport, admin_token)
    except (AdapterError, Problem) as wrong:
        model.is_wrong(f"the sandbox does not show what it holds: {wrong}")
    return Verdict(model, tuple(balances), events)


async def _compare_balance(model: Model, client: PlatformClient, expected: Account) -> Account:
    player = await client.read_player(expected.player_id)
    found = Account(expected.player_id, player.currency, player.available.minor, player.held.minor)
    if found != expected:
        model.is_wrong(f"{found.player_id}: expected {_show(expected)}, found {_show(found)}")
    return found


async def _compare_events(model: Model, client: PlatformClient, run: str) -> int:
    """Exactly one event for each deed, with its amounts (PRV-34)."""
    seen: Counter[Deed] = Counter()
    async for event in _all(client.list_events, m.ListEvents(limit=200)):
        bet_id = event.payload.get("bet_id") if isinstance(event.payload, dict) else None
        if event.event_type not in TOPICS or not _is_of(run, bet_id):
            continue
        deed = (event.event_type, str(bet_id))
        seen[deed] += 1
        bet = model.deeds.get(deed)
        if bet is None:
            model.is_wrong(f"{deed[1]}: an event {deed[0]} that nobody acknowledged")
        elif not _amounts_agree(event, bet):
            model.is_wrong(f"{deed[1]}: {deed[0]} tells of other amounts than were played")
    for deed in model.deeds:
        if not seen[deed]:
            model.is_lost(deed, f"acknowledged, but there is no event {deed[0]}")
        elif seen[deed] > 1:
            model.is_repeated(deed, f"{seen[deed]} events {deed[0]}")
    return seen.total()


async def _compare_bets(model: Model, client: PlatformClient, run: str) -> None:
    """Each bet is in the state of its last deed, with its amounts, and is listed once."""
    found: dict[str, m.Bet] = {}
    async for bet in _all(client.list_bets, m.ListBets(limit=200)):
        if _is_of(run, bet.bet_id):
            if bet.bet_id in found:
                model.is_repeated((AUTHORIZED, bet.bet_id), "listed twice")
            found[bet.bet_id] = bet
    for deed, planned in model.deeds.items():
        shown = found.get(deed[1])
        if shown is None:
            model.is_lost(deed, f"{deed[0]} was acknowledged, but there is no such bet")
        elif deed[0] == SETTLED and (shown.status != "settled" or not _paid(shown, planned)):
            model.is_lost(deed, f"settled, but the bet is {shown.status} with win {shown.win}")
        elif deed[0] == ROLLED_BACK and shown.status != "rolled_back":
            model.is_lost(deed, f"rolled back, but the bet is {shown.status}")


async def _ask_for_the_books(model: Model, transport: Transport, admin_token: str | None) -> None:
    headers = {"Authorization": f"Bearer {admin_token}"} if admin_token else {}
    target = transport.prefix + "/__admin/reconcile"
    reply = await transport.send(Call(method="GET", target=target, headers=headers))
    try:
        books = msgspec.convert(json.decode(reply.body), Reconciliation)
    except (json.NotJson, msgspec.ValidationError):
        model.is_wrong(f"{target} answers {reply.status}: {reply.body[:200]!r}")
        return
    for broken in books.breaks:
        model.is_wrong(f"the books: {broken.law} at {broken.where}: {broken.message}")
    if not books.sound and not books.breaks:
        model.is_wrong("the books are not sound, and do not say why")


async def _all(fetch: Callable[[L], Awaitable[PageOf[T]]], ask: L) -> AsyncIterator[T]:
    """A whole list, page after page."""
    while True:
        page = await fetch(ask)
        for item in page.items:
            yield item
        if not page.has_more:
            return
        ask = msgspec.structs.replace(ask, cursor=page.next_cursor)


def _is_of(run: str, bet_id: object) -> bool:
    return str(bet_id).startswith(f"b_{run}_")


def _amounts_agree(event: Envelope, bet: PlannedBet) -> bool:
    """Whichever of stake and win the event tells of is the one that was played."""
    played = {"bet": bet.stake_minor, "win": bet.win_minor}
    for name, amount_minor in played.items():
        told = event.payload.get(name)
        try:
            if told is not None and msgspec.convert(told, m.Money) != m.Money.of(
                amount_minor, bet.purse.currency
            ):
                return False
        except msgspec.ValidationError:
            return False
    return True


def _paid(shown: m.Bet, planned: PlannedBet) -> bool:
    return shown.win == m.Money.of(planned.win_minor, planned.purse.currency)


def _show(account: Account) -> str:
    available = m.Money.of(account.available, account.currency)
    held = m.Money.of(account.held, account.currency)
    return f"{available.amount} {account.currency} and {held.amount} held"
