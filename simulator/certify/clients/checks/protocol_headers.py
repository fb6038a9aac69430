"""Who calls, for whom, from where, and which call it is."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched

ALWAYS = ("x-trace-id", "x-brand-id", "x-region", "x-provider-id")


def _judge(watched: Watched) -> Iterator[Case]:
    for one in watched.calls:
        if not one.target.partition("/v1")[1]:
            continue
        missing = [name for name in ALWAYS if not one.headers.get(name)]
        if one.method != "GET" and not one.key:
            missing.append("x-idempotency-key")
        if missing:
            yield broke(f"{one.operation} was sent without {', '.join(missing)}", one)
        else:
            yield kept(one)


CHECK = ClientCheck(
    id="client.protocol.headers",
    rules=("PRV-12",),
    category=Category.PROTOCOL,
    about="Every call carries trace, brand, region and provider; every write an idempotency key.",
    needs="a call",
    judge=_judge,
)
