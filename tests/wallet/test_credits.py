"""Credits of the wallet API: wins, promos, corrections and a jackpot's payouts, each paid once."""

import asyncio
from typing import Any

import pytest

from tests.server.tools import require_problem
from tests.support import Got, Sandbox
from tests.wallet.tools import (
    HOUR_S,
    LOCKS,
    close_round,
    end_session,
    eur,
    game_round,
    grant,
    lock,
    pass_time,
    wallet,
)
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
    payout,
    reserve,
    rollback,
    send,
    transaction,
)


async def _available(box: Sandbox) -> Any:
    return (await balance(box))["available"]


async def test_a_win_is_credited_once_and_settles_its_debit() -> None:
    """The answer's balance is the one that is read afterwards, one event tells of it, and the debit
    reads settled (WAL-21)."""
    async with wallet() as box:
        await debit(box, session_id=await box.session())
        got = await credit(box)
        assert (got.status, got.json["status"]) == (200, "ok")
        assert amounts(got.json) == await balance(box)
        assert await _available(box) == eur("1003.00")
        assert (await transaction(box, "d-1"))["status"] == "settled"
        assert (await transaction(box, "c-1"))["debit_transaction_id"] == "d-1"
        (told,) = await events(box, "wallet.credit.ok")
        assert (told["transaction_id"], told["reason"]) == ("c-1", "win")
        assert told["amount"] == {"amount": eur("5.00"), "currency": "EUR"}
        assert (await game_round(box))["won"]["amount"] == eur("5.00")


@pytest.mark.parametrize("how", ["ended", "expired"])
async def test_a_win_lands_after_the_session(how: str) -> None:
    """Ended or expired: the win is credited (WAL-20)."""
    async with wallet() as box:
        session = await box.session()
        await debit(box, session_id=session)
        if how == "ended":
            await end_session(box, session)
        else:
            await pass_time(box, 2 * HOUR_S)
        assert (await credit(box)).status == 200
        assert await _available(box) == eur("1003.00")


@pytest.mark.parametrize("reason", LOCKS)
async def test_a_win_lands_while_the_player_is_locked(reason: str) -> None:
    """A lock stops stakes, not wins (WAL-13, WAL-28)."""
    async with wallet() as box:
        await debit(box)
        await lock(box, reason)
        assert (await credit(box)).status == 200
        assert (await send(box, "credit", payout())).json["status"] == "ok"


@pytest.mark.parametrize("keys", [1, 32])
async def test_a_repeated_win_is_credited_once(keys: int) -> None:
    """32 copies in parallel and one after months, under one key or under many: one credit, one
    event, one answer (WAL-21, WAL-26, WAL-74)."""
    async with wallet() as box:
        await debit(box)
        answers = await asyncio.gather(*(credit(box, key=f"k-{n % keys}") for n in range(32)))
        await pass_time(box, 100 * 24 * HOUR_S)
        answers.append(await credit(box, key="k-late"))
        assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
        assert await _available(box) == eur("1003.00")
        assert len(await events(box, "wallet.credit.ok")) == 1


async def test_a_failed_win_may_be_sent_again() -> None:
    """A win that came before its debit is refused; the same transaction under a new key lands once
    the debit is there (WAL-24, WAL-26)."""
    async with wallet() as box:
        require_problem(await credit(box, key="k-1"), 404, "BET_NOT_FOUND")
        await debit(box)
        assert (await credit(box, key="k-2")).status == 200
        assert await _available(box) == eur("1003.00")


async def test_a_zero_win_settles_and_moves_nothing() -> None:
    """The transaction is there, the debit is settled, the balance is as it was (WAL-22)."""
    async with wallet() as box:
        await debit(box)
        got = await credit(box, amount=0)
        assert (got.status, amounts(got.json)["available"]) == (200, eur("998.00"))
        assert (await transaction(box, "d-1"))["status"] == "settled"
        assert (await transaction(box, "c-1"))["amount"]["amount"] == 0


async def test_a_round_takes_several_wins_until_it_is_closed() -> None:
    """Of one debit and of none in particular; after the round's end none (WAL-23, WAL-60)."""
    async with wallet() as box:
        await debit(box)
        for n, of in enumerate(("d-1", "d-1", None)):
            assert (await credit(box, f"c-{n}", "1.00", of=of)).status == 200
        assert (await game_round(box))["won"]["amount"] == eur("3.00")
        assert (await close(box)).status == 200
        assert await _available(box) == eur("1001.00")
        async with no_money_moves(box):
            for n, reason in enumerate(("win", "promo", "jackpot", "correction")):
                got = await credit(box, f"late-{n}", of=None, reason=reason)
                require_problem(got, 409, "INVALID_STATE")
                assert got.json["details"]["reason"] == "round_closed"
        assert (await credit(box, "c-0", "1.00")).status == 200, "a repeat is still a repeat"


async def test_a_round_that_paid_is_not_cancelled() -> None:
    """A win without a stake left in its round has been paid out of it: it is completed (WAL-60)."""
    async with wallet(profile="per-player") as box:
        amount = {"amount": "2.00", "currency": "EUR"}
        for what, sent in (
            ("debit", body("d-1", amount=amount)),
            ("credit", body("c-1", amount=amount, reason="win", debit_transaction_id="d-1")),
            ("rollback", body("x-1", original_transaction_id="d-1")),
        ):
            assert (await send(box, what, sent)).status == 200
        require_problem(await close_round(box, "cancelled"), 409, "INVALID_STATE")
        assert (await close_round(box, "completed")).status == 200


async def test_a_win_without_a_bet_is_refused() -> None:
    """On a round that is not there, on one whose bets were all taken back, on a debit that is not
    there: BET_NOT_FOUND, and an event tells of it (WAL-24)."""
    async with wallet() as box:
        require_problem(await credit(box, "c-1", of=None), 404, "BET_NOT_FOUND")
        await debit(box)
        require_problem(await credit(box, "c-2", of="d-9"), 404, "BET_NOT_FOUND")
        await rollback(box)
        require_problem(await credit(box, "c-3", of=None), 404, "BET_NOT_FOUND")
        told = await events(box, "wallet.credit.failed")
        assert [event["code"] for event in told] == ["BET_NOT_FOUND"] * 3
        assert await _available(box) == eur("1000.00")


@pytest.mark.parametrize("reason", ["promo", "jackpot", "correction"])
async def test_what_is_no_win_needs_no_bet(reason: str) -> None:
    """It is paid by the house, the promo cost or the jackpot's provider, so no round has won it
    (WAL-24)."""
    async with wallet() as box:
        await debit(box)
        for n, round_id in enumerate(("r-1", "r-2")):
            got = await credit(box, f"c-{n}", of=None, reason=reason, round_id=round_id)
            assert got.status == 200
            assert (await transaction(box, f"c-{n}"))["reason"] == reason
        assert (await game_round(box))["won"]["amount"] == 0
        assert await _available(box) == eur("1008.00")


async def test_a_win_on_a_rolled_back_debit_is_refused() -> None:
    """Rolled back before or after it came: nothing is credited (WAL-25)."""
    async with wallet() as box:
        await debit(box, "d-0")
        await debit(box)
        await rollback(box)
        await rollback(box, "x-2", of="d-2")
        async with no_money_moves(box):
            for n, of in enumerate(("d-1", "d-2")):
                got = await credit(box, f"c-{n}", of=of)
                require_problem(got, 409, "INVALID_STATE")
                assert got.json["details"]["reason"] == "rolled_back"


async def test_a_win_in_another_currency_is_refused() -> None:
    """Also for a jackpot, whose pool may be in one: the operator refuses and does not convert
    (WAL-12, JP-13)."""
    async with wallet() as box:
        await debit(box)
        async with no_money_moves(box):
            require_problem(await credit(box, currency="USD"), 422, "CURRENCY_MISMATCH")
            got = await send(box, "credit", payout(amount=1) | {"amount": money(1, "USD")})
            require_problem(got, 422, "CURRENCY_MISMATCH")


async def _other_player(box: Sandbox) -> Got:
    return await credit(box, player="p_poor")


async def _other_round(box: Sandbox) -> Got:
    await debit(box, "d-2", round_id="r-2")
    return await credit(box, round_id="r-2")


async def _not_a_debit(box: Sandbox) -> Got:
    await reserve(box)
    return await credit(box, of="h-1")


@pytest.mark.parametrize(
    ("pay", "reason"),
    [
        (_other_player, "player_mismatch"),
        (_other_round, "round_mismatch"),
        (_not_a_debit, "wrong_kind"),
    ],
)
async def test_a_win_is_of_the_players_own_debit(pay: Any, reason: str) -> None:
    """Of the same player and round, and of a debit (WAL-07, WAL-24)."""
    async with wallet() as box:
        await debit(box)
        got = await pay(box)
        require_problem(got, 409, "INVALID_STATE")
        assert got.json["details"]["reason"] == reason


async def test_a_win_is_one_win() -> None:
    """The id of a known win with another amount, reason or debit: refused, never applied (WAL-07,
    WAL-21)."""
    async with wallet() as box:
        await debit(box)
        await debit(box, "d-2")
        await credit(box)
        async with no_money_moves(box):
            for change in ({"amount": "5.01"}, {"of": "d-2"}):
                require_problem(await credit(box, **change), 409, "DUPLICATE")


async def test_the_bonus_part_of_a_win_is_rounded_down() -> None:
    """A stake of 1.00 cash and 2.00 bonus wins 0.10: 0.06 of it is bonus (WAL-40)."""
    async with wallet() as box:
        await grant(box, "p_poor", 2)
        await debit(box, amount="3.00", player="p_poor")
        got = await credit(box, amount="0.10", player="p_poor")
        assert (amounts(got.json)["cash"], amounts(got.json)["bonus"]) == (eur("0.04"), eur("0.06"))


# Jackpots ----------------------------------------------------------------------------------------


async def _block(box: Sandbox, reason: str) -> None:
    got = await box.admin("PATCH", "/players/p_19f3", {"payout_block": reason})
    assert got.status == 200, got.body


async def test_a_jackpots_key_is_in_its_body() -> None:
    """No header is needed, and where there is one the body's key counts; the same key gets the same
    bytes again, and other parameters under it are a mismatch (PRV-35, PRV-30, PRV-31)."""
    async with wallet() as box:
        await box.call("GET", "/v1/games")  # for a token
        headers = {
            "Authorization": f"Bearer {box.tokens['studio-demo']}",
            "X-Trace-Id": "tr_jp",
            "X-Brand-Id": "brand-42",
            "X-Region": "EU",
            "X-Provider-Id": "studio",
            "Content-Type": "application/json",
        }
        first = await box.raw("POST", "/v1/wallet/credit", _bytes(payout()), headers)
        assert first.status == 200, first.body
        again = await send(box, "credit", payout(), key="another-key")
        assert (again.body, again.replayed) == (first.body, True)
        other = await send(box, "credit", payout(amount="101.00"))
        require_problem(other, 409, "IDEMPOTENCY_MISMATCH")
        assert await _available(box) == eur("1100.00")
        keyless = body("c-1", amount=money(1), reason="promo")
        got = await box.raw("POST", "/v1/wallet/credit", _bytes(keyless), headers)
        require_problem(got, 400, "VALIDATION_FAILED")


def _bytes(sent: Any) -> bytes:
    return str(sent).replace("'", '"').replace('Decimal("', "").replace('")', "").encode()


async def test_a_payout_is_paid_once() -> None:
    """Under new keys too; another amount under the same payout id is refused (JP-02, WAL-90)."""
    async with wallet() as box:
        answers = await asyncio.gather(
            *(send(box, "credit", payout(idempotency_key=f"k-{n}")) for n in range(16))
        )
        assert {(got.status, got.body) for got in answers} == {(200, answers[0].body)}
        got = await send(box, "credit", payout(amount="5.00", idempotency_key="k-x"))
        require_problem(got, 409, "DUPLICATE")
        assert await _available(box) == eur("1100.00")
        shown = await transaction(box, "jp-1")
        assert (shown["reason"], shown["pool_id"]) == ("jackpot", "grand-eu-01")


@pytest.mark.parametrize("reason", ["RG", "AML", "WITHDRAWAL_LIMIT", "SANCTIONS", "GEO_BLOCK"])
async def test_a_payout_that_compliance_stops_is_not_lost(reason: str) -> None:
    """`failed` with its reason, remembered under its key; nothing moves, an event tells of it, and
    after the release a new key pays it once (JP-13, WAL-97)."""
    async with wallet() as box:
        await _block(box, reason)
        async with no_money_moves(box):
            got = await send(box, "credit", payout())
            assert (got.status, got.json["status"], got.json["reason"]) == (200, "failed", reason)
        (told,) = await events(box, "wallet.credit.failed")
        assert (told["transaction_id"], told["code"]) == ("jp-1", reason)
        await _block(box, "none")
        again = await send(box, "credit", payout())
        assert (again.body, again.replayed) == (got.body, True)
        for key in ("k-2", "k-3"):
            paid = await send(box, "credit", payout(idempotency_key=key))
            assert paid.json["status"] == "ok"
        assert await _available(box) == eur("1100.00")


async def test_a_payout_of_another_tenant_is_refused() -> None:
    """The body names whose payout it is (PRV-63)."""
    async with wallet() as box, no_money_moves(box):
        got = await send(box, "credit", payout(tenant_id="brand-7"))
        require_problem(got, 403, "SCOPE_DENIED")
