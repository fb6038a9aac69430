"""The steps of a scenario, taken one after the other (SBX-07)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from simulator.base.clock import NS_PER_S
from simulator.base.errors import ConfigError
from simulator.base.rng import Rng
from simulator.scenarios.asking import Heard
from simulator.scenarios.counting import count
from simulator.scenarios.expecting import judge, told
from simulator.scenarios.stage import PLATFORM, How, Noted, Stage
from simulator.scenarios.steps import (
    STEPS,
    AdvanceStep,
    Asking,
    CallStep,
    ChaosOffStep,
    ChaosOnStep,
    DeliverStep,
    DepositStep,
    LimitStep,
    ParallelStep,
    PlayStep,
    RestoreStep,
    SnapshotStep,
    Step,
    StormStep,
    WaitStep,
)
from simulator.scenarios.values import duration_ns, fill

Path_ = tuple[str | int, ...]
Failures = list[str]

_OPEN_NS = NS_PER_S // 2
_OPEN_TRIES = 40
"""A round that is still open is asked for every half a second, for twenty seconds."""


def name_of(step: Step) -> str:
    """A step in a few words."""
    match step:
        case CallStep():
            return f"call {step.call}"
        case PlayStep():
            return f"play {step.play}"
        case StormStep():
            return f"storm {step.storm}"
        case WaitStep():
            return f"wait until {step.wait_until}"
        case AdvanceStep():
            return f"advance {step.advance}"
        case _:
            return {kind: word for word, kind in STEPS.items()}[type(step)].replace("_", " ")


def walk(steps: list[Step], path: Path_ = ("steps",)) -> Iterator[tuple[Path_, Step]]:
    """Every step with its place, those within others too."""
    for at, step in enumerate(steps):
        yield (*path, at), step
        if isinstance(step, ParallelStep):
            yield from walk(step.parallel, (*path, at, "parallel"))


def called_by(step: Asking) -> tuple[str, str]:
    """The key that names the operation, and the operation."""
    match step:
        case CallStep():
            return "call", step.call
        case StormStep():
            return "storm", step.storm
        case WaitStep():
            return "wait_until", step.wait_until
        case _:
            raise TypeError(step)


class Actor:
    """Takes steps. Each gives the list of what went otherwise than expected."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def take(self, step: Step, path: Path_) -> Failures:
        """Take one step."""
        taking: Callable[[Any, Path_], Awaitable[Failures]] = _TAKING[type(step)].__get__(self)
        return await taking(step, path)

    async def _call(self, step: CallStep, path: Path_) -> Failures:
        heard = await self._ask(step, step.call, trace_of(path), self._stage.scope)
        if step.name is not None:
            raw = heard.reply.body if heard.reply else None
            self._stage.scope[step.name] = {**heard.as_scope(), "raw": raw}
        failures = list(judge(step.expect, heard, self._stage.scope))
        for asked in (step.expect.calls if step.expect else None) or ():
            failures += await count(self._stage, asked, f"{trace_of(path)}-count")
        return failures

    async def _ask(self, step: Asking, called: str, trace: str, scope: Mapping[str, Any]) -> Heard:
        key = None if step.key is None else str(fill(step.key, scope))
        return await self._stage.ask(
            called,
            step.parameters,
            trace,
            How(key, step.client, step.body, step.headers, step.retry),
            scope,
        )

    async def _storm(self, step: StormStep, path: Path_) -> Failures:
        stage = self._stage
        calls = step.rate_per_s * duration_ns(step.during) // NS_PER_S
        began_ns = stage.sandbox.elapsed_ns()
        failures: Failures = []

        async def one(n: int, due_ns: int) -> None:
            scope = {**stage.scope, "n": n}
            heard = await self._ask(step, step.storm, f"{trace_of(path)}-{n}", scope)
            stage.storms.note(heard, due_ns)
            if step.expect is not None:
                failures.extend(f"call {n}: {text}" for text in judge(step.expect, heard, scope))

        tasks = []
        for n in range(1, calls + 1):
            due_ns = began_ns + (n - 1) * NS_PER_S // step.rate_per_s
            pause_ns = due_ns - stage.sandbox.elapsed_ns()
            if pause_ns > 0:
                await stage.sandbox.sleep(pause_ns)
            tasks.append(asyncio.ensure_future(one(n, due_ns)))
        await asyncio.gather(*tasks)
        return failures

    async def _parallel(self, step: ParallelStep, path: Path_) -> Failures:
        order = start_order(self._stage.rng, path, len(step.parallel))
        tasks = {
            at: asyncio.ensure_future(self.take(step.parallel[at], (*path, "parallel", at)))
            for at in order
        }
        await asyncio.gather(*tasks.values())
        return [
            f"{name_of(step.parallel[at])}: {text}"
            for at in range(len(tasks))
            for text in tasks[at].result()
        ]

    async def _advance(self, step: AdvanceStep, _path: Path_) -> Failures:
        await self._stage.sandbox.advance(duration_ns(step.advance))
        return []

    async def _wait(self, step: WaitStep, path: Path_) -> Failures:
        stage = self._stage
        until_ns = stage.sandbox.elapsed_ns() + duration_ns(step.at_most)
        tried = 0
        while True:
            tried += 1
            heard = await self._ask(step, step.wait_until, f"{trace_of(path)}-{tried}", stage.scope)
            failures = list(judge(step.expect, heard, stage.scope))
            if not failures or stage.sandbox.elapsed_ns() >= until_ns:
                return failures
            await stage.sandbox.sleep(duration_ns(step.every))

    async def _deposit(self, step: DepositStep, path: Path_) -> Failures:
        given = {
            "player": step.player,
            "payment": f"pay-{trace_of(path)}",
            "amount": step.deposit,
        }
        await self._stage.must("control.fundPlayer", given, trace_of(path))
        return []

    async def _limit(self, step: LimitStep, path: Path_) -> Failures:
        given: dict[str, Any] = {"player": step.player, "limit": step.limit, "period": step.period}
        given |= {"amount": step.amount} if step.amount else {}
        given |= {"minutes": step.minutes} if step.minutes else {}
        await self._stage.must("control.setLimit", given, trace_of(path))
        return []

    async def _chaos_on(self, step: ChaosOnStep, path: Path_) -> Failures:
        if isinstance(step.chaos_on, str):
            await self._pause(step.chaos_on, False, path)
        else:
            await self._stage.add_rule(step.chaos_on, (*path, "chaos_on"))
        return []

    async def _chaos_off(self, step: ChaosOffStep, path: Path_) -> Failures:
        await self._pause(step.chaos_off, True, path)
        return []

    async def _pause(self, rule: str, paused: bool, path: Path_) -> None:
        given = {"rule": rule, "paused": paused}
        await self._stage.must("control.pauseChaosRule", given, trace_of(path))

    async def _snapshot(self, step: SnapshotStep, _path: Path_) -> Failures:
        stage = self._stage
        funds = {name: await stage.funds(name) for name in stage.players}
        stage.sandbox.hold(step.snapshot)
        stage.snapshots[step.snapshot] = Noted(
            funds, stage.purses.copy(), dict(stage.play_sessions)
        )
        return []

    async def _restore(self, step: RestoreStep, _path: Path_) -> Failures:
        stage = self._stage
        noted = stage.snapshots.get(step.restore)
        if noted is None:
            names = ", ".join(stage.snapshots) or "none"
            raise ConfigError(f"there is no snapshot {step.restore!r}, only {names}")
        await stage.sandbox.restore(step.restore)
        stage.purses, stage.play_sessions = noted.purses.copy(), dict(noted.play_sessions)
        return []

    async def _deliver(self, step: DeliverStep, path: Path_) -> Failures:
        given: dict[str, Any] = {"dead": step.deliver == "dead"}
        given |= {"subscription_id": step.subscriber} if step.subscriber else {}
        await self._stage.must("control.deliverNow", given, trace_of(path))
        return []

    # Play -----------------------------------------------------------------------------------------

    async def _play(self, step: PlayStep, path: Path_) -> Failures:
        session = await self._play_session(step, path)
        if isinstance(session, list):
            return session
        failures: Failures = []
        for n in range(1, step.play + 1):
            failures += [f"round {n}: {text}" for text in await self._round(step, path, session, n)]
        return failures

    async def _play_session(self, step: PlayStep, path: Path_) -> str | Failures:
        stage = self._stage
        known = stage.play_sessions.get((step.player, step.timing))
        if known is not None:
            return known
        given = {
            "player": step.player,
            "game": stage.scenario.world.players[step.player].game,
            "currency": stage.currency(step.player),
            "locale": "en-GB",
            "debit_timing": step.timing,
        }
        trace = f"{trace_of(path)}-open"
        heard = await stage.ask(
            "play.openPlaySession", given, trace, How(client=PLATFORM, retry=step.retry)
        )
        body = heard.body
        if heard.status not in (200, 201) or not isinstance(body, dict):
            return [f"the session was not opened: {told(heard)}"]
        session = stage.play_sessions[(step.player, step.timing)] = str(body["session_id"])
        return session

    async def _round(self, step: PlayStep, path: Path_, session: str, n: int) -> Failures:
        stage = self._stage
        trace = f"{trace_of(path)}-{n}"
        given = {
            "session": session,
            "stake": step.stake,
            "round": f"r-{trace}",
            "mode": step.mode,
        }
        heard = await stage.ask(
            "play.playRound", given, trace, How(f"r-{trace}", PLATFORM, retry=step.retry)
        )
        tries = 0
        while is_open(heard) and tries < _OPEN_TRIES:
            tries += 1
            await stage.sandbox.sleep(_OPEN_NS)
            stage.purses.unknown_to.discard(f"the round {heard.body['round_id']}, still open")
            again = await stage.ask(
                "play.readPlayRound", {"round": f"r-{trace}"}, trace, How(client=PLATFORM, retry=8)
            )
            heard.reply = again.reply
            stage.purses.heard(heard)
        body = heard.body
        status = body.get("status") if isinstance(body, dict) else None
        wanted = step.statuses or ["completed"]
        if status not in wanted:
            return [f"expected {' or '.join(wanted)}, got {told(heard)}"]
        return []


def start_order(rng: Rng, path: Path_, many: int) -> list[int]:
    """In which order the steps of a `parallel` start: by the seed."""
    return sorted(range(many), key=lambda at: rng.draw("parallel", *map(str, path), at))


def is_open(heard: Heard) -> bool:
    """Whether a round goes on by itself."""
    body = heard.body
    return 200 <= heard.status < 300 and isinstance(body, dict) and body.get("status") == "open"


def trace_of(path: Path_) -> str:
    """`steps.3.parallel.0` as part of ids."""
    return "-".join(str(part) for part in path if isinstance(part, int))


_TAKING: Mapping[type[Step], Any] = {
    CallStep: Actor._call,
    StormStep: Actor._storm,
    ParallelStep: Actor._parallel,
    AdvanceStep: Actor._advance,
    WaitStep: Actor._wait,
    DepositStep: Actor._deposit,
    LimitStep: Actor._limit,
    ChaosOnStep: Actor._chaos_on,
    ChaosOffStep: Actor._chaos_off,
    SnapshotStep: Actor._snapshot,
    RestoreStep: Actor._restore,
    DeliverStep: Actor._deliver,
    PlayStep: Actor._play,
}
