"""Who calls, for whom, from where, and which call it is."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched

TRACE = ("x-trace-id",)
PROVIDER = (*TRACE, "x-brand-id", "x-region", "x-provider-id")
"""Of the provider's API; the others know brand and region by their sessions."""


def _judge(watched: Watched) -> Iterator[Case]:
    for one in watched.calls:
        provider = one.party == "wallet"
        missing = [name for name in (PROVIDER if provider else TRACE) if not one.headers.get(name)]
        if provider and one.method != "GET" and not one.key:
            missing.append("x-idempotency-key")
        if missing:
            yield broke(f"{one.operation} was sent without {', '.join(missing)}", one)
        else:
            yield kept(one)


CHECK = ClientCheck(
    id="client.protocol.headers",
    rules=("PRV-12",),
    category=Category.PROTOCOL,
    about="Every call carries a trace id; those of the provider's API brand, region and provider, "
    "and its writes an idempotency key.",
    needs="a call",
    judge=_judge,
)
