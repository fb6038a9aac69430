"""The judge of the demo: right about a good platform, and not fooled by a broken one."""

import asyncio
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from simulator.adapters.credentials import BearerAuth
from simulator.adapters.inprocess import InProcessTransport
from simulator.adapters.platform import Provider
from simulator.adapters.transport import Transport
from simulator.base.errors import ConfigError
from simulator.scenarios.audit import Verdict
from simulator.scenarios.rounds import ENOUGH, Order, Played, play
from tests.scenarios import tampering as t
from tests.support import Sandbox, sandbox

PROVIDER = Provider("studio", "brand-42", "EU")
Wrap = Callable[[Transport], Transport]


async def played(
    box: Sandbox, wrap: Wrap = lambda inner: inner, *, rounds: int = 60, **order: Any
) -> Played:
    wire = wrap(InProcessTransport(box.app))
    auth = BearerAuth(wire, "studio-demo", "studio-demo-secret", box.world.clock)
    ticks = itertools.count(0, 1_000_000)

    async def no_wait(_: int) -> None:
        await asyncio.sleep(0)

    return await play(
        Order(rounds, **{"seed": 7, "run": "t", **order}),
        wire,
        auth,
        PROVIDER,
        timer=lambda: next(ticks),
        sleeper=no_wait,
    )


async def judged(wrap: Wrap, **order: Any) -> Verdict:
    async with sandbox() as box:
        return (await played(box, wrap, **order)).verdict


async def test_a_good_platform_is_sound() -> None:
    """Three hundred rounds with repeats, lost answers, rollbacks and tombstones, to the last cent
    (WAL-06, WAL-21, WAL-41, WAL-42, WAL-72)."""
    async with sandbox() as box:
        result = await played(box, rounds=300)
        await box.require_sound()
    verdict, tally = result.verdict, result.verdict.model.tally
    assert verdict.model.findings == []
    assert verdict.line == "sound: 300 rounds, 0 lost, 0 repeated"
    assert all(expected == found for expected, found in verdict.balances)
    assert [found.currency for _, found in verdict.balances] == ["EUR", "USD", "JPY", "KWD"]
    assert verdict.events == len(verdict.model.deeds)
    assert min(tally.wins, tally.rollbacks, tally.repeats, tally.recovered, tally.tombstones) > 5
    assert 0 < result.watch.percentile_ns(50) <= result.watch.percentile_ns(99)


async def test_the_seed_decides_what_is_played() -> None:
    """The same seed, the same tally and money, in any interleaving and under any run id; another
    seed, another game (D1)."""
    seen = []
    for side_by_side, seed, run in ((1, 7, "a"), (16, 7, "b"), (16, 8, "a")):
        async with sandbox() as box:
            result = await played(box, seed=seed, run=run, side_by_side=side_by_side)
        model = result.verdict.model
        assert result.verdict.sound
        seen.append((model.tally, model.accounts))
    assert seen[0] == seen[1] != seen[2]


async def test_two_runs_in_one_sandbox() -> None:
    """A second run under the same seed meets the money that the first one left, not its keys."""
    async with sandbox() as box:
        for run in ("a", "b"):
            assert (await played(box, run=run)).verdict.sound


async def test_lack_of_funds_is_an_answer() -> None:
    """A player with nothing left is refused, counted, and nothing is wrong (WAL-02, WAL-03)."""
    async with sandbox() as box:
        session = await box.session(constraints={})
        await box.authorize(session, "b-all", 1000, round_id="r-all")
        verdict = (await played(box)).verdict
    assert verdict.sound
    assert verdict.model.tally.refusals > 5
    assert verdict.model.accounts["p_19f3"].held == 100_000


# Negative controls: each breaks one thing, and the verdict names it ------------------------------


async def test_a_win_paid_twice_is_found() -> None:
    """Money that nobody acknowledged makes the balance wrong."""
    verdict = await judged(t.PaysTwice)
    assert not verdict.sound
    assert "expected" in verdict.line
    assert sum(expected != found for expected, found in verdict.balances) == 1


async def test_an_acknowledged_bet_that_is_gone_is_lost() -> None:
    """Held, said the answer; never heard of it, says the settle."""
    verdict = await judged(t.SwallowsABet)
    assert verdict.line.startswith("unsound: 60 rounds, 1 lost, 0 repeated; ")
    assert "there is no bet" in verdict.line


async def test_an_acknowledged_win_that_is_gone_is_lost() -> None:
    """Credited, said the answer; the bet is still open, and its event is missing."""
    verdict = await judged(t.SwallowsASettle)
    assert not verdict.sound
    assert len(verdict.model.lost) == 1
    assert any("no event bet.settled" in finding for finding in verdict.model.findings)


async def test_work_done_anew_under_one_key_is_repeated() -> None:
    """A repeat that does not say so was done again, as far as anybody can tell (PRV-30)."""
    verdict = await judged(t.ForgetsKeys)
    assert not verdict.sound
    assert len(verdict.model.repeated) > 5


async def test_a_repeat_with_other_bytes_is_found() -> None:
    """The repeat is byte-identical, also where the first answer was lost (PRV-30)."""
    verdict = await judged(t.AnswersAnew)
    assert "two answers to one key differ" in verdict.line


async def test_a_late_bet_that_is_accepted_is_found() -> None:
    """After its rollback a bet can never be placed (WAL-42)."""
    verdict = await judged(t.ForgetsTombstones)
    assert any("accepted after its rollback" in text for text in verdict.model.findings)


def _doubled(page: Any) -> None:
    page["items"] += [i for i in page["items"] if i["event_type"] == "bet.settled"][:1]


def _dropped(page: Any) -> None:
    gone = next(i for i in page["items"] if i["event_type"] == "bet.rolled_back")
    page["items"].remove(gone)


def _other_amount(page: Any) -> None:
    told = next(i for i in page["items"] if i["event_type"] == "bet.authorized")
    told["payload"]["bet"]["amount"] += 10


def _of_nobody(page: Any) -> None:
    told = next(i for i in page["items"] if i["event_type"] == "bet.authorized")
    told["payload"]["bet_id"] = "b_t_999_1"


def _reopened(page: Any) -> None:
    next(i for i in page["items"] if i["status"] == "settled")["status"] = "authorized"


def _listed_twice(page: Any) -> None:
    page["items"].append(page["items"][0])


def _broken_books(answer: Any) -> None:
    broken = {"law": "double entry", "where": "move 3", "message": "sums differ"}
    answer.update(sound=False, breaks=[broken])


def _no_books(answer: Any) -> None:
    answer.clear()


@pytest.mark.parametrize(
    ("path", "change", "lost", "repeated", "says"),
    [
        ("/v1/events", _doubled, 0, 1, "2 events bet.settled"),
        ("/v1/events", _dropped, 1, 0, "no event bet.rolled_back"),
        ("/v1/events", _other_amount, 0, 0, "other amounts"),
        ("/v1/events", _of_nobody, 1, 0, "nobody acknowledged"),
        ("/v1/bets", _reopened, 1, 0, "but the bet is authorized"),
        ("/v1/bets", _listed_twice, 0, 1, "listed twice"),
        ("/__admin/reconcile", _broken_books, 0, 0, "the books: double entry at move 3"),
        ("/__admin/reconcile", _no_books, 0, 0, "/__admin/reconcile answers 200"),
    ],
)
async def test_what_is_shown_must_agree(
    path: str, change: t.Change, lost: int, repeated: int, says: str
) -> None:
    """One event for each deed with its amounts, each bet once in its state, books that are sound
    (PRV-34)."""
    verdict = await judged(lambda inner: t.ChangesAnswer(inner, path, change), rounds=30)
    assert len(verdict.model.lost) == lost
    assert len(verdict.model.repeated) == repeated
    assert says in verdict.line or any(says in text for text in verdict.model.findings)
    assert verdict.line.startswith(f"unsound: 30 rounds, {lost} lost, {repeated} repeated; ")


async def test_a_platform_that_goes_away_is_unsound_and_soon_left_alone() -> None:
    """No answer is no proof; after enough findings nothing more is sent."""
    verdict = await judged(t.GoesAway, rounds=5_000)
    assert not verdict.sound
    assert verdict.model.tally.rounds < 60 + 2 * ENOUGH
    assert any("does not show" in finding for finding in verdict.model.findings)


async def test_another_world_is_refused() -> None:
    """Without the players of the test world there is nothing to play with."""

    def yen(player: Any) -> None:
        for name in ("available", "held"):
            player[name] = {"amount": 1, "currency": "JPY"}
        player["currency"] = "JPY"

    with pytest.raises(ConfigError, match="not the test world"):
        await judged(lambda inner: t.ChangesAnswer(inner, "/v1/players/p_19f3", yen))
