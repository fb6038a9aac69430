"""Every order of up to six messages about one bet, each against a model of three words."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import product
from typing import Any

import msgspec
import pytest

from simulator.store.recall import Command, Decision, Remembered, once
from simulator.store.tx import Tx
from simulator.store.unit import Unit
from simulator.wallet import bets, rounds
from simulator.wallet.rows import Bet
from simulator.wire import messages as m
from simulator.wire.calls import Caller
from simulator.wire.messages import Money
from tests.support import Sandbox, sandbox

KINDS = ("bet", "win", "rollback", "close", "repeat")
LONGEST = 6

STAKE, WIN = 200, 350
PLAYER = "p_19f3"
OPERATION = {
    "bet": "authorizeBet",
    "win": "settleBet",
    "rollback": "rollbackBet",
    "close": "closeRound",
}
STUDIO = Caller(
    client="studio-demo",
    tenant="brand-42",
    brand="brand-42",
    region="EU",
    licence="MGA-TEST-42",
    provider="studio",
    trace_id="tr_order",
)
AT_ONCE = 500
"""Orders decided in one transaction; there are 12 500."""


@dataclass
class Model:
    """What became of the bet and of its round, in words."""

    bet: str = "none"
    round: str = "none"
    available: int = 0
    held: int = 0

    def expect(self, kind: str) -> str:
        """The outcome of a message, which it then applies: `ok` or a code of the error model."""
        outcome: str = getattr(self, f"_{kind}")()
        return outcome

    def _bet(self) -> str:
        if self.bet == "none":
            self.bet, self.round = "authorized", "open"
            self.available -= STAKE
            self.held += STAKE
        return "INVALID_STATE" if self.bet in ("rolled back", "tombstone") else "ok"

    def _win(self) -> str:
        if self.bet == "authorized":
            self.bet = "settled"
            self.held -= STAKE
            self.available += WIN
        return {"none": "BET_NOT_FOUND", "settled": "ok"}.get(self.bet, "INVALID_STATE")

    def _rollback(self) -> str:
        if self.bet == "none":
            self.bet = "tombstone"
        elif self.bet == "authorized":
            self.bet = "rolled back"
            self.held -= STAKE
            self.available += STAKE
        return "INVALID_STATE" if self.bet == "settled" else "ok"

    def _close(self) -> str:
        if self.round == "none":
            return "NOT_FOUND"
        if self.bet == "authorized":
            return "INVALID_STATE"
        self.round = "closed"
        return "ok"


class Order:
    """One order of messages, for a bet and a round of its own."""

    def __init__(self, name: str, kinds: tuple[str, ...], session_id: str) -> None:
        self.kinds = kinds
        self.model = Model()
        self._name = name
        self._session_id = session_id

    def play(self, unit: Unit, decisions: dict[str, Decision]) -> None:
        """Send every message; each answer is what the model says."""
        last: tuple[Command, Remembered] | None = None
        for place, kind in enumerate(self.kinds):
            if kind == "repeat":
                if last is not None:
                    self._repeat(unit, decisions, *last)
                continue
            command = self._command(kind, place)
            expected = self.model.expect(kind)
            answer = once(unit, command, decisions[command.operation])
            body = msgspec.json.decode(answer.body)
            found = "ok" if answer.status < 300 else body["code"]
            assert found == expected, (self.kinds, place, body)
            last = command, answer

    def _repeat(
        self, unit: Unit, decisions: dict[str, Decision], command: Command, answer: Remembered
    ) -> None:
        again = once(unit, command, decisions[command.operation])
        assert (again.status, again.body) == (answer.status, answer.body), self.kinds
        assert again.replayed, self.kinds

    def _command(self, kind: str, place: int) -> Command:
        bet_id, round_id = f"b-{self._name}", f"r-{self._name}"
        message: m.Message
        match kind:
            case "bet":
                stake = Money.of(STAKE, "EUR")
                message = m.AuthorizeBet(
                    session_id=self._session_id, bet_id=bet_id, round_id=round_id, amount=stake
                )
            case "win":
                message = m.SettleBet(bet_id=bet_id, round_id=round_id, win=Money.of(WIN, "EUR"))
            case "rollback":
                message = m.RollbackBet(bet_id=bet_id, round_id=round_id)
            case _:
                message = m.CloseRound(round_id=round_id, outcome="completed")
        key = f"{self._name}/{place}"
        return Command(caller=STUDIO, operation=OPERATION[kind], key=key, message=message)


def orders(session_id: str, length: int) -> Iterator[Order]:
    """Every order of so many messages; the shorter ones are their beginnings, and what begins with
    a repeat, of nothing, is one of the shorter ones."""
    for n, kinds in enumerate(product(KINDS, repeat=length)):
        if kinds[0] != "repeat":
            yield Order(str(n), kinds, session_id)


async def test_every_order_of_six_messages_about_one_bet() -> None:
    """Whatever order bet, win, rollback, close and repeats come in: the answer is the rule's, the
    repeat is the first answer byte for byte, nothing is accepted after its end, and the money is
    exact (WAL-06, WAL-20, WAL-25, WAL-41, WAL-42, WAL-44, WAL-47, WAL-60)."""
    async with sandbox() as box:
        session_id = await box.session()
        payment = {"payment_id": "much", "amount": {"amount": 1_000_000, "currency": "EUR"}}
        assert (await box.admin("POST", f"/players/{PLAYER}/fund", payment)).status == 200
        before = await box.balance()
        played = list(orders(session_id, LONGEST))
        assert await _play_all(box, played, _decisions(box)) == []
        available = before[0] + sum(order.model.available for order in played) / Decimal(100)
        held = sum(order.model.held for order in played) / Decimal(100)
        assert await box.balance() == (available, held)
        await box.require_sound()


@pytest.mark.parametrize("forgotten", ["tombstone", "end of the round"])
async def test_a_wallet_that_forgets_is_found(forgotten: str) -> None:
    """Negative control: without the tombstone, or with bets after a round's end, some order of
    three messages is answered otherwise (WAL-42, WAL-60)."""
    async with sandbox() as box:
        decisions = _decisions(box)
        if forgotten == "tombstone":
            decisions["rollbackBet"] = _forget_tombstone
        else:
            decisions["closeRound"] = _close_nothing
        played = list(orders(await box.session(), 3))
        assert await _play_all(box, played, decisions)


def _forget_tombstone(tx: Tx, ask: m.RollbackBet) -> Any:
    if tx.get(Bet, (tx.caller.tenant, ask.bet_id)) is None:
        return m.BetRolledBack(status="rolled_back", bet_id=ask.bet_id, round_id=ask.round_id)
    return bets.rollback_bet(tx, ask)


def _close_nothing(tx: Tx, ask: m.CloseRound) -> Any:
    return rounds.read_round(tx, m.ReadRound(round_id=ask.round_id))


def _decisions(box: Sandbox) -> dict[str, Decision]:
    routes = box.world.parties["wallet"].routes
    return {name: route.decision for name, route in routes.items() if route.decision is not None}


async def _play_all(box: Sandbox, played: list[Order], decisions: dict[str, Decision]) -> list[str]:
    """What was answered otherwise than the model says."""
    wrong: list[str] = []
    writer = box.world.parties["wallet"].writer
    for start in range(0, len(played), AT_ONCE):
        some = played[start : start + AT_ONCE]
        wrong += await writer.submit(partial(_play, orders=some, decisions=decisions))
    return wrong


def _play(unit: Unit, orders: list[Order], decisions: dict[str, Decision]) -> list[str]:
    wrong = []
    for order in orders:
        try:
            order.play(unit, decisions)
        except AssertionError as otherwise:
            wrong.append(str(otherwise))
    return wrong
