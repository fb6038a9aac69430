"""Bonuses: issued, staked after the cash, wagered, then cash, used up or expired (PRV-24)."""

from decimal import Decimal
from typing import Any

import pytest

from tests.server.tools import count
from tests.support import Got, Sandbox
from tests.wallet.tools import eur, lock, nothing_moves, pass_time, wallet

PLAYER = "p_poor"
"""Has one euro in cash, so that bonus money is soon at stake."""

NONE = eur("0.00")


async def issue(box: Sandbox, amount: Any = 10, times: int = 100, **more: Any) -> Got:
    """Give the player a bonus."""
    body = {
        "bonus_id": "bonus-1",
        "player_id": PLAYER,
        "amount": {"amount": amount, "currency": "EUR"},
        "wager_multiplier": times,
        **more,
    }
    return await box.call("POST", "/v1/bonuses", body)


async def issued(box: Sandbox, amount: Any = 10, times: int = 100, **more: Any) -> str:
    """The same, and a session to stake it in."""
    got = await issue(box, amount, times, **more)
    assert got.status == 201, got.body
    return await box.session(PLAYER)


async def play(box: Sandbox, session: str, bet: str, stake: Any, win: Any) -> None:
    """A bet and its end."""
    assert (await box.authorize(session, bet, stake)).status == 200
    assert (await box.settle(bet, win)).status == 200


async def bonus(box: Sandbox, bonus_id: str = "bonus-1") -> Any:
    """A bonus as it is read."""
    return (await box.call("GET", f"/v1/bonuses/{bonus_id}")).json


async def consume(box: Sandbox, bonus_id: str = "bonus-1", **how: Any) -> Got:
    """End a bonus."""
    return await box.call("POST", f"/v1/bonuses/{bonus_id}/consume", **how)


async def account(box: Sandbox, kind: str, owner: str = PLAYER) -> Decimal:
    """What an account of the ledger has, in euros."""
    for row in (await box.admin("GET", "/ledger/accounts?limit=200")).json["items"]:
        if (row["kind"], row["owner"], row["currency"]) == (kind, owner, "EUR"):
            return Decimal(row["posted_credits"] - row["posted_debits"] - row["pending_debits"])
    return NONE


async def topics(box: Sandbox) -> list[str]:
    """The topics of the events about the player's bonus, oldest first."""
    return [
        event["event_type"]
        for event in await box.events()
        if event["event_type"].startswith(("bonus.", "wager."))
    ]


async def outcomes(box: Sandbox) -> list[tuple[str, Decimal]]:
    """How a bonus ended and what was left, by its events."""
    return [
        (event["payload"]["outcome"], Decimal(event["payload"]["left"]["amount"]))
        for event in await box.events(event_type="bonus.consumed")
    ]


# Issue -------------------------------------------------------------------------------------------


async def test_a_bonus_comes_out_of_promotion_and_can_be_staked() -> None:
    """Its amount is the brand's cost and the player's to stake, on top of the cash; the event and
    the answer say what has to be wagered (PRV-24)."""
    async with wallet() as box:
        got = (await issue(box, 10, 5)).json
        assert (got["status"], got["required"]["amount"]) == ("active", 50)
        assert await bonus(box) == got
        assert await box.balance(PLAYER) == (eur("11.00"), NONE)
        assert await account(box, "bonus") == 10
        assert await account(box, "promo", "brand-42") == -10
        (event,) = await box.events(event_type="bonus.issued")
        assert event["player_id"] == PLAYER
        assert event["payload"] == {
            "bonus_id": "bonus-1",
            "amount": {"amount": 10, "currency": "EUR"},
            "required": {"amount": 50, "currency": "EUR"},
        }


async def test_one_bonus_id_is_one_bonus() -> None:
    """The same terms under a new key are answered again, also when it has ended; other terms are
    refused (WAL-07, WAL-08)."""
    async with wallet() as box:
        first = await issue(box)
        async with nothing_moves(box):
            again = await issue(box)
            assert (again.status, again.body) == (201, first.body)
            for terms in ({"amount": 11}, {"times": 2}, {"expires_at": "2027-01-01T00:00:00Z"}):
                assert (await issue(box, **terms)).code == "DUPLICATE"
        await consume(box)
        async with nothing_moves(box):
            assert (await issue(box)).body == first.body


@pytest.mark.parametrize(
    ("terms", "status", "code"),
    [
        ({"amount": 0}, 400, "VALIDATION_FAILED"),
        ({"amount": eur("0.001")}, 400, "VALIDATION_FAILED"),
        ({"times": 0}, 400, "VALIDATION_FAILED"),
        ({"amount": 10**10}, 400, "VALIDATION_FAILED"),
        ({"expires_at": "2026-01-01T00:00:00Z"}, 400, "VALIDATION_FAILED"),
        ({"expires_at": "tomorrow"}, 400, "VALIDATION_FAILED"),
        ({"player_id": "p_999"}, 404, "NOT_FOUND"),
        ({"player_id": "p_uk"}, 404, "NOT_FOUND"),
        ({"player_id": "p_jpy"}, 422, "CURRENCY_MISMATCH"),
    ],
    ids=str,
)
async def test_terms_that_cannot_be_are_refused(
    terms: dict[str, Any], status: int, code: str
) -> None:
    """Nothing, fractions of a cent, no wagering at all, more wagering than there is money, an end
    that is past, nobody's and another's player (PRV-24, PRV-63)."""
    async with wallet() as box, nothing_moves(box):
        got = await issue(box, **terms)
        assert (got.status, got.code) == (status, code), got.body


@pytest.mark.parametrize("reason", ["disabled", "self_excluded"])
async def test_who_may_not_play_is_given_nothing(reason: str) -> None:
    """A locked player gets no bonus (WAL-13)."""
    async with wallet() as box:
        await lock(box, reason, PLAYER)
        async with nothing_moves(box):
            got = await issue(box)
            assert (got.status, got.json["details"]["reason"]) == (403, reason)


async def test_a_player_has_one_bonus_at_a_time() -> None:
    """A second one is refused while the first runs, and while a bet holds money of it (PRV-24)."""
    async with wallet() as box:
        session = await issued(box)
        async with nothing_moves(box):
            got = await issue(box, bonus_id="bonus-2")
            assert (got.status, got.json["details"]["reason"]) == (409, "bonus_active")
        await box.authorize(session, "b-1", 3)
        await consume(box)
        async with nothing_moves(box):
            got = await issue(box, bonus_id="bonus-2")
            assert (got.status, got.json["details"]["reason"]) == (409, "bonus_held")
        await box.settle("b-1", 0)
        assert (await issue(box, bonus_id="bonus-2")).status == 201


# Stakes and wins ---------------------------------------------------------------------------------


async def test_cash_is_staked_first() -> None:
    """The bonus is touched only by what the cash cannot pay (WAL-40)."""
    async with wallet() as box:
        session = await issued(box)
        await box.authorize(session, "b-1", eur("0.40"))
        assert [await account(box, kind) for kind in ("player", "bonus")] == [eur("0.60"), 10]
        await box.authorize(session, "b-2", 2)
        assert [await account(box, kind) for kind in ("player", "bonus")] == [0, eur("8.60")]
        assert await box.balance(PLAYER) == (eur("8.60"), eur("2.40"))


async def test_the_whole_of_both_buckets_can_be_staked_and_not_a_cent_more() -> None:
    """Cash and bonus together are what is available; the refusal tells both (WAL-02, WAL-04)."""
    async with wallet() as box:
        session = await issued(box)
        got = await box.authorize(session, "b-1", eur("11.01"))
        assert (got.status, got.code) == (422, "INSUFFICIENT_FUNDS")
        assert got.json["details"]["balance"]["available"]["amount"] == 11
        assert (await box.authorize(session, "b-2", 11)).status == 200
        assert await box.balance(PLAYER) == (NONE, eur("11.00"))


async def test_a_rollback_restores_the_buckets() -> None:
    """What was cash is cash again and what was bonus is bonus, whatever was won or staked in
    between (WAL-40)."""
    async with wallet() as box:
        session = await issued(box)
        await box.authorize(session, "b-1", 4)
        await box.authorize(session, "b-2", 2)
        await box.settle("b-2", 6)
        await box.rollback("b-1")
        assert [await account(box, kind) for kind in ("player", "bonus")] == [1, 14]


async def test_a_win_comes_in_the_proportion_of_its_stake() -> None:
    """Of a stake of 1.00 cash and 2.00 bonus a win pays two thirds to the bonus, rounded down, and
    the rest to cash (PRV-24)."""
    async with wallet() as box:
        session = await issued(box)
        await play(box, session, "b-1", 3, eur("1.00"))
        assert [await account(box, kind) for kind in ("player", "bonus")] == [
            eur("0.34"),
            eur("8.66"),
        ]


# Wagering ----------------------------------------------------------------------------------------


async def test_each_settled_stake_counts_and_an_open_or_rolled_back_one_does_not() -> None:
    """Progress is the sum of the stakes that were settled, cash and bonus alike (JP-70)."""
    async with wallet() as box:
        session = await issued(box, 10, 5)
        await play(box, session, "b-1", eur("0.50"), 0)
        await box.authorize(session, "b-2", 2)
        await box.rollback("b-2")
        await play(box, session, "b-3", 3, 5)
        await box.authorize(session, "b-4", 1)
        got = (await box.call("GET", "/v1/bonuses/bonus-1/progress")).json
        assert [got[name]["amount"] for name in ("wagered", "required", "left")] == [
            eur("3.50"),
            50,
            eur("46.50"),
        ]
        told = [e["payload"]["wagered"]["amount"] for e in await box.events()
                if e["event_type"] == "wager.progress.updated"]  # fmt: skip
        assert told == [eur("0.50"), eur("3.50")]


async def test_a_repeated_settle_counts_once() -> None:
    """Neither the same key nor a new one counts a stake twice (WAL-21)."""
    async with wallet() as box:
        session = await issued(box)
        await box.authorize(session, "b-1", 3)
        for key in ("k-1", "k-1", "k-2"):
            assert (await box.settle("b-1", 1, key=key)).status == 200
        assert (await bonus(box))["wagered"]["amount"] == 3


async def test_what_is_wagered_is_cash() -> None:
    """With the stake that completes the wagering all that is left of the bonus is cash, the win of
    that stake included; later stakes and wins are of cash alone (PRV-24)."""
    async with wallet() as box:
        session = await issued(box, 10, 1)
        await play(box, session, "b-1", 9, 0)
        assert (await bonus(box))["status"] == "active"
        await play(box, session, "b-2", 1, 4)
        ended = await bonus(box)
        assert (ended["status"], ended["wagered"]["amount"]) == ("released", 10)
        assert ended["ended_at"] == "2026-01-01T00:00:00.000Z"
        assert [await account(box, kind) for kind in ("player", "bonus")] == [5, 0]
        assert await outcomes(box) == [("released", Decimal(5))]
        await play(box, session, "b-3", 5, 2)
        assert [await account(box, kind) for kind in ("player", "bonus")] == [2, 0]
        assert (await bonus(box)) == ended


async def test_a_bonus_that_was_lost_has_ended() -> None:
    """With nothing left and nothing at stake it is used up, so another one may follow; a provider
    who ends it learns that it has ended (PRV-24)."""
    async with wallet() as box:
        session = await issued(box)
        await box.authorize(session, "b-1", 4)
        await play(box, session, "b-2", 7, 0)
        assert (await bonus(box))["status"] == "active", "b-1 still holds some of it"
        await box.settle("b-1", 0)
        ended = await bonus(box)
        assert ended["status"] == "consumed"
        assert await topics(box) == [
            "bonus.issued",
            "wager.progress.updated",
            "wager.progress.updated",
            "bonus.consumed",
        ]
        async with nothing_moves(box):
            got = await consume(box)
            assert (got.status, got.json) == (200, ended)
        assert (await issue(box, bonus_id="bonus-2")).status == 201


# Ends --------------------------------------------------------------------------------------------


async def test_a_bonus_that_is_ended_goes_back() -> None:
    """What is left of it returns to promotion; the cash stays. Again it is the same answer and no
    second effect (PRV-24, WAL-06)."""
    async with wallet() as box:
        session = await issued(box)
        await play(box, session, "b-1", 3, 0)
        first = await consume(box, key="k-1")
        assert (first.status, first.json["status"]) == (200, "consumed")
        assert await box.balance(PLAYER) == (NONE, NONE)
        assert await account(box, "promo", "brand-42") == -2
        assert await outcomes(box) == [("consumed", Decimal(8))]
        async with nothing_moves(box):
            assert (await consume(box, key="k-1")).body == first.body
            assert (await consume(box, key="k-2")).json == first.json


@pytest.mark.parametrize("end", ["consumed", "expired", "released"])
@pytest.mark.parametrize("back", ["rollback", "win"])
async def test_bonus_money_that_comes_back_late_follows(end: str, back: str) -> None:
    """What an open bet held when the bonus ended comes back to its bucket and goes where the rest
    went: to cash after a release, else to promotion (WAL-40, PRV-24)."""
    async with wallet() as box:
        session = await issued(box, 10, 1, expires_at="2026-01-01T00:30:00Z")
        await play(box, session, "b-0", 1, 0)
        await box.authorize(session, "b-1", 4)
        if end == "consumed":
            await consume(box)
        elif end == "expired":
            await pass_time(box, 1800)
            await box.authorize(session, "b-late", 0)
        else:
            await play(box, session, "b-2", 5, 5)
            await play(box, session, "b-3", 5, 5)
        assert (await bonus(box))["status"] == end
        before = await account(box, "player")
        if back == "rollback":
            await box.rollback("b-1")
        else:
            await box.settle("b-1", 4)
        assert await account(box, "bonus") == 0
        assert await account(box, "player") - before == (4 if end == "released" else 0)
        assert (await outcomes(box))[-1] == (end, Decimal(4))


async def test_a_bonus_expires_by_the_clock() -> None:
    """A nanosecond before its end it can be staked, at its end it cannot: it reads expired, and the
    next decision takes back what is left and tells (PRV-24)."""
    async with wallet() as box:
        session = await issued(box, expires_at="2026-01-01T00:30:00Z")
        await pass_time(box, 1799)
        assert (await box.authorize(session, "b-1", 2)).status == 200
        await pass_time(box, 1)
        assert (await bonus(box))["status"] == "expired"
        assert await topics(box) == ["bonus.issued"]
        assert (await box.authorize(session, "b-2", 0)).json["balance"]["available"]["amount"] == 0
        assert await outcomes(box) == [("expired", Decimal(9))]
        got = await consume(box)
        assert (got.status, got.json["details"]["reason"]) == (409, "expired")
        assert (await bonus(box))["ended_at"] == "2026-01-01T00:30:00.000Z"


async def test_expired_bonus_money_pays_no_bet() -> None:
    """A bet that only the expired bonus could pay is refused, and its refusal tells what is left
    (WAL-02)."""
    async with wallet() as box:
        session = await issued(box, expires_at="2026-01-01T00:30:00Z")
        await pass_time(box, 1800)
        got = await box.authorize(session, "b-1", 2)
        assert (got.status, got.code) == (422, "INSUFFICIENT_FUNDS")
        assert got.json["details"]["balance"]["available"]["amount"] == 1


async def test_expired_bonus_money_is_in_no_balance() -> None:
    """Before anything takes it back too: what is shown can be staked to the last cent, whoever
    shows it (WAL-04, PRV-24)."""
    async with wallet() as box:
        session = await issued(box, expires_at="2026-01-01T00:30:00Z")
        await pass_time(box, 1800)
        path = f"/v1/wallet/players/{PLAYER}/balance"
        shown = (await box.call("GET", path)).json["balance"]
        assert (shown["available"]["amount"], shown["bonus"]["amount"]) == (eur("1.00"), 0)
        assert await box.balance(PLAYER) == (eur("1.00"), NONE)
        paid = {"payment_id": "in", "player_id": PLAYER, "amount": {"amount": 1, "currency": "EUR"}}
        shown = (await box.call("POST", "/v1/wallet/deposits", paid)).json["balance"]
        assert shown["available"]["amount"] == eur("2.00")
        assert await topics(box) == ["bonus.issued"], "nothing has ended it yet"
        assert (await box.authorize(session, "b-1", 2)).status == 200
        assert await outcomes(box) == [("expired", Decimal(10))]


async def test_a_stake_settled_after_the_end_does_not_count() -> None:
    """Only what is settled in time is wagered (PRV-24)."""
    async with wallet() as box:
        session = await issued(box, 10, 1, expires_at="2026-01-01T00:30:00Z")
        await box.authorize(session, "b-1", 11)
        await pass_time(box, 1800)
        await box.settle("b-1", 22)
        ended = await bonus(box)
        assert (ended["status"], ended["wagered"]["amount"]) == ("expired", 0)
        assert await box.balance(PLAYER) == (eur("2.00"), NONE)
        assert await outcomes(box) == [("expired", Decimal(20))]


async def test_who_has_no_bonus_pays_nothing_for_it() -> None:
    """A bet without a bonus makes the same two accounts' entries as ever, and no account more."""
    async with wallet() as box:
        session = await box.session()
        await play(box, session, "b-0", 1, 0)
        before = count(box, "move"), count(box, "account"), count(box, "op")
        await play(box, session, "b-1", 2, 1)
        after = count(box, "move"), count(box, "account"), count(box, "op")
        assert [b - a for a, b in zip(before, after, strict=True)] == [3, 0, 2]
