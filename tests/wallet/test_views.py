"""What is read of bets, transactions, rounds and holds is everything that is known of them."""

from typing import Any

from tests.support import Sandbox
from tests.wallet.tools import bet, game_round, grant, pass_time, wallet
from tests.wallet.txns import close, credit, debit, release, reserve, rollback, transaction

SESSION = {
    "player_id": "p_19f3",
    "game_id": "studio:slot_forge_02",
    "currency": "EUR",
    "locale": "de-DE",
}
START, LATER = "2026-01-01T00:00:00.000Z", "2026-01-01T00:01:00.000Z"


def eur(amount: float) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


async def minute(box: Sandbox) -> None:
    await pass_time(box, 60)


async def test_a_bet_is_shown_with_all_that_became_of_it() -> None:
    """Open, settled, rolled back and never come: ids, amounts, times and state (PRV-21..23)."""
    async with wallet() as box:
        session = await box.session()
        held = {name: (await box.authorize(session, name, 2)).json for name in ("b-1", "b-2")}
        of_it = {
            "round_id": "r-1",
            "player_id": "p_19f3",
            "session_id": session,
            "game_id": "studio:slot_forge_02",
            "amount": eur(2),
            "authorized_at": START,
        }
        opened = {"bet_id": "b-1", "status": "authorized", "hold_id": held["b-1"]["hold_id"]}
        assert await bet(box, "b-1") == {**of_it, **opened}
        await minute(box)
        settled = (await box.settle("b-1", 5)).json
        assert await bet(box, "b-1") == {
            **of_it,
            **opened,
            "status": "settled",
            "win": eur(5),
            "settlement_id": settled["settlement_id"],
            "closed_at": LATER,
        }
        await box.rollback("b-2")
        assert await bet(box, "b-2") == {
            **of_it,
            "bet_id": "b-2",
            "hold_id": held["b-2"]["hold_id"],
            "status": "rolled_back",
            "closed_at": LATER,
        }
        await box.rollback("b-3")
        assert await bet(box, "b-3") == {
            "bet_id": "b-3",
            "round_id": "r-1",
            "player_id": "p_19f3",
            "status": "rolled_back",
            "tombstone": True,
            "closed_at": LATER,
        }


async def test_a_round_is_shown_with_its_sums() -> None:
    """What was staked, won and is open, and when it began and ended (PRV-27)."""
    async with wallet() as box:
        session = await box.session()
        for name in ("b-1", "b-2", "b-3"):
            await box.authorize(session, name, 2)
        await box.settle("b-1", 5)
        await box.rollback("b-2")
        shown = {
            "round_id": "r-1",
            "player_id": "p_19f3",
            "session_id": session,
            "game_id": "studio:slot_forge_02",
            "status": "open",
            "bets": 3,
            "open_bets": 1,
            "staked": eur(4),
            "won": eur(5),
            "started_at": START,
        }
        assert await game_round(box) == shown
        await minute(box)
        await box.settle("b-3", 0)
        await close(box)
        ended = {"status": "completed", "open_bets": 0, "closed_at": LATER}
        assert await game_round(box) == {**shown, **ended}


async def test_a_transaction_is_shown_with_what_it_refers_to() -> None:
    """Each kind under the name of its own, with its bonus part and its end (WAL-72)."""
    async with wallet() as box:
        session = await box.session()
        await grant(box, "p_19f3", 5, wager_multiplier=1_000)
        await debit(box, "d-1", 1002, session_id=session)
        await reserve(box, "h-1", 1, game_id="studio:slot_forge_02", round_id="r-2")
        await reserve(box, "h-2", 1, round_id="r-2")
        await minute(box)
        await credit(box, "c-1", 7, of="d-1")
        await debit(box, "d-2", 1, reserve_transaction_id="h-1", round_id="r-2")
        await release(box, "x-1", of="h-2", round_id="r-2")
        await rollback(box, "x-2", of="never", round_id="r-3")

        def told(name: str, kind: str, round_id: str = "r-1", **more: Any) -> dict[str, Any]:
            ids = {"transaction_id": name, "kind": kind, "round_id": round_id}
            return {**ids, "player_id": "p_19f3", "status": "ok", "created_at": LATER, **more}

        in_session = {"session_id": session, "game_id": "studio:slot_forge_02"}
        ended = {"created_at": START, "ended_at": LATER}
        expected = [
            told(
                "d-1",
                "debit",
                **in_session,
                **ended,
                status="settled",
                amount=eur(1002),
                bonus_amount=eur(2),
            ),
            told(
                "h-1",
                "reserve",
                "r-2",
                **ended,
                status="spent",
                game_id="studio:slot_forge_02",
                amount=eur(1),
                bonus_amount=eur(1),
            ),
            told(
                "h-2",
                "reserve",
                "r-2",
                **ended,
                status="released",
                amount=eur(1),
                bonus_amount=eur(1),
            ),
            told(
                "c-1",
                "credit",
                **in_session,
                amount=eur(7),
                bonus_amount={"amount": 0.01, "currency": "EUR"},
                reason="win",
                debit_transaction_id="d-1",
            ),
            told(
                "d-2",
                "debit",
                "r-2",
                game_id="studio:slot_forge_02",
                amount=eur(1),
                bonus_amount=eur(1),
                reserve_transaction_id="h-1",
            ),
            told(
                "x-1",
                "release",
                "r-2",
                amount=eur(1),
                bonus_amount=eur(1),
                original_transaction_id="h-2",
            ),
            told("never", "tombstone", "r-3", status="rolled_back", ended_at=LATER),
            told("x-2", "rollback", "r-3", original_transaction_id="never"),
        ]
        for shown in expected:
            found = await transaction(box, shown["transaction_id"])
            assert _floats(found) == shown


def _floats(value: Any) -> Any:
    """Amounts as plain numbers, to be compared with what is written above."""
    if isinstance(value, dict):
        return {name: _floats(part) for name, part in value.items()}
    return value if isinstance(value, bool | str | int) else float(value)


async def test_events_tell_whose_bet_it_was_and_on_which_build() -> None:
    """Player, session and the session's certified build; a settlement also whether it was part of a
    bonus (PRV-34, PRV-40, PRV-22)."""
    async with wallet() as box:
        opened = (await box.call("POST", "/v1/sessions", SESSION)).json
        session = opened["session_id"]
        for name in ("b-1", "b-2", "b-3"):
            await box.authorize(session, name, 2)
        won = {"bet_id": "b-1", "round_id": "r-1", "win": eur(5)}
        state = {"in_bonus": True, "freespins_left": 7}
        settle = await box.call("POST", "/v1/bets/settle", {**won, "bonus_state": state})
        assert settle.status == 200, settle.body
        await box.settle("b-2", 0)
        await box.rollback("b-3")
        told = [e for e in await box.events() if e["event_type"].startswith("bet.")]
        assert len(told) == 6
        assert opened["build_hash"].startswith("sha256:")
        for event in told:
            assert event["player_id"] == "p_19f3"
            assert event["session_id"] == session
            assert event["build_hash"] == opened["build_hash"]
        settled = [e["payload"] for e in told if e["event_type"] == "bet.settled"]
        assert [(one["bet_id"], one["in_bonus"]) for one in settled] == [
            ("b-1", True),
            ("b-2", False),
        ]


async def test_lists_go_both_ways() -> None:
    """The oldest first, unless the newest are asked for (PRV-60); currencies with their decimals
    (PRV-03)."""
    async with wallet() as box:
        session = await box.session()
        names = [f"b-{n}" for n in range(3)]
        for name in names:
            await box.authorize(session, name, 1)
        for order, wanted in (("asc", names), ("desc", names[::-1])):
            shown = (await box.call("GET", f"/v1/bets?order={order}")).json["items"]
            assert [one["bet_id"] for one in shown] == wanted
        shown = (await box.call("GET", "/v1/currencies")).json["items"]
        scales = {one["code"]: one["scale"] for one in shown}
        assert (scales["EUR"], scales["JPY"], scales["KWD"]) == (2, 0, 3)
