"""What happens at once comes to the same, whichever comes first (SBX-02, D1, D2)."""

import json
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from simulator.scenarios import acting
from simulator.scenarios.reading import read_file
from simulator.scenarios.steps import ParallelStep
from tests.scenarios.playing import SHIPPED, ended, played

Order = Callable[[list[int]], list[int]]

ORDERS: dict[str, Order] = {
    "as they stand": sorted,
    "the other way round": lambda drawn: sorted(drawn, reverse=True),
    "odd ones first": lambda drawn: sorted(drawn, key=lambda at: (at % 2 == 0, at)),
}

PLAYERS = ("ana", "ben", "cleo", "dan", "eve", "finn")


def _step(player: str, n: int, end: bool) -> str:
    what = "settleBet" if end else "authorizeBet"
    with_ = f"round: r-{player}, bet: b-{player}-{n}"
    more = f"win: {n}.00 EUR" if end else f"session: s-{player}, amount: {n}.00 EUR"
    return (
        f"      - {{call: wallet.{what}, with: {{{with_}, {more}}}, key: {what}-{player}-{n}, "
        "retry: 9}\n"
    )


def _steps(end: bool) -> str:
    return "  - parallel:\n" + "".join(_step(p, n, end) for p in PLAYERS for n in (1, 2))


COMMUTING = f"""\
scenario: bets of six players at once, under chance
why: No order of arrival may change an id, a draw or an outcome.
rules: [SBX-02]
world:
  players: {{{", ".join(f"{name}: {{cash: 50.00 EUR}}" for name in PLAYERS)}}}
chaos:
  - at: "wallet.*Bet"
    when: {{probability: 1/3}}
    fault: latency
    with: {{distribution: uniform, ms: 1, to_ms: 900}}
  - {{at: "wallet.*Bet", when: {{probability: 1/3}}, fault: lose_reply}}
  - {{at: "wallet.*Bet", when: {{probability: 1/4}}, fault: status}}
  - {{at: "wallet.*Bet", when: {{probability: 1/4}}, fault: duplicate}}
steps:
{_steps(False)}{_steps(True)}then:
  - book: sound
  - money: kept
"""


def play(
    monkeypatch: pytest.MonkeyPatch, scenario: Any, order: Order, seed: int | None = None
) -> Any:
    """How a scenario ends whose parallel steps start in another order."""
    drawn = acting.start_order

    def start(rng: Any, path: Any, many: int) -> list[int]:
        return order(drawn(rng, path, many))

    with monkeypatch.context() as patched:
        patched.setattr(acting, "start_order", start)
        (one,) = ended(played(scenario, seed=seed))
    return one


def seen(one: Any) -> dict[str, Any]:
    """Of each key, attempt by attempt: its outcome, its draws, and the ids in its answer (D1); and
    what everybody has in the end (D2)."""
    found: dict[str, Any] = defaultdict(list)
    for exchange in one.exchanges:
        if exchange.operation in ("authorizeBet", "settleBet"):
            body = json.loads(exchange.answered) if exchange.status == 200 else None
            balance = body.pop("balance", None) if body else None
            assert (balance is None) == (body is None)  # of its own time: the rest is of its call
            found[exchange.key].append((exchange.status, exchange.injected, body))
    assert len(found) == 24
    return {**found, "funds": [(fund.player, fund.after) for fund in one.funds]}


def test_in_any_order_the_same_ids_outcomes_draws_and_money(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Twelve bets and their ends at once, under four faults by chance: whichever starts first,
    each has the same draws, answers and ids, and everybody the same money. Another seed does not:
    the comparison sees what it should (D1, D2)."""
    runs = {name: play(monkeypatch, COMMUTING, order) for name, order in ORDERS.items()}
    for one in runs.values():
        assert one.verdict == "pass", one.failures
    assert len({one.journal for one in runs.values()}) > 1, "the orders did differ"
    first, *others = [seen(one) for one in runs.values()]
    for other in others:
        assert other == first
    assert any(injected for key in first if key != "funds" for _, injected, _ in first[key])
    assert seen(play(monkeypatch, COMMUTING, sorted, seed=43)) != first


AT_ONCE = [
    path
    for path in SHIPPED
    if any(isinstance(step, ParallelStep) for _, step in acting.walk(read_file(path)[0].steps))
]


@pytest.mark.parametrize("path", AT_ONCE, ids=lambda path: path.stem)
def test_a_shipped_scenario_holds_whichever_of_its_steps_comes_first(
    path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Races too: who wins one may differ, what must hold after it may not."""
    for name, order in ORDERS.items():
        one = play(monkeypatch, path, order)
        assert one.verdict == "pass", (name, one.failures)


@pytest.mark.nightly
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_scenario_holds_under_a_hundred_seeds(path: Any) -> None:
    """Whatever chance deals: rules, steps and laws hold under each of them (SBX-07)."""
    found = ended(played(path, seed=1_000, seeds=100))
    assert [one.failures for one in found if one.verdict != "pass"] == []
    assert len(found) == 100
