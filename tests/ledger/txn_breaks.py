"""Ways to break the laws of the wallet API's transactions by hand, as `tests.ledger.breaks` does
for the others, and the transactions that they are broken on."""

from typing import Any

from tests.ledger.breaks import PLAIN_OP, Case, enter
from tests.support import Sandbox

PLAYER = {"player_id": "p_usd", "round_id": "r-6"}
USD = "(SELECT n FROM account WHERE owner = 'p_usd' AND kind = 'player')"
PURSE = "(SELECT n FROM account WHERE kind = 'clearing' AND currency = 'USD')"


async def play_transactions(box: Sandbox) -> None:
    """Debits won, lost, rolled back and barred, reserves spent, released and open, credits that no
    round has won; in dollars, of which the other books have none."""
    for name in ("won", "lost", "back", "back2"):
        await _do(box, "debit", name, amount=_usd(2))
    await _do(box, "credit", "win", amount=_usd(5), reason="win", debit_transaction_id="won")
    await _do(box, "credit", "no-win", amount=_usd(0), reason="win", debit_transaction_id="lost")
    for name in ("back", "back2", "never-came"):
        await _do(box, "rollback", f"undo-{name}", original_transaction_id=name)
    for name in ("kept", "freed", "held"):
        await _do(box, "reserve", name, amount=_usd(1))
    await _do(box, "debit", "spend", amount=_usd(1), reserve_transaction_id="kept")
    await _do(box, "release", "free", original_transaction_id="freed")
    await _do(box, "rollback", "undo-twice", original_transaction_id="back")
    await _do(box, "credit", "gift", amount=_usd(3), reason="promo")
    await _do(box, "credit", "mend", amount=_usd(1), reason="correction")
    await _do(box, "credit", "loose", amount=_usd(1), reason="win")
    for name in ("jp-held", "jp-paid", "jp-gone"):
        await _do_payout(box, "reserve", name)
    await _do_payout(box, "credit", "jp-paid")
    await _do_payout(box, "release", "jp-gone")


async def _do_payout(box: Sandbox, what: str, name: str) -> None:
    payout = {"jp_payout_id": name, "tenant_id": "brand-42", "pool_id": "grand-eu-01"}
    payout |= {"idempotency_key": f"{what}-{name}"}
    body = {**payout, "player_id": PLAYER["player_id"], "amount": _usd(4)}
    got = await box.call("POST", f"/v1/wallet/{what}", body)
    assert (got.status, got.json["status"]) == (200, "ok"), got.body


async def _do(box: Sandbox, what: str, name: str, **more: Any) -> None:
    body = {"transaction_id": name, **PLAYER, **more}
    got = await box.call("POST", f"/v1/wallet/{what}", body)
    assert got.status == 200, got.body


def _usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def _txn(name: str, column: str) -> str:
    return f"(SELECT {column} FROM txn WHERE transaction_id = '{name}')"


def _set(name: str, change: str) -> str:
    return f"UPDATE txn SET {change} WHERE transaction_id = '{name}'"


def _aside(name: str, change: str) -> str:
    return f"UPDATE set_aside SET {change} WHERE jp_payout_id = '{name}'"


TXN_CASES = (
    Case(
        "only a reversal overdraws",
        "without a reversal",
        ("UPDATE account SET overdraft = 5 WHERE owner = 'p_jpy'",),
        "p_jpy:JPY",
    ),
    Case(
        "a payout that is set aside is held until it is paid or released",
        "another amount",
        (_aside("jp-held", "amount = amount + 1"),),
        "payout jp-held",
    ),
    Case(
        "a payout that is set aside is held until it is paid or released",
        "let go, and nobody knows",
        (_aside("jp-gone", "status = 'held', closed_op = NULL"),),
        "payout jp-gone",
    ),
    Case(
        "a payout that is set aside is held until it is paid or released",
        "released instead of paid",
        (_aside("jp-paid", "status = 'released'"),),
        "payout jp-paid",
    ),
    Case(
        "a transaction moved its own amount",
        "moved by another operation",
        (f"UPDATE move SET op = {PLAIN_OP} WHERE n = {_txn('gift', 'cash_move')}",),
        "transaction gift",
    ),
    Case(
        "a transaction moved its own amount",
        "another amount",
        (_set("gift", "amount = amount + 1"),),
        "transaction gift",
    ),
    Case(
        "a transaction moved its own amount",
        "another kind of entry",
        (f"UPDATE move SET kind = 'reverse' WHERE n = {_txn('gift', 'cash_move')}",),
        "transaction gift",
    ),
    Case(
        "a rollback undoes exactly its original",
        "another one's entry",
        (
            (
                f"UPDATE move SET refers_to = {_txn('back', 'cash_move')} "
                f"WHERE n = {_txn('undo-back2', 'cash_move')}"
            ),
        ),
        "transaction undo-back2",
    ),
    Case(
        "what was undone has one rollback that moved",
        "none that moved",
        (_set("undo-back2", "cash_move = NULL"),),
        "transaction back2",
    ),
    Case(
        "a settled debit has its win and a spent reserve its debit",
        "a win of another debit",
        (_set("win", "original = 'nothing'"),),
        "transaction won",
    ),
    Case(
        "a settled debit has its win and a spent reserve its debit",
        "a debit of another reserve",
        (_set("spend", "original = 'nothing'"),),
        "transaction kept",
    ),
    Case(
        "every transaction has its event",
        "of a credit",
        (f"UPDATE op SET topic = 'wallet.lost' WHERE n = {_txn('gift', 'op')}",),
        "transaction gift",
    ),
    Case(
        "every transaction has its event",
        "of a rollback",
        (f"UPDATE op SET topic = 'bet.lost' WHERE n = {_txn('back', 'closed_op')}",),
        "transaction back",
    ),
    Case(
        "every transaction has its event",
        "of a tombstone",
        (f"UPDATE op SET topic = 'bet.lost' WHERE n = {_txn('never-came', 'closed_op')}",),
        "transaction never-came",
    ),
    Case(
        "every event tells of a change",
        "of a debit",
        (f"UPDATE op SET topic = 'wallet.debit.ok' WHERE n = {PLAIN_OP}",),
        "operation",
    ),
    Case(
        "an open bet's hold has not ended",
        "of a reserve",
        (enter("reverse", USD, PURSE, refers_to=_txn("held", "cash_move")),),
        "bet held",
    ),
    Case(
        "every settled bet has its capture and its win",
        "a reserve that was released after all",
        (
            (
                f"UPDATE move SET refers_to = {_txn('freed', 'cash_move')} "
                f"WHERE n = {_txn('spend', 'cash_move')}"
            ),
        ),
        "bet kept",
    ),
    *(
        Case(
            "a round's sums are those of its bets",
            f"{column} of transactions",
            (f"UPDATE round SET {column} = {column} + 1 WHERE round_id = 'r-6'",),
            "round r-6",
        )
        for column in ("bets", "settled", "loose_wins")
    ),
)
