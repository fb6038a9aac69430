"""Revenue in the platform's words: bets, debits, credits and what takes them back."""

from decimal import Decimal
from typing import Any

from simulator.reports.revenue import Span, report, revenue
from tests.reports.tools import Feed, collect, contract

BLOCKS = ("spins_total", "eligible_spins", "turnover", "ggr", "jackpot_contrib", "bonus_cost")


def platform(*told: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    """The report of a platform's events."""
    feed = Feed()
    for kind, payload in told:
        feed.tell(kind, 0, payload)
    collected, agreed = collect(feed.events, "platform"), contract()
    return report(collected, revenue(collected, Span(), agreed), "operator", agreed, None)


def eur(amount: Any) -> dict[str, Any]:
    return {"amount": Decimal(amount), "currency": "EUR"}


def settled(bet: str, stake: Any, win: Any) -> tuple[str, dict[str, Any]]:
    """A bet that was settled."""
    names = {"bet_id": bet, "round_id": f"r-{bet}", "game_id": "g", "settlement_id": "s"}
    return "bet.settled", {**names, "bet": eur(stake), "win": eur(win), "in_bonus": False}


def moved(
    way: str, txn: str, amount: Any, round_id: str, **more: Any
) -> tuple[str, dict[str, Any]]:
    """A movement in the wallet."""
    named = {"transaction_id": txn, "round_id": round_id, "game_id": "g"}
    return f"wallet.{way}.ok", {**named, "amount": eur(amount), **more}


def test_a_platforms_bets_make_the_same_blocks() -> None:
    """Bets, and debits with the wins of their rounds; a bet of nothing is a free one. What is
    rolled back, promo, corrections and a pool's payout are in no block (RGS-64)."""
    found = platform(
        settled("a", 2, 5),
        settled("free", 0, 3),
        settled("back", 7, 0),
        ("bet.rolled_back", {"bet_id": "back", "round_id": "r-back", "tombstone": False}),
        ("bet.rolled_back", {"bet_id": "never", "round_id": "r", "tombstone": True}),
        moved("debit", "d1", 4, "r-1"),
        moved("credit", "d1-win", 1, "r-1", reason="win"),
        moved("debit", "d2", 0, "r-2"),
        moved("credit", "d2-win", 6, "r-2", reason="win"),
        moved("debit", "d3", 9, "r-3"),
        ("bet.rolled_back", {"bet_id": "d3", "round_id": "r-3", "tombstone": False}),
        moved("credit", "jp", 1000, "r-1", reason="jackpot"),
        moved("credit", "gift", 10, "", reason="promo"),
        moved("credit", "oops", 10, "", reason="correction"),
    )
    (row,) = found["rows"]
    assert row["operator_id"] == "brand-42"
    assert {name: row[name] for name in BLOCKS} == {
        "spins_total": 4,
        "eligible_spins": 2,
        "turnover": 6,
        "ggr": 0,
        "jackpot_contrib": 0,
        "bonus_cost": 9,
    }
    assert found["events"]["voided"] == 2


def test_a_wallet_may_have_ids_by_player_or_by_round() -> None:
    """Two players, or two rounds of one, with the same transaction id are two debits; a rollback
    takes back the one that it names."""
    feed = Feed()
    for player, round_id, stake in (("p_1", "r-1", 1), ("p_1", "r-2", 2), ("p_2", "r-3", 4)):
        kind, payload = moved("debit", "t", stake, round_id)
        feed.tell(kind, 0, payload, player_id=player)
    back = {"bet_id": "t", "round_id": "r-2", "tombstone": False}
    feed.tell("bet.rolled_back", 0, back, player_id="p_1")
    collected, agreed = collect(feed.events, "platform"), contract()
    (row,) = report(collected, revenue(collected, Span(), agreed), "game", agreed, None)["rows"]
    assert (row["spins_total"], row["turnover"]) == (2, 5)


def test_one_feeds_words_are_no_words_of_the_other() -> None:
    """A file with both feeds in it does not count a spin twice: the other's events are skipped."""
    feed = Feed()
    feed.spin("a", 1)
    kind, payload = settled("a", 1, 0)
    feed.tell(kind, 0, payload)
    for whose, skipped in (("studio", "bet.settled"), ("platform", "spin_finished")):
        collected = collect(feed.events, whose)
        assert [settled.played.id for settled in collected.settled()] == ["a"]
        assert collected.skipped == {skipped: 1}
