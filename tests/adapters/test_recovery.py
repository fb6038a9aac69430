"""Ending what a lost answer left open."""

import pytest

from simulator.adapters import recovery
from simulator.adapters.transport import ReplyLost
from simulator.base.errors import InsufficientFunds
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from simulator.wire.messages import BetAuthorized, BetRolledBack, Money, SettleBet
from tests.adapters.fakes import BET, FakeTransport, Wallet, client_of, ok, problem


class Deaf:
    """Loses every answer to an authorize; a rollback is answered at its `n`th attempt."""

    def __init__(self, *, arrived: bool, n: int) -> None:
        self.arrived = arrived
        self.n = n
        self.transport = FakeTransport(self._answer)

    def _answer(self, call: Call) -> Reply:
        if call.target.endswith("/authorize"):
            raise ReplyLost("time-out")
        self.n -= 1
        if self.n:
            return problem(425, "IN_PROGRESS", retryable=True, retry_after="1")
        ended = {"status": "rolled_back", "bet_id": "b_1", "round_id": "r_1"}
        return ok(json.encode(ended if self.arrived else ended | {"tombstone": True}))


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_bet_that_stays_unknown_is_undone(arrived: bool) -> None:
    """It ends released or tombstoned, however long the other side takes (WAL-44, WAL-75)."""
    deaf = Deaf(arrived=arrived, n=20)
    client = client_of(deaf.transport)
    ended = await recovery.authorize_or_undo(client, BET, key="bet", undo_key="undo")
    assert isinstance(ended.answer, BetRolledBack)
    assert ended.answer.tombstone is not arrived
    keys = [call.headers["X-Idempotency-Key"] for call in deaf.transport.calls]
    assert keys == ["bet"] * 4 + ["undo"] * 20


async def test_a_bet_that_is_answered_stands() -> None:
    """A lost answer that the retries recover is no reason to roll back."""
    wallet = Wallet(["lost after", "cut"])
    ended = await recovery.authorize_or_undo(
        client_of(wallet.transport), BET, key="bet", undo_key="undo"
    )
    assert isinstance(ended.answer, BetAuthorized)
    assert set(wallet.keys) == {"bet"}


async def test_a_refused_bet_is_not_rolled_back() -> None:
    """After INSUFFICIENT_FUNDS nothing more is sent (WAL-03)."""
    transport = FakeTransport(lambda _: problem(422, "INSUFFICIENT_FUNDS"))
    with pytest.raises(InsufficientFunds):
        await recovery.authorize_or_undo(client_of(transport), BET, key="b", undo_key="u")
    assert len(transport.calls) == 1


async def test_a_win_is_retried_until_it_lands() -> None:
    """Fifty failures later it is the same key, and never a cancellation (WAL-26)."""
    left = [50]
    settled = {
        "status": "credited",
        "bet_id": "b_1",
        "round_id": "r_1",
        "settlement_id": "st_1",
        "balance": {
            "available": {"amount": 1, "currency": "EUR"},
            "held": {"amount": 0, "currency": "EUR"},
        },
    }

    def answer(_: Call) -> Reply:
        left[0] -= 1
        return problem(503, "UNAVAILABLE", retryable=True) if left[0] else ok(json.encode(settled))

    transport = FakeTransport(answer)
    win = SettleBet(bet_id="b_1", round_id="r_1", win=Money.of(5, "EUR"))
    await recovery.settle(client_of(transport), win, key="w")
    assert {call.headers["X-Idempotency-Key"] for call in transport.calls} == {"w"}
    assert {call.target for call in transport.calls} == {"/v1/bets/settle"}
    assert len(transport.calls) == 50
