"""Funds against a model of a few integers: cash first, then bonus, and the split is kept."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.errors import InsufficientFunds
from simulator.ledger import book
from simulator.ledger.book import AccountKey
from simulator.ledger.reconcile import reconcile
from simulator.ledger.rows import Account
from simulator.store.unit import Unit
from simulator.wallet import funds, transactions
from simulator.wallet.funds import Stake
from tests.store.tools import CALLER, commit, decision, open_unit

PURSE = AccountKey(CALLER.tenant, "clearing", "brand-42/studio", "EUR")
PROMO = AccountKey(CALLER.tenant, "promo", "brand-42", "EUR")
ANA = ("ana", "EUR")

AMOUNTS = st.integers(0, 40)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["hold", "debit", "cash", "bonus"]), AMOUNTS),
    # The number chooses among the stakes that there are, and for a win it is what is won too.
    st.tuples(st.sampled_from(["win", "release", "refund", "refund win"]), st.integers(0, 200)),
)


@dataclass
class Model:
    """What there is in each bucket; stakes by their parts."""

    cash: int = 0
    bonus: int = 0
    held: list[tuple[Stake, int, int]] = field(default_factory=list)
    spent: list[tuple[Stake, int, int]] = field(default_factory=list)
    won: list[tuple[Stake, int, int]] = field(default_factory=list)


class Play:
    """Plays each step with the funds and with the model."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.model = Model()
        self.steps = 0
        with self.decision():  # from here on there is a caller, in whose tenant balances are read
            pass

    def decision(self) -> AbstractContextManager[Unit]:
        """The transaction of this step."""
        return decision(self.unit, f"k{self.steps}")

    def take(self, kind: str, amount: int) -> None:
        """A stake takes the cash first; both buckets together are all there is (WAL-04)."""
        model = self.model
        part = min(amount, model.cash)
        act = funds.hold if kind == "hold" else funds.debit
        if amount > model.cash + model.bonus:
            with pytest.raises(InsufficientFunds) as refused, self.decision() as tx:
                act(tx, *ANA, amount, PURSE)
            told = refused.value.details["balance"]
            assert told.available.minor == model.cash + model.bonus
            return
        with self.decision() as tx:
            stake = act(tx, *ANA, amount, PURSE)
        rest = amount - part
        assert (stake.amount_minor, stake.bonus_minor) == (amount, rest)
        assert (stake.bonus is None) == (rest == 0)
        model.cash -= part
        model.bonus -= rest
        (model.held if kind == "hold" else model.spent).append((stake, part, rest))

    def give(self, kind: str, amount: int) -> None:
        """Money from outside is cash, a bonus is a bonus."""
        with self.decision() as tx:
            if kind == "cash":
                funds.credit(tx, *ANA, amount, PURSE)
                self.model.cash += amount
            else:
                funds.grant(tx, *ANA, amount, PROMO)
                self.model.bonus += amount

    def end(self, kind: str, choice: int) -> None:
        """A stake ends in the buckets that it came from (WAL-40); a win follows its stake."""
        model = self.model
        among = {"win": model.held, "release": model.held, "refund": model.spent}.get(
            kind, model.won
        )
        if not among:
            return
        stake, part, rest = among[choice % len(among)]
        if kind == "refund win" and (part > model.cash or rest > model.bonus):
            return
        among.remove((stake, part, rest))
        with self.decision() as tx:
            if kind == "win":
                funds.capture(tx, stake)
                won = funds.credit(tx, *ANA, choice, PURSE, like=stake)
                to_bonus = choice * rest // (part + rest) if rest else 0
                model.won.append((won, choice - to_bonus, to_bonus))
                model.cash += choice - to_bonus
                model.bonus += to_bonus
            elif kind == "refund win":
                transactions.each(tx, stake, book.reverse)
                model.cash -= part
                model.bonus -= rest
            else:
                back = book.release if kind == "release" else book.reverse
                transactions.each(tx, stake, back)
                model.cash += part
                model.bonus += rest

    def compare(self) -> None:
        """Each bucket has what the model says, also as it is answered."""
        model = self.model
        shown = funds.balance(self.unit, *ANA)
        held = sum(part + rest for _, part, rest in model.held)
        told = [getattr(shown, name).minor for name in ("available", "held", "cash", "bonus")]
        assert told == [model.cash + model.bonus, held, model.cash, model.bonus]
        total = funds.total(self.unit, *ANA)
        assert (total.available, total.held) == (shown.available, shown.held)


@given(steps=st.lists(STEPS, max_size=40))
def test_any_sequence_agrees_with_the_model(steps: list[tuple[str, Any]]) -> None:
    """Cash and bonus are what a few integers say after each step; stakes end in the buckets they
    were taken from, in whatever order; wins are shared as their stakes were, to the last cent.
    (WAL-02, WAL-04, WAL-11, WAL-40)"""
    play = Play(open_unit())
    for kind, amount in steps:
        play.steps += 1
        if kind in ("hold", "debit"):
            play.take(kind, amount)
        elif kind in ("cash", "bonus"):
            play.give(kind, amount)
        else:
            play.end(kind, amount)
        play.compare()
    commit(play.unit)
    play.unit.forget()
    play.compare()
    assert reconcile(play.unit.database, (), ()).breaks == []
    play.unit.database.close()


def test_a_player_without_a_bonus_has_one_account() -> None:
    """Stakes, wins and balances look for a bonus and make no account for it; the other side of each
    entry is the purse alone."""
    unit = open_unit()
    with decision(unit, "k1") as tx:
        funds.credit(tx, *ANA, 100, PURSE)
        stake = funds.hold(tx, *ANA, 40, PURSE)
        funds.capture(tx, stake)
        funds.credit(tx, *ANA, 10, PURSE, like=stake)
        assert funds.balance(tx, *ANA).bonus.minor == 0
        assert funds.restore(tx, "ana", PURSE, amount_minor=40, move=stake.cash.move) == stake
    commit(unit)
    kinds = unit.database.rows("SELECT kind FROM account ORDER BY kind")
    assert kinds == [("clearing",), ("player",)]
    assert unit.get(Account, AccountKey(CALLER.tenant, "bonus", *ANA)) is None
    unit.database.close()
