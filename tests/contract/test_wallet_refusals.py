"""Every refusal that the contract of the wallet API shows is provoked once, on every operation that
shows it. A way to come about is a list of calls, of which the last one is refused."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from tests.contract.test_documented_refusals import Refusal, documented
from tests.contract.test_openapi import answers
from tests.server.tools import require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import HOUR_S, lock, pass_time, set_limit, wallet
from tests.wallet.txns import body, money, send

Step = tuple[str, Any]
"""A path below `/v1/wallet` and its body, or something else that happens (`_HAPPENS`)."""

Way = tuple[Step, ...]

STAKES = ("debitPlayer", "reserveFunds", "debitAndCredit")
PATH = {
    "debitPlayer": "debit",
    "reserveFunds": "reserve",
    "debitAndCredit": "debit-and-credit",
    "creditPlayer": "credit",
    "rollbackTransaction": "rollback",
    "releaseFunds": "release",
    "sendBatch": "batch",
    "makeDeposit": "deposits",
    "makeWithdrawal": "withdrawals",
    "closeWalletRound": "rounds/r-1/close",
}
ALL_THERE_IS = "100000000000.00"
"""As much as a balance may be, so nothing can be added to it."""
COMPLETED = {"outcome": "completed"}


def stake(name: str = "t-1", amount: str = "2.00", currency: str = "EUR", **more: Any) -> Any:
    """A debit or a reserve."""
    return body(name, amount=money(amount, currency), **more)


def win(name: str = "c-1", of: str | None = "t-1", **more: Any) -> Any:
    """A credit."""
    amount = money(more.pop("amount", "5.00"), more.pop("currency", "EUR"))
    return body(name, amount=amount, reason="win", debit_transaction_id=of, **more)


def undo(name: str = "x-1", of: str = "t-1", **more: Any) -> Any:
    """A rollback or a release."""
    return body(name, original_transaction_id=of, **more)


def pay(name: str = "p-1", amount: str = "5.00", currency: str = "EUR", **more: Any) -> Any:
    """A deposit or a withdrawal."""
    sent = {"payment_id": name, "player_id": "p_19f3", "amount": money(amount, currency)}
    return {**sent, **more}


DEBIT: Step = ("debit", stake())
RESERVE: Step = ("reserve", stake())
CREDIT: Step = ("credit", win())
UNDONE: Step = ("rollback", undo())
SPENT: Step = ("debit", stake("s-1", reserve_transaction_id="t-1"))
CLOSED: Way = (("debit", stake("other")), ("rounds/r-1/close", COMPLETED))
EXPIRED: Step = ("expired session", None)
"""What opens a session and lets its time pass; its id goes into the next step."""


def of_a_stake(operation: str) -> dict[tuple[str, str], Way]:
    """What may come of a stake, however it is taken."""
    path = PATH[operation]
    pair = operation == "debitAndCredit"

    def it(**more: Any) -> Step:
        sent = stake(**more)
        if not pair:
            return (path, sent)
        whose = {name: sent[name] for name in ("player_id", "round_id")}
        paid = win(of=None, currency=more.get("currency", "EUR"))
        return (path, {"debit": sent, "credit": {**paid, **whose}})

    first: Step = ("reserve" if operation == "reserveFunds" else "debit", stake())
    return {
        ("CURRENCY_MISMATCH", ""): (it(currency="USD"),),
        ("DUPLICATE", ""): (first, it(amount="3.00")),
        ("IDEMPOTENCY_MISMATCH", ""): (("key", "k-1"), it(), ("key", "k-1"), it(name="t-2")),
        ("INSUFFICIENT_FUNDS", ""): (it(amount="1000.01"),),
        ("INVALID_STATE", "rolled_back"): (first, UNDONE, it()),
        ("INVALID_STATE", "round_closed"): (*CLOSED, it()),
        ("INVALID_STATE", "session_expired"): (EXPIRED, it()),
        ("INVALID_STATE", "tombstone"): (UNDONE, it()),
        ("LIMIT_EXCEEDED", ""): (("limit", None), it()),
        ("NOT_FOUND", ""): (it(player="p_999"),),
        ("RG_BLOCK", "self_excluded"): (("excluded", None), it()),
    }


def pair_of(debit: str) -> Step:
    """A pair whose win names another debit than its own."""
    return ("debit-and-credit", {"debit": stake(), "credit": win(of=debit)})


def of_an_undoing(operation: str) -> dict[tuple[str, str], Way]:
    """What may come of a rollback or a release."""
    path = PATH[operation]
    first = RESERVE if operation == "releaseFunds" else DEBIT
    return {
        ("BET_NOT_FOUND", ""): (("profile", "strict-codes"), (path, undo())),
        ("CURRENCY_MISMATCH", ""): (first, (path, undo(amount=money("2.00", "USD")))),
        ("DUPLICATE", ""): (first, (path, undo()), (path, undo(of="t-2"))),
        ("IDEMPOTENCY_MISMATCH", ""): (
            ("key", "k-1"),
            (path, undo()),
            ("key", "k-1"),
            (path, undo("x-2")),
        ),
        ("INVALID_STATE", "player_mismatch"): (first, (path, undo(player="p_poor"))),
        ("INVALID_STATE", "round_closed"): (*CLOSED, (path, undo())),
        ("INVALID_STATE", "round_mismatch"): (first, (path, undo(round_id="r-2"))),
        ("INVALID_STATE", "spent"): (RESERVE, SPENT, (path, undo())),
        ("INVALID_STATE", "wrong_kind"): (DEBIT, UNDONE, (path, undo("x-2", of="x-1"))),
        ("NOT_FOUND", ""): ((path, undo(player="p_999")),),
    }


def of_a_payment(operation: str) -> dict[tuple[str, str], Way]:
    """What may come of a deposit or a withdrawal."""
    path = PATH[operation]
    return {
        ("CURRENCY_MISMATCH", ""): ((path, pay(currency="USD")),),
        ("DUPLICATE", ""): ((path, pay()), (path, pay(amount="6.00"))),
        ("IDEMPOTENCY_MISMATCH", ""): (
            ("key", "k-1"),
            (path, pay()),
            ("key", "k-1"),
            (path, pay("p-2")),
        ),
        ("LIMIT_EXCEEDED", ""): (("limit", None), (path, pay())),
        ("NOT_FOUND", ""): ((path, pay(player_id="p_999")),),
    }


WAYS: dict[str, dict[tuple[str, str], Way]] = {
    **{operation: of_a_stake(operation) for operation in STAKES},
    **{
        operation: of_an_undoing(operation) for operation in ("rollbackTransaction", "releaseFunds")
    },
    **{operation: of_a_payment(operation) for operation in ("makeDeposit", "makeWithdrawal")},
    "creditPlayer": {
        ("BET_NOT_FOUND", ""): (CREDIT,),
        ("CURRENCY_MISMATCH", ""): (DEBIT, ("credit", win(currency="USD"))),
        ("DUPLICATE", ""): (DEBIT, CREDIT, ("credit", win(amount="6.00"))),
        ("IDEMPOTENCY_MISMATCH", ""): (
            DEBIT,
            ("key", "k-1"),
            CREDIT,
            ("key", "k-1"),
            ("credit", win("c-2")),
        ),
        ("INVALID_STATE", "player_mismatch"): (
            DEBIT,
            ("credit", win(player="p_poor", round_id="r-2")),
        ),
        ("INVALID_STATE", "rolled_back"): (DEBIT, UNDONE, CREDIT),
        ("INVALID_STATE", "round_closed"): (*CLOSED, CREDIT),
        ("INVALID_STATE", "round_mismatch"): (
            DEBIT,
            ("debit", stake("t-2", round_id="r-2")),
            ("credit", win(round_id="r-2")),
        ),
        ("INVALID_STATE", "tombstone"): (("rollback", undo(of="c-1")), CREDIT),
        ("INVALID_STATE", "wrong_kind"): (RESERVE, CREDIT),
        ("LIMIT_EXCEEDED", ""): (DEBIT, ("credit", win(amount=ALL_THERE_IS))),
        ("NOT_FOUND", ""): (("credit", win(player="p_999")),),
    },
    "closeWalletRound": {
        ("IDEMPOTENCY_MISMATCH", ""): (
            DEBIT,
            ("key", "k-1"),
            ("rounds/r-1/close", COMPLETED),
            ("key", "k-1"),
            ("rounds/r-1/close", {"outcome": "cancelled"}),
        ),
        ("INVALID_STATE", "open_bets"): (RESERVE, ("rounds/r-1/close", COMPLETED)),
        ("INVALID_STATE", "round_closed"): (
            *CLOSED,
            ("rounds/r-1/close", {"outcome": "cancelled"}),
        ),
        ("INVALID_STATE", "settled_bets"): (DEBIT, ("rounds/r-1/close", {"outcome": "cancelled"})),
        ("NOT_FOUND", ""): (("rounds/r-1/close", COMPLETED),),
    },
    "sendBatch": {
        ("IDEMPOTENCY_MISMATCH", ""): (
            ("key", "k-1"),
            ("batch", {"items": [{"debit": stake()}]}),
            ("key", "k-1"),
            ("batch", {"items": [{"debit": stake("t-2")}]}),
        ),
    },
    "readBalance": {("NOT_FOUND", ""): (("GET", "players/p_999/balance"),)},
    "readTransaction": {("NOT_FOUND", ""): (("GET", "transactions/t-9"),)},
}
WAYS["debitPlayer"] |= {
    ("INVALID_STATE", "round_mismatch"): (
        RESERVE,
        ("debit", stake("s-1", round_id="r-2", reserve_transaction_id="t-1")),
    ),
    ("INVALID_STATE", "spent"): (
        RESERVE,
        SPENT,
        ("debit", stake("s-2", reserve_transaction_id="t-1")),
    ),
    ("INVALID_STATE", "wrong_kind"): (DEBIT, SPENT),
}
WAYS["debitAndCredit"] |= {
    ("BET_NOT_FOUND", ""): (pair_of("d-9"),),
    ("INVALID_STATE", "player_mismatch"): (
        ("debit", stake("o-1", amount="1.00", player="p_poor", round_id="r-2")),
        pair_of("o-1"),
    ),
    ("INVALID_STATE", "round_mismatch"): (
        ("debit", stake("o-1", round_id="r-2")),
        pair_of("o-1"),
    ),
}
del WAYS["reserveFunds"]["INVALID_STATE", "rolled_back"]
WAYS["rollbackTransaction"]["INVALID_STATE", "settled"] = (DEBIT, CREDIT, UNDONE)
WAYS["makeDeposit"]["RG_BLOCK", "self_excluded"] = (("excluded", None), ("deposits", pay()))
WAYS["makeWithdrawal"] |= {
    ("RG_BLOCK", "disabled"): (("disabled", None), ("withdrawals", pay())),
    ("INSUFFICIENT_FUNDS", ""): (("withdrawals", pay(amount="1000.01")),),
}

REFUSALS: dict[Refusal, Way] = {
    (operation, code, reason): way
    for operation, ways in WAYS.items()
    for (code, reason), way in ways.items()
}
"""Every refusal, and how it comes about."""

OUT_OF_REACH: set[Refusal] = {
    # Debits and reserves share their answers. A reserve refers to nothing that could be so, and
    # what takes it back has released it.
    ("reserveFunds", "INVALID_STATE", "round_mismatch"),
    ("reserveFunds", "INVALID_STATE", "spent"),
    ("reserveFunds", "INVALID_STATE", "wrong_kind"),
    ("reserveFunds", "INVALID_STATE", "rolled_back"),
}


async def _go(box: Sandbox, way: Way) -> list[Got]:
    """The answers of all calls of a way."""
    answered: list[Got] = []
    key = session = None
    for step, what in way:
        if step == "key":
            key = what
        elif step == "GET":
            answered.append(await box.call("GET", f"/v1/wallet/{what}"))
        elif step == EXPIRED[0]:
            session = await box.session()
            await pass_time(box, HOUR_S)
        elif step in _HAPPENS:
            await _HAPPENS[step](box)
        elif step != "profile":
            answered.append(await send(box, step, _in(session, what), key=key))
            key = None
    return answered


def _in(session: str | None, sent: Any) -> Any:
    """A stake in a session."""
    if session is None:
        return sent
    if "debit" in sent:
        return {**sent, "debit": {**sent["debit"], "session_id": session}}
    return {**sent, "session_id": session}


async def _limit_all(box: Sandbox) -> None:
    for limit in ("stake", "deposit", "withdrawal"):
        await set_limit(box, limit, 1)


_HAPPENS: dict[str, Callable[[Sandbox], Awaitable[None]]] = {
    "limit": _limit_all,
    "excluded": partial(lock, reason="self_excluded"),
    "disabled": partial(lock, reason="disabled"),
}


def test_the_table_is_complete() -> None:
    """What the contract shows and this table provokes is one list (PRV-26)."""
    assert set(REFUSALS) == documented("wallet") - OUT_OF_REACH
    assert documented("wallet") >= OUT_OF_REACH


_NOT_THERE = {"closeWalletRound": [{"round_id"}], "readTransaction": [{"transaction_id"}]}
"""What else is not there than the player of the one example that all operations share."""


def _shown(refusal: Refusal) -> list[set[str]]:
    """Which details the examples of a code and reason have; many answers are shared, and what they
    show is one of the things that it can be about."""
    return [
        set(value.get("details", {}))
        for contract in ("wallet", "platform")
        for _, _, _, _, value in answers(contract)
        if (value.get("code"), value.get("details", {}).get("reason", "")) == refusal[1:]
    ]


@pytest.mark.parametrize("refusal", REFUSALS, ids="-".join)
async def test_a_documented_refusal_comes_about(refusal: Refusal) -> None:
    """The wallet refuses as the contract shows: status, code, reason; and the books are sound
    afterwards (PRV-25, PRV-26)."""
    operation_id, code, reason = refusal
    (status,) = {
        status
        for operation, status, _, _, value in answers("wallet")
        if (operation, value.get("code")) == (operation_id, code) and status != "default"
    }
    way = REFUSALS[refusal]
    profile = next((what for step, what in way if step == "profile"), "reference")
    async with wallet(profile=profile) as box:
        *before, got = await _go(box, way)
        assert all(first.status == 200 for first in before), [first.body for first in before]
        require_problem(got, int(status), code)
        assert got.json["retryable"] is False
        details = got.json.get("details", {})
        assert details.get("reason", "") == reason
        assert set(details) in [*_shown(refusal), *_NOT_THERE.get(operation_id, ())], details
