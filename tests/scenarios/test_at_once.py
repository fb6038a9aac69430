"""Several processes tell a run as one does: in the order of files and seeds (SBX-07)."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.reports.runs import happenings as h
from simulator.scenarios import judging
from simulator.scenarios.at_once import AHEAD, Crashed, Done, Gone, campaign_at_once
from simulator.scenarios.campaign import Came, Order, Work
from simulator.scenarios.reading import read_text
from simulator.scenarios.running import Result, ended, started
from simulator.scenarios.stage import Stage
from tests.scenarios.playing import ended as ends
from tests.scenarios.playing import played

TEXT = "scenario: {name}\nwhy: x\nrules: [SBX-07]\nseed: 1\nsteps: [{{advance: 1s}}]\n"
FILES = ("a.yaml", "b.yaml", "c.yaml")

Play = tuple[int, int]
"""A file, by its number, and a seed."""


class Pretended:
    """A crew whose processes are done in the order that is drawn; nothing is played."""

    def __init__(self, order: Order, size: int, fails: set[Play], dies: set[Play], data: Any):
        self.size = size
        self._order, self._fails, self._dies, self._data = order, fails, dies, data
        self._busy: list[Work] = []
        self.most = 0

    @property
    def idle(self) -> bool:
        return len(self._busy) < self.size

    def give(self, work: Work) -> None:
        assert self.idle
        self._busy.append(work)
        self.most = max(self.most, len(self._busy))

    def wait(self) -> Done | Gone:
        at = self._data.draw(st.integers(0, len(self._busy) - 1)) if self._data else 0
        work = self._busy.pop(at)
        if (work.at, work.seed) in self._dies:
            return Gone(work, "it died")
        return does(self._order, work, self._fails)


def does(order: Order, work: Work, fails: set[Play]) -> Done:
    piece = order.piece(work)
    if work.labels is not None:
        told = h.Shrunk(
            scenario=piece.scenario.scenario, file="", steps=(1, 1), rules=(0, 0), tries=work.seed
        )
        return Done(work, Came("fail", work.labels), [told])
    result = Result(piece.scenario, piece.seed)
    if (work.at, work.seed) in fails:
        result.fail("law book", "here", ["does not add up"])
    told_all = [started(piece), ended(piece, result, 0)]
    return Done(work, Came(result.verdict, frozenset(result.labels)), told_all)


def order_of(seeds: int, shrink: bool = True) -> Order:
    read = [read_text(TEXT.format(name=file[0]), file) for file in FILES]
    return Order(read, "t", seeds=seeds, shrink_to=Path() if shrink else None)


def line(happening: h.Happening) -> str:
    match happening:
        case h.ScenarioStarted():
            return ""
        case h.ScenarioEnded():
            return f"{happening.scenario}{happening.seed} {happening.verdict}"
        case h.Shrunk():
            return f"{happening.scenario}{happening.tries} smaller"
        case h.RunEnded():
            counted = (happening.passed, happening.failed, happening.could_not_run)
            return str(counted)
        case _:
            return "begins"


def told(order: Order, crew: Pretended) -> list[str]:
    return [text for one in campaign_at_once(order, crew) if (text := line(one))]


plays = st.sets(st.tuples(st.integers(0, 2), st.integers(1, 12)), max_size=4)


@settings(max_examples=30, deadline=None)
@given(data=st.data(), size=st.integers(1, 5), fails=plays)
def test_whoever_is_done_first_it_is_told_in_order(data: Any, size: int, fails: set[Play]) -> None:
    """The same as one process tells: every seed up to a file's first failure, what was made smaller
    right after it, and no seed beyond, whether it was played by then or not."""
    order = order_of(12)
    crew = Pretended(order, size, fails, set(), data)
    assert told(order, crew) == told(order, Pretended(order, 1, fails, set(), None))
    assert crew.most <= size


def test_what_one_process_tells() -> None:
    """The negative control: what the order above is compared with says what it should."""
    order = order_of(3)
    assert told(order, Pretended(order, 1, {(0, 2), (2, 3)}, set(), None)) == [
        "begins",
        *("a1 pass", "a2 fail", "a2 smaller"),
        *("b1 pass", "b2 pass", "b3 pass"),
        *("c1 pass", "c2 pass", "c3 fail", "c3 smaller"),
        "(6, 2, 0)",
    ]


def test_a_process_that_is_gone_is_no_verdict_on_its_play() -> None:
    """It could not be run, which names file, seed and reason; the others are played."""
    order = order_of(2, shrink=False)
    crew = Pretended(order, 2, set(), {(1, 1)}, None)
    happenings = list(campaign_at_once(order, crew))
    (bad,) = [
        one for one in happenings if isinstance(one, h.ScenarioEnded) and one.verdict != "pass"
    ]
    assert (bad.file, bad.seed, bad.verdict) == ("b.yaml", 1, "could_not_run")
    assert bad.failures == ["it died"]
    assert bad.replay == "playmoney run b.yaml --seed 1"
    assert line(happenings[-1]) == "(4, 0, 1)"


def test_a_process_that_is_gone_while_it_makes_smaller_ends_the_run() -> None:
    """What was told before stands; what is missing is named."""

    class Dies(Pretended):
        def wait(self) -> Done | Gone:
            done = super().wait()
            return done if done.work.labels is None else Gone(done.work, "it died")

    order = order_of(1)
    with pytest.raises(Crashed, match=r"^a\.yaml with seed 1, made smaller: it died$"):
        told(order, Dies(order, 2, {(0, 1)}, set(), None))


def test_nobody_is_far_ahead() -> None:
    """While the first play takes long, so many others are played and no more: what waits to be told
    is in memory."""

    class Slow(Pretended):
        seen = 0

        def wait(self) -> Done | Gone:
            self.seen += 1
            if len(self._busy) > 1:
                self._data = None
                first = self._busy.pop(0)
                try:
                    return super().wait()
                finally:
                    self._busy.insert(0, first)
            return super().wait()

    order = order_of(1_000)
    crew = Slow(order, 2, set(), set(), None)
    going = campaign_at_once(order, crew)
    assert line(next(going)) == "begins"
    next(going)
    assert crew.seen == 2 * AHEAD


def test_our_own_error_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours while a scenario is played is told as such, with its place, and is not taken
    for a failure of what is tested; the next one is played."""
    sound = judging.take_stock

    async def buggy(stage: Stage) -> None:
        if stage.scenario.scenario == "a":
            raise LookupError("a bug")
        await sound(stage)

    monkeypatch.setattr(judging, "take_stock", buggy)
    first, second = ends(played(*(TEXT.format(name=name) for name in "ab")))
    assert (first.verdict, second.verdict) == ("could_not_run", "pass")
    assert first.failures[0] == "our own error: LookupError('a bug')"
    assert "in buggy" in first.failures[1]
