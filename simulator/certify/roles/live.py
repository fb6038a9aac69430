"""What a stream of pools has told: Server-Sent Events (JP-14)."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from simulator.certify.check import Unclear
from simulator.certify.exchange import Manner
from simulator.certify.reading import NotJson, parse
from simulator.certify.roles.jackpot import Jackpot
from simulator.certify.roles.pools import Pool, minor_of

LISTEN_MS = 3_000
"""After so long nothing more is waited for."""


class News(NamedTuple):
    """An event of the stream."""

    id: str
    pool: Mapping[str, Any]


async def listen(
    jackpot: Jackpot, enough: Callable[[list[News]], bool], after: str = ""
) -> list[News]:
    """What is told until that is enough, or the time is over; `after` is the id of the last event
    that is known. Raises Unclear where there is no such stream."""
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {})}
    ask = jackpot.ask("GET", "/v1/jp/live/pools", headers=headers)
    manner = Manner(listen_ms=LISTEN_MS, heard=lambda body: enough(_read(body)))
    done = jackpot.given(await jackpot.send(ask, manner=manner))
    if not str(done.header("content-type")).startswith("text/event-stream"):
        raise Unclear(f"it is no stream of events: {done.header('content-type')}")
    return _read(done.raw)


def sizes(pool: Pool, news: list[News]) -> list[int]:
    """What is told of one pool, in minor units."""
    return [minor_of(one.pool.get("size"), 0) for one in news if one.pool.get("pool_id") == pool.id]


def _read(body: bytes) -> list[News]:
    """Each event that has come to its end."""
    text = body.decode("utf-8", "replace").replace("\r\n", "\n")
    events = (_news(one.split("\n")) for one in text.split("\n\n")[:-1])
    return [one for one in events if one is not None]


def _news(lines: list[str]) -> News | None:
    """None for what tells nothing, such as a comment."""
    fields = dict(line.partition(":")[::2] for line in lines if not line.startswith(":"))
    try:
        pool = parse(fields.get("data", "null").encode())
    except NotJson:
        return None
    return News(fields.get("id", "").strip(), pool) if isinstance(pool, dict) else None
