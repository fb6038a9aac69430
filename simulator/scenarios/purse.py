"""What each player should have: a few integers, fed with nothing but what was acknowledged.

A deed (a bet authorised, a transaction) moves money once, however often it was sent. A deed that
was sent and never acknowledged may have happened, once; what was refused for good has not (WAL-72).
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from simulator.base.money import MoneyError, from_minor, to_minor
from simulator.scenarios.asking import Heard

Deed = tuple[str, str]
NOT_DONE = frozenset({"INSUFFICIENT_FUNDS", "RG_BLOCK", "LIMIT_EXCEEDED", "CURRENCY_MISMATCH"})
"""Refusals that are remembered under a key: the deed has not happened, whatever came before."""

MAYBE_AT_MOST = 12
"""Deeds whose outcome is unknown, of one player: 4 096 ways in which they may have gone."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a deed moves, in minor units of the player's currency."""

    player: str
    available: int = 0
    held: int = 0


@dataclass(slots=True)
class Purse:
    """A player's money at the start."""

    currency: str
    available: int
    held: int


@dataclass
class Purses:
    """Every player's, and what was done."""

    purses: dict[str, Purse] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    """Session → player."""
    done: dict[Deed, Move] = field(default_factory=dict)
    maybe: dict[Deed, Move] = field(default_factory=dict)
    unknown_to: set[str] = field(default_factory=set)
    """Operations that moved money in a way that this model does not know."""
    _sent: dict[Deed, Move] = field(default_factory=dict)

    def copy(self) -> "Purses":
        """The same, to go back to."""
        return Purses(
            dict(self.purses), dict(self.sessions), dict(self.done), dict(self.maybe),
            set(self.unknown_to), dict(self._sent),
        )  # fmt: skip

    def heard(self, heard: Heard) -> None:
        """Take note of what a call has done."""
        name, values = heard.operation.name, heard.values
        if name in IGNORED or heard.operation.method == "GET":
            return
        reading = READINGS.get(name)
        if reading is None:
            if heard.operation.party in ("wallet", "play"):
                self.unknown_to.add(name)
            return
        try:
            for deed, move in reading(self, heard, values):
                self._note(deed, move, heard)
        except (MoneyError, ArithmeticError, LookupError, TypeError, ValueError):
            # It was wrong on purpose. Nobody knows what it moves, if anybody has taken it.
            if 200 <= heard.status < 300 or heard.doubted:
                self.unknown_to.add(f"{name} of what cannot be read")

    def allowed(self, player: str) -> set[tuple[int, int]]:
        """Every pair of available and held that the player may have now."""
        purse = self.purses[player]
        done = [move for move in self.done.values() if move.player == player]
        maybe = [move for move in self.maybe.values() if move.player == player]
        available = purse.available + sum(move.available for move in done)
        held = purse.held + sum(move.held for move in done)
        found = set()
        for taken in itertools.product((False, True), repeat=min(len(maybe), MAYBE_AT_MOST)):
            some = [move for move, was in zip(maybe, taken, strict=False) if was]
            found.add(
                (
                    available + sum(move.available for move in some),
                    held + sum(move.held for move in some),
                )
            )
        return found

    def show(self, player: str, pair: tuple[int, int]) -> str:
        """`48.00 EUR and 2.00 held`."""
        currency = self.purses[player].currency
        available, held = (from_minor(minor, currency) for minor in pair)
        return f"{available} {currency} and {held} held"

    def _surely(self, deed: Deed, heard: Heard) -> None:
        """What was acknowledged of a deed shows that the deed itself has happened."""
        if 200 <= heard.status < 300 and deed in self.maybe:
            self.done[deed] = self.maybe.pop(deed)

    def _note(self, deed: Deed, move: Move, heard: Heard) -> None:
        if deed in self.done:
            return
        if 200 <= heard.status < 300:
            self.done[deed] = move
            self.maybe.pop(deed, None)
        elif heard.code in NOT_DONE:
            self.maybe.pop(deed, None)
        elif heard.doubted:
            self.maybe[deed] = move


Reading = Callable[[Purses, Heard, Mapping[str, Any]], Iterator[tuple[Deed, Move]]]


def minor_of(value: Any) -> int:
    """Minor units of money as the wire has it."""
    return to_minor(Decimal(value["amount"]), value["currency"])


def _authorize(self: Purses, _heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    player = self.sessions.get(str(values.get("session_id")), "")
    if player in self.purses:
        stake = minor_of(values["amount"])
        move = Move(player, -stake, stake)
        self._sent[("bet", str(values["bet_id"]))] = move
        yield ("bet", str(values["bet_id"])), move


def _settle(self: Purses, heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    bet = self._sent.get(("bet", str(values["bet_id"])))
    if bet is not None:
        self._surely(("bet", str(values["bet_id"])), heard)
        yield ("end", str(values["bet_id"])), Move(bet.player, minor_of(values["win"]), -bet.held)


def _rollback(self: Purses, heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    bet = self._sent.get(("bet", str(values["bet_id"])))
    body = heard.body
    if bet is None:
        return
    if isinstance(body, dict) and body.get("tombstone"):
        self.maybe.pop(("bet", str(values["bet_id"])), None)
        return
    self._surely(("bet", str(values["bet_id"])), heard)
    yield ("end", str(values["bet_id"])), Move(bet.player, bet.held, -bet.held)


def _debit(self: Purses, _heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    if values.get("player_id") not in self.purses:
        return
    if values.get("reserve_transaction_id"):
        self.unknown_to.add("debitPlayer of a reserve")
        return
    move = Move(str(values["player_id"]), -minor_of(values["amount"]))
    self._sent[("txn", str(values["transaction_id"]))] = move
    yield ("txn", str(values["transaction_id"])), move


def _credit(self: Purses, heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    body = heard.body
    if isinstance(body, dict) and body.get("status") == "failed":
        return
    if values.get("player_id") in self.purses:
        name = str(values.get("transaction_id") or values.get("jp_payout_id"))
        move = Move(str(values["player_id"]), minor_of(values["amount"]))
        self._sent[("txn", name)] = move
        yield ("txn", name), move


def _both(self: Purses, heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    yield from _debit(self, heard, values["debit"])
    yield from _credit(self, heard, values["credit"])


def _undo(self: Purses, heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    original = ("txn", str(values["original_transaction_id"]))
    body = heard.body
    if isinstance(body, dict) and body.get("tombstone"):
        self.maybe.pop(original, None)
        return
    move = self._sent.get(original)
    if move is not None:
        self._surely(original, heard)
        yield ("undone", original[1]), Move(move.player, -move.available, -move.held)


def _deposit(self: Purses, _heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    if values.get("player_id") in self.purses:
        name = str(values.get("payment_id") or values.get("transaction_id"))
        yield ("payment", name), Move(str(values["player_id"]), minor_of(values["amount"]))


def _withdraw(self: Purses, heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    for deed, move in _deposit(self, heard, values):
        yield deed, Move(move.player, -move.available)


def _round(self: Purses, heard: Heard, values: Mapping[str, Any]) -> Iterator[Any]:
    """A round of play moves what its answer says; without an answer nobody knows the win."""
    body = heard.body
    if not isinstance(body, dict) or "status" not in body or "round_id" not in body:
        if heard.doubted:
            self.unknown_to.add(f"the round {values.get('round_id')}, never answered")
        return
    self.unknown_to.discard(f"the round {values.get('round_id')}, never answered")
    player = str(body.get("player_id"))
    if player in self.purses and body["status"] == "completed":
        stake = 0 if body.get("spin_type") in ("free", "tournament") else minor_of(body["stake"])
        win = minor_of(body["win"]) if body.get("win") else 0
        yield ("round", str(body["round_id"])), Move(player, win - stake)
    elif body["status"] == "open":
        self.unknown_to.add(f"the round {body['round_id']}, still open")


READINGS: Mapping[str, Reading] = {
    "authorizeBet": _authorize,
    "settleBet": _settle,
    "rollbackBet": _rollback,
    "debitPlayer": _debit,
    "creditPlayer": _credit,
    "debitAndCredit": _both,
    "rollbackTransaction": _undo,
    "fundPlayer": _deposit,
    "makeDeposit": _deposit,
    "makeWithdrawal": _withdraw,
    "playRound": _round,
}
"""What each operation moves."""

IGNORED = frozenset(
    {
        "createSession",
        "endSession",
        "acknowledgeRealityCheck",
        "launchSession",
        "startRound",
        "closeRound",
        "closeWalletRound",
        "openPlaySession",
        "endPlaySession",
        "reconnectPlaySession",
        "acknowledgePlaySession",
    }
)
"""Writes that move no money."""
