"""The book against a model of a few integers: whatever is asked, in whatever order."""

from collections import Counter
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from simulator.base.errors import InsufficientFunds, LimitExceeded
from simulator.base.money import MAX_AMOUNT_MINOR
from simulator.ledger import book
from simulator.ledger.book import AccountKey, Entry
from simulator.ledger.reconcile import reconcile
from simulator.ledger.rows import Account
from simulator.store.unit import Unit
from tests.store.tools import commit, decision, open_unit

KEYS = {
    name: AccountKey("brand-42", kind, name, "EUR")
    for name, kind in {
        "ana": "player",
        "bob": "player",
        "house": "house",
        "bank": "funding",
    }.items()
}
PLAYERS = ("ana", "bob")

NAMES = st.sampled_from(sorted(KEYS))
PAIRS = st.tuples(NAMES, NAMES).filter(lambda pair: pair[0] != pair[1])
AMOUNTS = st.one_of(
    st.integers(0, 20),
    st.sampled_from([MAX_AMOUNT_MINOR // 2, MAX_AMOUNT_MINOR - 1, MAX_AMOUNT_MINOR]),
)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["post", "hold"]), PAIRS, AMOUNTS),
    # The number chooses among what there is to end or to reverse at that moment.
    st.tuples(st.sampled_from(["capture", "release", "reverse"]), st.integers(0, 9), st.just(0)),
    st.tuples(st.just("commit"), st.just(0), st.just(0)),
)


@dataclass
class Model:
    """Money that was spent or received, and money that is set aside; nothing else."""

    cash: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    holds: list[tuple[Entry, str, str, int]] = field(default_factory=list)
    posts: list[tuple[Entry, str, str, int]] = field(default_factory=list)

    def poor(self, payer: str, amount: int) -> bool:
        return payer in PLAYERS and self.cash[payer] - self.held[payer] < amount

    def full(self, payee: str, amount: int) -> bool:
        return payee in PLAYERS and self.cash[payee] + amount > MAX_AMOUNT_MINOR

    def pay(self, payer: str, payee: str, amount: int) -> None:
        self.cash[payer] -= amount
        self.cash[payee] += amount


class Game:
    """Plays each step in the book and in the model."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.model = Model()
        self.steps = 0

    def take(self, kind: str, payer: str, payee: str, amount: int) -> None:
        """Post or hold, refused exactly where the model says so."""
        model = self.model
        poor = model.poor(payer, amount)
        full = kind == "post" and not poor and model.full(payee, amount)
        entry: Entry | None = None
        try:
            with decision(self.unit, f"k{self.steps}") as tx:
                act = book.post if kind == "post" else book.hold
                entry = act(tx, KEYS[payer], KEYS[payee], amount)
        except InsufficientFunds:
            assert poor
        except LimitExceeded:
            assert full
        else:
            assert not poor
            assert not full
        if entry is None:
            return
        if kind == "post":
            model.pay(payer, payee, amount)
            model.posts.append((entry, payer, payee, amount))
        else:
            model.held[payer] += amount
            model.holds.append((entry, payer, payee, amount))

    def end(self, kind: str, choice: int) -> None:
        """Capture or release one of the open holds."""
        model = self.model
        if not model.holds:
            return
        entry, payer, payee, amount = model.holds.pop(choice % len(model.holds))
        with decision(self.unit, f"k{self.steps}") as tx:
            (book.capture if kind == "capture" else book.release)(tx, entry)
        model.held[payer] -= amount
        if kind == "capture":
            model.pay(payer, payee, amount)

    def reverse(self, choice: int) -> None:
        """Reverse one of the posts, where its payee can still pay it back."""
        model = self.model
        if not model.posts:
            return
        at = choice % len(model.posts)
        entry, payer, payee, amount = model.posts[at]
        refused = model.poor(payee, amount) or model.full(payer, amount)
        try:
            with decision(self.unit, f"k{self.steps}") as tx:
                book.reverse(tx, entry)
        except (InsufficientFunds, LimitExceeded):
            assert refused
            return
        assert not refused
        del model.posts[at]
        model.pay(payee, payer, amount)

    def compare(self) -> None:
        """Every account shows what the model has, and no player is below zero (WAL-11)."""
        for name, key in KEYS.items():
            account = self.unit.get(Account, key)
            available, held = (account.available, account.pending_debits) if account else (0, 0)
            assert held == self.model.held[name]
            assert available + held == self.model.cash[name]
            assert name not in PLAYERS or available >= 0
        assert sum(self.model.cash.values()) == 0


@given(steps=st.lists(STEPS, max_size=40))
def test_any_sequence_agrees_with_the_model(
    steps: list[tuple[str, tuple[str, str] | int, int]],
) -> None:
    """available + held of every account is what a few integers say after each step, whatever is
    refused in between and wherever a batch ends; and the laws of the book hold. (WAL-01, WAL-02,
    WAL-11, WAL-40, SBX-11)"""
    game = Game(open_unit())
    for kind, what, amount in steps:
        game.steps += 1
        if isinstance(what, tuple):
            game.take(kind, *what, amount)
        elif kind == "commit":
            commit(game.unit)
        elif kind == "reverse":
            game.reverse(what)
        else:
            game.end(kind, what)
        game.compare()
    commit(game.unit)
    game.unit.forget()
    game.compare()
    assert reconcile(game.unit.database, (), ()).breaks == []
    game.unit.database.close()
