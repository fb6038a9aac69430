"""Several transactions in one call: pairs whole or not at all, batches item by item; and the lists
in which all of them are found again."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.server.tools import count, require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import eur, lock, pass_time, wallet
from tests.wallet.txns import (
    amounts,
    balance,
    body,
    close,
    credit,
    debit,
    events,
    money,
    no_money_moves,
    rollback,
    send,
    transaction,
)


def pair(
    stake: Any = "2.00", win: Any = "6.00", *, win_fields: dict[str, Any] | None = None
) -> dict[str, Any]:
    """A debit and its win."""
    fields: dict[str, Any] = {"amount": money(win), "debit_transaction_id": "d-1", "reason": "win"}
    return {
        "debit": body("d-1", amount=money(stake)),
        "credit": {**body("c-1", **fields), **(win_fields or {})},
    }


async def both(box: Sandbox, sent: Any, **how: Any) -> Got:
    return await send(box, "debit-and-credit", sent, **how)


async def batch(box: Sandbox, *items: dict[str, Any], **how: Any) -> Got:
    return await send(box, "batch", {"items": list(items)}, **how)


def stake(name: str, amount: Any = "1.00", **fields: Any) -> dict[str, Any]:
    return {"debit": body(name, amount=money(amount), **fields)}


async def _available(box: Sandbox) -> Any:
    return (await balance(box))["available"]


# Pairs -------------------------------------------------------------------------------------------


async def test_a_pair_happens_whole() -> None:
    """Each part is the transaction that it would be alone: answered, told of, found (WAL-29)."""
    async with wallet() as box:
        got = await both(box, pair())
        assert got.status == 200
        assert amounts(got.json["debit"])["available"] == eur("998.00")
        assert amounts(got.json["credit"])["available"] == eur("1004.00")
        assert await _available(box) == eur("1004.00")
        assert (await transaction(box, "d-1"))["status"] == "settled"
        assert len(await events(box, "wallet.debit.ok")) == 1
        assert len(await events(box, "wallet.credit.ok")) == 1
        assert (await debit(box, amount="2.00")).json == got.json["debit"]


async def test_a_pair_of_bonus_money_tells_of_both_parts() -> None:
    """The bonus has events of its own in between, and the books know whose each event is
    (WAL-29, WAL-40)."""
    async with wallet() as box:
        given = {"bonus_id": "bo-1", "player_id": "p_poor", "amount": money(10)}
        assert (await box.call("POST", "/v1/bonuses", given)).status == 201
        for n in range(2):
            sent = pair("3.00", "1.00")
            for part in sent.values():
                part["player_id"] = "p_poor"
                part["transaction_id"] += f"-{n}"
            sent["credit"]["debit_transaction_id"] += f"-{n}"
            assert (await both(box, sent)).status == 200
        assert len(await events(box, "wallet.debit.ok")) == 2
        assert len(await events(box, "wallet.credit.ok")) == 2


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"win_fields": {"debit_transaction_id": "d-9"}}, 404, "BET_NOT_FOUND"),
        ({"win_fields": {"transaction_id": "c-0"}}, 409, "DUPLICATE"),
        ({"win_fields": {"amount": money(6, "USD")}}, 422, "CURRENCY_MISMATCH"),
        ({"win_fields": {"player_id": "p_poor"}}, 400, "VALIDATION_FAILED"),
        ({"win_fields": {"round_id": "r-2"}}, 400, "VALIDATION_FAILED"),
        ({"win_fields": {"amount": money(-1)}}, 400, "VALIDATION_FAILED"),
        ({"win": 10**11}, 422, "LIMIT_EXCEEDED"),
        ({"stake": "1000.01"}, 422, "INSUFFICIENT_FUNDS"),
    ],
)
async def test_a_pair_of_which_one_part_is_refused_does_not_happen(
    change: dict[str, Any], status: int, code: str
) -> None:
    """Whichever part it is, and also where the win alone would bring the money: no entry, no
    transaction, no round, and the same key says so again (WAL-29)."""
    async with wallet() as box:
        await credit(box, "c-0", of=None, reason="promo", round_id="r-0", amount="0.00")
        async with no_money_moves(box):
            got = await both(box, pair(**change), key="k-1")
            require_problem(got, status, code)
            again = await both(box, pair(**change), key="k-1")
            assert (again.status, again.body) == (status, got.body)
        require_problem(await box.call("GET", "/v1/rounds/r-1"), 404, "NOT_FOUND")
        assert not await events(box, "wallet.debit.ok")


async def test_the_win_of_a_pair_does_not_pay_its_stake() -> None:
    """A stake of more than there is, is refused, however much it would win (WAL-11, WAL-29)."""
    async with wallet() as box, no_money_moves(box):
        got = await both(box, pair("1000.01", "5000.00"))
        require_problem(got, 422, "INSUFFICIENT_FUNDS")


async def test_a_repeated_pair_happens_once() -> None:
    """Copies under their own keys; and a pair of which the debit came alone before applies its win
    (WAL-08, WAL-29)."""
    async with wallet() as box:
        assert (await debit(box)).status == 200
        answers = await asyncio.gather(*(both(box, pair(), key=f"k-{n}") for n in range(16)))
        assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
        assert await _available(box) == eur("1004.00")
        assert (count(box, "txn"), len(await events(box, "wallet.credit.ok"))) == (2, 1)


# Batches -----------------------------------------------------------------------------------------


async def test_each_item_of_a_batch_is_answered_for_itself() -> None:
    """All five kinds in their order; what is refused says why and hinders no other; a later item
    sees what an earlier one has done (WAL-62)."""
    async with wallet() as box:
        win: dict[str, Any] = {
            "amount": money("3.00"),
            "debit_transaction_id": "d-1",
            "reason": "win",
        }
        got = await batch(
            box,
            stake("d-1"),
            stake("d-2", "1000.01"),
            {"credit": body("c-1", **win)},
            {"reserve": body("h-1", amount=money("2.00"))},
            {"release": body("x-1", original_transaction_id="h-1")},
            stake("d-3", "4.00"),
            {"rollback": body("x-2", original_transaction_id="d-3")},
            {"rollback": body("x-3", original_transaction_id="d-1")},
            {"rollback": body("x-4", original_transaction_id="d-9")},
            stake("d-3", "5.00"),
        )
        assert got.status == 200
        items = got.json["items"]
        assert [item["transaction_id"] for item in items] == [
            *("d-1", "d-2", "c-1", "h-1", "x-1", "d-3", "x-2", "x-3", "x-4", "d-3")
        ]
        assert [item.get("error", {}).get("code") for item in items] == [
            *(None, "INSUFFICIENT_FUNDS", None, None, None, None, None),
            *("INVALID_STATE", None, "DUPLICATE"),
        ]
        assert [item["status"] == "ok" for item in items] == ["error" not in item for item in items]
        assert items[1]["error"]["details"]["balance"]["available"]["amount"] == eur("999.00")
        assert items[1]["error"]["retryable"] is False
        assert items[7]["error"]["details"]["reason"] == "settled"
        assert items[8]["tombstone"] is True
        shown = [amounts(item)["available"] for item in items if "balance" in item]
        assert shown == [
            Decimal(text) for text in ("999", "1002", "1000", "1002", "998", "1002", "1002")
        ]
        assert await _available(box) == eur("1002.00")
        assert len(await events(box, "wallet.debit.failed")) == 2


async def test_a_partly_repeated_batch_applies_what_is_new() -> None:
    """The old items are answered as before, the new ones happen: 2 of 4, and no more (WAL-62)."""
    async with wallet() as box:
        first = (await batch(box, stake("d-1"), stake("d-2"))).json["items"]
        got = await batch(box, stake("d-3"), stake("d-1"), stake("d-4"), stake("d-2"))
        items = got.json["items"]
        assert [items[1], items[3]] == first
        assert amounts(items[0])["available"] == eur("997.00")
        assert amounts(items[2])["available"] == eur("996.00")
        assert await _available(box) == eur("996.00")
        assert (await debit(box, "d-3", "1.00")).json == {
            name: value for name, value in items[0].items() if name != "error"
        }


async def test_a_repeated_batch_is_answered_the_same_bytes() -> None:
    """Under the same key, months later; with other items under it, a mismatch (PRV-30, PRV-31,
    WAL-74)."""
    async with wallet() as box:
        first = await batch(box, stake("d-1"), stake("d-2", "1000.01"), key="k-1")
        await pass_time(box, 100 * 24 * 3_600)
        async with no_money_moves(box):
            again = await batch(box, stake("d-1"), stake("d-2", "1000.01"), key="k-1")
            assert (again.body, again.replayed) == (first.body, True)
            got = await batch(box, stake("d-1"), key="k-1")
            require_problem(got, 409, "IDEMPOTENCY_MISMATCH")


async def test_one_item_twice_in_a_batch_happens_once() -> None:
    """The second is a repeat of the first (WAL-08, WAL-62)."""
    async with wallet() as box:
        items = (await batch(box, stake("d-1"), stake("d-1"), stake("d-1"))).json["items"]
        assert items == [items[0]] * 3
        assert await _available(box) == eur("999.00")


async def test_overlapping_batches_in_parallel_apply_each_item_once() -> None:
    """16 batches of 4 items out of 8, at once (WAL-10, WAL-62)."""
    async with wallet() as box:
        answers = await asyncio.gather(
            *(batch(box, *(stake(f"d-{(n + at) % 8}") for at in range(4))) for n in range(16))
        )
        assert {item["status"] for got in answers for item in got.json["items"]} == {"ok"}
        assert await _available(box) == eur("992.00")
        assert count(box, "txn") == 8


async def test_a_batch_in_parallel_with_itself_is_in_progress_or_the_same() -> None:
    """Copies under one key: 425 while the first is under way, its bytes afterwards (WAL-10)."""
    async with wallet() as box:
        sent = [stake(f"d-{n}") for n in range(5)]
        answers = await asyncio.gather(*(batch(box, *sent, key="k-1") for _ in range(8)))
        assert {got.status for got in answers} == {200, 425}
        later = await batch(box, *sent, key="k-1")
        assert {got.body for got in answers if got.status == 200} == {later.body}
        assert await _available(box) == eur("995.00")


async def test_a_lock_in_the_middle_of_a_batch_is_each_items_own() -> None:
    """A locked player's debits fail, wins and rollbacks land (WAL-13, WAL-28, WAL-62)."""
    async with wallet() as box:
        await debit(box)
        await lock(box, "disabled")
        promo = {"credit": body("c-1", amount=money(1), reason="promo")}
        undo = {"rollback": body("x-1", original_transaction_id="d-1")}
        items = (await batch(box, stake("d-2"), promo, undo)).json["items"]
        assert [item["status"] for item in items] == ["failed", "ok", "ok"]


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([], "items"),
        ([stake(f"d-{n}") for n in range(101)], "items"),
        ([stake("d-1"), {}], "items.1"),
        ([{**stake("d-1"), "rollback": body("x-1", original_transaction_id="d-0")}], "items.0"),
        ([stake("d-1"), stake("d-2", -1)], "items.1.debit.amount.amount"),
        ([stake("d-1"), stake("d-2", "0.001")], "items.1.debit.amount"),
        ([stake("d-1"), {"debit": body("d-2")}], "items.1.debit.amount"),
    ],
)
async def test_a_malformed_batch_does_not_begin(items: list[Any], field: str) -> None:
    """No item, too many, one that is none or two, one that is wrong: 400 naming it, and not even
    the good ones happen (WAL-62, WAL-77)."""
    async with wallet() as box, no_money_moves(box):
        got = await batch(box, *items)
        require_problem(got, 400, "VALIDATION_FAILED")
        named = got.json["details"]["errors"][0]["field"].replace("[", ".").replace("]", "")
        assert named.startswith(field), named


async def test_a_batch_outlives_its_server(tmp_path: Path) -> None:
    """What a batch has done is there after a restart, and its key is answered the same bytes
    (WAL-06, WAL-62)."""
    async with wallet(tmp_path) as box:
        first = await batch(box, stake("d-1"), stake("d-2"), key="k-1")
    async with wallet(tmp_path) as box:
        again = await batch(box, stake("d-1"), stake("d-2"), key="k-1")
        assert (again.body, again.replayed) == (first.body, True)
        assert (await batch(box, stake("d-2"), stake("d-3"))).json["items"][0] == (
            first.json["items"][1]
        )


# Rounds and lists --------------------------------------------------------------------------------


async def test_closing_a_round_is_repeated_like_a_credit() -> None:
    """Under the same key and under others, by this API and by `/v1/rounds`: ended once, answered
    the same; otherwise it is refused (WAL-60, WAL-61)."""
    async with wallet() as box:
        await debit(box)
        answers = await asyncio.gather(*(close(box) for _ in range(8)))
        answers.append(await box.call("POST", "/v1/rounds/r-1/close", {"outcome": "completed"}))
        assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
        assert answers[0].json["status"] == "completed"
        require_problem(await close(box, "cancelled"), 409, "INVALID_STATE")
        require_problem(await close(box, round_id="r-9"), 404, "NOT_FOUND")


async def test_an_open_round_is_found_again_and_finished() -> None:
    """By its id, after the session is over, with its transactions (WAL-64)."""
    async with wallet() as box:
        await debit(box, session_id=await box.session())
        await pass_time(box, 2 * 3_600)
        assert (await box.call("GET", "/v1/rounds/r-1")).json["status"] == "open"
        listed = await box.call("GET", "/v1/wallet/transactions?round_id=r-1&kind=debit&status=ok")
        (found,) = listed.json["items"]
        assert (await credit(box, of=found["transaction_id"])).status == 200
        assert (await close(box)).status == 200


async def _list(box: Sandbox, query: str = "") -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        got = await box.call("GET", f"/v1/wallet/transactions?limit=2{query}{cursor}")
        assert got.status == 200, got.body
        found += [item["transaction_id"] for item in got.json["items"]]
        if not got.json["has_more"]:
            return found
        cursor = f"&cursor={got.json['next_cursor']}"


async def test_transactions_are_listed_and_filtered() -> None:
    """In the order in which they came, page by page, by kind, state, player, round and time; those
    of another tenant never (PRV-60, PRV-61, PRV-63)."""
    async with wallet() as box:
        await debit(box)
        await debit(box, "d-2", player="p_poor", amount="0.50", round_id="r-2")
        await pass_time(box, 3_600)
        await credit(box)
        await rollback(box, of="d-2", player="p_poor", round_id="r-2")
        await rollback(box, "x-9", of="d-9")
        every = ["d-1", "d-2", "c-1", "x-1", "d-9", "x-9"]
        assert await _list(box) == every
        assert await _list(box, "&order=desc") == every[::-1]
        for query, wanted in (
            ("&kind=debit", ["d-1", "d-2"]),
            ("&kind=tombstone", ["d-9"]),
            ("&status=settled", ["d-1"]),
            ("&status=rolled_back", ["d-2", "d-9"]),
            ("&player_id=p_poor", ["d-2", "x-1"]),
            ("&round_id=r-2", ["d-2", "x-1"]),
            ("&occurred_at_from=2026-01-01T01:00:00Z", ["c-1", "x-1", "d-9", "x-9"]),
            ("&occurred_at_to=2026-01-01T01:00:00Z", ["d-1", "d-2"]),
        ):
            assert await _list(box, query) == wanted, query
        others = await box.call("GET", "/v1/wallet/transactions", client="other-brand")
        assert others.json["items"] == []
        hidden = await box.call("GET", "/v1/wallet/transactions/d-1", client="other-brand")
        require_problem(hidden, 404, "NOT_FOUND")
        foreign = await box.call("GET", "/v1/wallet/transactions?tenant_id=brand-7")
        require_problem(foreign, 403, "SCOPE_DENIED")
