"""Several transactions in one call: a pair that happens whole or not at all, a batch of which each
item happens for itself. (WAL-29, WAL-62; part of `openapi/wallet.yaml`)
"""

from collections.abc import Generator
from typing import Any

from simulator.base.errors import Final, Problem
from simulator.store.flow import Decide, Step
from simulator.store.tx import Tx
from simulator.wallet import rollbacks
from simulator.wallet.credits import credit
from simulator.wallet.debits import debit, reserve
from simulator.wallet.profile import Profile
from simulator.wire import messages as m
from simulator.wire import wallet as w


def debit_and_credit(
    tx: Tx, ask: w.DebitAndCredit, *, profile: Profile
) -> w.DebitAndCreditAnswer | Final:
    """Both or none (WAL-29)."""
    for name in ("player_id", "round_id"):
        if getattr(ask.credit, name) != getattr(ask.debit, name):
            raise m.invalid(f"credit.{name}", "is not the debit's")
    taken = debit(tx, ask.debit, profile=profile)
    if isinstance(taken, Final):
        return taken
    paid = credit(tx, ask.credit, profile=profile)
    if isinstance(paid, Final):
        raise paid  # takes the debit back
    return w.DebitAndCreditAnswer(debit=taken, credit=paid)


def send_batch(ask: w.Batch, *, profile: Profile) -> Generator[Step, Any, w.BatchAnswer]:
    """Each item is a decision of its own: what is refused hinders no other (WAL-62)."""

    def happen(tx: Tx, item: w.BatchItem) -> w.Answer:
        answer: w.Answer = _decide(tx, item, profile)
        return answer

    answers = []
    for item in ask.items:
        try:
            done = yield Decide(happen, item)
            answers.append(w.ItemAnswer.done(done))
        except Problem as refusal:
            answers.append(w.ItemAnswer.refused(item.transaction_id, refusal))
    return w.BatchAnswer(items=answers)


def _decide(tx: Tx, item: w.BatchItem, profile: Profile) -> Any:
    """The answer, or a refusal, which the courier throws into the flow."""
    if item.debit:
        return debit(tx, item.debit, profile=profile)
    if item.credit:
        return credit(tx, item.credit, profile=profile)
    if item.reserve:
        return reserve(tx, item.reserve, profile=profile)
    if item.rollback:
        return rollbacks.rollback(tx, item.rollback, profile=profile)
    if item.release:
        return rollbacks.release(tx, item.release, profile=profile)
    raise RuntimeError("the contract lets no item through that is none of the five")
