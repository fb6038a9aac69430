"""The laws that must hold after the steps; each breach is one line."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from simulator.scenarios import delivered
from simulator.scenarios.counting import count
from simulator.scenarios.expecting import show, told
from simulator.scenarios.laws import (
    LAWS,
    BookLaw,
    CallsLaw,
    DeliveredLaw,
    EventsLaw,
    Law,
    MayRestLaw,
    MoneyLaw,
    PlayerLaw,
    PoolLaw,
    ServiceLaw,
    StruckLaw,
    UnchangedLaw,
)
from simulator.scenarios.purse import minor_of
from simulator.scenarios.stage import How, Stage
from simulator.scenarios.values import NoValue, fill, find, money, resolve, same
from simulator.wire.topics import BY_PARTY

Failures = list[str]

FEEDS = {
    "wallet": "wallet.listEvents",
    "play": "play.listPlayEvents",
    "rgs": "rgs.listRgsEvents",
    "jackpot": "jackpot.listJackpotEvents",
}
"""Party → what reads its feed."""


def name_of(law: Law) -> str:
    """A law in a word."""
    return {kind: word for word, kind in LAWS.items()}[type(law)]


async def judge(stage: Stage, law: Law, trace: str) -> Failures:
    """What breaks a law. Raises NoValue, ConfigError where it cannot be judged."""
    judging: Callable[[Stage, Any, str], Awaitable[Failures]] = _JUDGING[type(law)]
    return await judging(stage, law, trace)


async def _book(stage: Stage, _law: BookLaw, trace: str) -> Failures:
    books = await stage.must("control.reconcile", {}, trace)
    found = [
        f"the books: {broken['law']} at {broken['where']}: {broken['message']}"
        for broken in books["breaks"]
    ]
    if not books["sound"] and not found:
        found.append("the books are not sound, and do not say why")
    chain = await stage.must("control.audit", {}, f"{trace}-chain")
    if not chain["sound"]:
        found.append(f"the audit chain is broken at {chain.get('first_bad')}")
    return found


async def _player(stage: Stage, law: PlayerLaw, _trace: str) -> Failures:
    found = []
    for name, wanted in law.player.items():
        if name not in stage.players:
            raise NoValue(f"there is no player {name!r}, only {', '.join(stage.players)}")
        has = await stage.funds(name)
        for word, text, minor in (
            ("available", wanted.available, has[0]),
            ("held", wanted.held, has[1]),
        ):
            if text is None:
                continue
            asked = money(str(fill(text, stage.scope)))
            if asked["currency"] != stage.currency(name) or minor_of(asked) != minor:
                shown = stage.amount(name, minor)
                found.append(f"{name} has {shown} {word}, expected {text}")
    return found


async def _money(stage: Stage, _law: MoneyLaw, _trace: str) -> Failures:
    if stage.purses.unknown_to:
        names = ", ".join(sorted(stage.purses.unknown_to))
        return [f"nobody can say what the players should have: {names}"]
    found = []
    for name, player_id in stage.players.items():
        has = await stage.funds(name)
        allowed = stage.purses.allowed(player_id)
        if has not in allowed:
            shown = " or ".join(sorted(stage.show(name, pair) for pair in allowed)[:4])
            found.append(f"{name} has {stage.show(name, has)}; acknowledged was {shown}")
    return found


async def _events(stage: Stage, law: EventsLaw, trace: str) -> Failures:
    parties = {"wallet"} | {
        party for party, topics in BY_PARTY.items() if not law.events.keys().isdisjoint(topics)
    }
    feed = [
        event
        for party in sorted(parties)
        for event in await delivered.pages(stage, FEEDS[party], {}, f"{trace}-{party}")
    ]
    seen = Counter(event["event_type"] for event in feed)
    ids = Counter(event["event_id"] for event in feed)
    found = [
        f"{seen[name]} events {name}, expected {wanted}"
        for name, wanted in law.events.items()
        if seen[name] != wanted
    ]
    return found + [f"event {name} is in the feed {n} times" for name, n in ids.items() if n > 1]


async def _pool(stage: Stage, law: PoolLaw, trace: str) -> Failures:
    found = []
    for name, wanted in law.pool.items():
        has = await stage.must("jackpot.readPool", {"pool": name}, f"{trace}-{name}", How(retry=8))
        for path, value in wanted.items():
            asked, given = resolve(value, stage.scope), find(path, has)
            if not same(asked, given):
                found.append(f"{name}: {path} is {show(given)}, expected {show(asked)}")
    return found


async def _calls(stage: Stage, law: CallsLaw, trace: str) -> Failures:
    return [text for asked in law.calls for text in await count(stage, asked, trace)]


async def _struck(stage: Stage, law: StruckLaw, _trace: str) -> Failures:
    fired: Counter[str] = Counter()
    for row in stage.coverage:
        fired[row["fault"]] += row["fired"]
    return [
        f"{fault} has struck {fired[fault]} times, expected at least {wanted}"
        for fault, wanted in law.struck.items()
        if fired[fault] < wanted
    ]


async def _may_rest(stage: Stage, law: MayRestLaw, _trace: str) -> Failures:
    known = {str(rule["name"]) for rule in stage.rules}
    return [f"there is no chaos rule {name!r}" for name in law.may_rest if name not in known]


async def _unchanged(stage: Stage, law: UnchangedLaw, _trace: str) -> Failures:
    if law.unchanged_since not in stage.snapshots:
        names = ", ".join(stage.snapshots) or "none"
        raise NoValue(f"there is no snapshot {law.unchanged_since!r}, only {names}")
    found = []
    for name, pair in stage.snapshots[law.unchanged_since].funds.items():
        has = await stage.funds(name)
        if has != pair:
            found.append(f"{name} had {stage.show(name, pair)}, has {stage.show(name, has)}")
    return found


async def _service(stage: Stage, law: ServiceLaw, _trace: str) -> Failures:
    levels = (stage.storms if len(stage.storms) else stage.all_calls).levels()
    found = []
    for name, bound in law.service.items():
        if name == "errors":
            value = sum(levels.errors.values())
        else:
            value = -(-int(getattr(levels, name.replace("_ms", "_us"))) // 1_000)
        if value > bound.max:
            found.append(f"{name} is {value}, at most {bound.max} was promised")
    return found


async def rules_that_rested(stage: Stage) -> Failures:
    """A rule that never struck has proved nothing, unless chance decides or it may rest."""
    resting = {
        name for law in stage.scenario.then if isinstance(law, MayRestLaw) for name in law.may_rest
    }
    fired: Counter[tuple[str, str]] = Counter()
    for row in stage.coverage:
        fired[(row["fault"], "*")] += row["fired"]
    found = []
    for rule in stage.rules:
        written = rule["rule"]
        if "probability" in (written.get("when") or {}) or rule["name"] in resting:
            continue
        state = stage.states.get(str(rule["name"]))
        struck = fired[(written["fault"], "*")] if state is None else state["strikes"]
        if not struck:
            found.append(
                f"the rule {rule['name']} ({written['fault']} at {_at(written)}) never struck: "
                "it has proved nothing"
            )
    return found


async def take_stock(stage: Stage) -> None:
    """What chaos has done, before it is taken out of force."""
    heard = await stage.ask("control.readChaosCoverage", {}, "coverage")
    body: Any = heard.body
    if heard.status != 200:
        raise NoValue(f"no coverage: {told(heard)}")
    stage.coverage = body["items"]
    states = await stage.must("control.listChaosRules", {}, "rules")
    stage.states = {state["name"]: state for state in states["items"]}


def _at(written: Mapping[str, Any]) -> str:
    at = written.get("at", "*")
    return str(at.get("call", "*") if isinstance(at, dict) else at)


_JUDGING: Mapping[type[Law], Any] = {
    BookLaw: _book,
    PlayerLaw: _player,
    MoneyLaw: _money,
    EventsLaw: _events,
    DeliveredLaw: delivered.judge,
    PoolLaw: _pool,
    CallsLaw: _calls,
    StruckLaw: _struck,
    MayRestLaw: _may_rest,
    UnchangedLaw: _unchanged,
    ServiceLaw: _service,
}
