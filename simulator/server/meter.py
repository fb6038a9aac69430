"""How many calls of a party there were, what they took in real time and how they were refused, in
this process (JP-50). For people: nothing is decided by it, and no store keeps it."""

from collections import Counter
from collections.abc import Iterator

import msgspec
from hdrh.histogram import HdrHistogram

from simulator.adapters.transport import ReplyLost
from simulator.base.clock import stopwatch_ns
from simulator.server.courier import Outgoing
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from simulator.wire.jackpot_status import CallFigures

LONGEST_US = 60_000_000
"""A minute: what takes longer counts as that long."""

_DIGITS = 2
"""Quantiles are exact to one percent."""

_NS_PER_US = 1_000


class _Answered(msgspec.Struct):
    """What is read of an answer: an error's code, or the reason of a refusal that is a 200."""

    code: str = ""
    status: str | int = ""
    reason: str = ""


class Meter:
    """The calls of one party since it was built."""

    def __init__(self) -> None:
        self._took: dict[tuple[str, str], HdrHistogram] = {}
        self._sum_us: Counter[tuple[str, str]] = Counter()
        self._errors: dict[tuple[str, str], Counter[str]] = {}

    def count(self, direction: str, operation: str, took_ns: int, error: str) -> None:
        """One call has been answered; `error` is empty where nothing was refused."""
        name = (direction, operation)
        took = self._took.get(name)
        if took is None:
            took = self._took[name] = HdrHistogram(1, LONGEST_US, _DIGITS)
            self._errors[name] = Counter()
        took_us = max(1, took_ns // _NS_PER_US)
        took.record_value(min(took_us, LONGEST_US))
        self._sum_us[name] += took_us
        if error:
            self._errors[name][error] += 1

    def figures(self) -> Iterator[CallFigures]:
        """What was counted, by name."""
        for name, took in sorted(self._took.items()):
            direction, operation = name
            yield CallFigures(
                direction="in" if direction == "in" else "out",
                operation=operation,
                count=took.get_total_count(),
                sum_us=self._sum_us[name],
                p50_us=took.get_value_at_percentile(50),
                p95_us=took.get_value_at_percentile(95),
                p99_us=took.get_value_at_percentile(99),
                errors=dict(sorted(self._errors[name].items())),
            )


class Measured:
    """An `Outgoing` whose calls are counted, by the party and the last word of the path:
    `wallet.credit`."""

    def __init__(self, outgoing: Outgoing, meter: Meter) -> None:
        self._outgoing = outgoing
        self._meter = meter

    async def send(self, call: Call) -> Reply:
        """One attempt of one call. Raises NotSent or ReplyLost."""
        began_ns = stopwatch_ns()
        error = "NOT_SENT"
        try:
            reply = await self._outgoing.send(call)
            error = error_of(reply.status, reply.body)
            return reply
        except ReplyLost:
            error = "REPLY_LOST"
            raise
        finally:
            word = call.target.partition("?")[0].rpartition("/")[2]
            self._meter.count("out", f"{call.to}.{word}", stopwatch_ns() - began_ns, error)


def error_of(status: int, body: bytes) -> str:
    """What an answer refuses with; empty for one that refuses nothing. A payout that the wallet
    will not make is a 200 that says `failed` and why (JP-13)."""
    try:
        said = msgspec.convert(json.decode(body), _Answered) if body else _Answered()
    except (json.NotJson, msgspec.ValidationError):
        said = _Answered()
    if status >= 400:
        return said.code or f"STATUS_{status}"
    return (said.reason or "FAILED") if said.status == "failed" else ""
