"""What the control API tells of the jackpot service: figures and alerts (JP-50, JP-51)."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from simulator.base.errors import NotFound
from simulator.jackpot import figures
from simulator.server import metrics
from simulator.server.exchange import Answer
from simulator.server.party import Party, Sandbox
from simulator.wire import control as c
from simulator.wire.jackpot_status import JackpotStatus, Limits

NAME = "jackpot"


async def read_status(sandbox: Sandbox, limits: Limits) -> JackpotStatus:
    """Figures and alerts as of one moment. Raises NotFound where the world has no such party."""
    party = _party(sandbox)
    calls = [] if party.meter is None else list(party.meter.figures())
    look = partial(
        figures.status, now_ns=party.writer.unit.clock.now_ns(), limits=limits, calls=calls
    )
    return await party.audit(look)


async def read_metrics(sandbox: Sandbox, _ask: c.Nothing) -> Answer:
    """The same for a scrape, with the limits that nobody has changed."""
    status = await read_status(sandbox, Limits())
    return Answer(200, metrics.text(status), media_type=metrics.MEDIA_TYPE)


Handler = Callable[[Sandbox, Any], Awaitable[Any]]

OPERATIONS: Mapping[str, tuple[type[Any], Handler]] = {
    "readMetrics": (c.Nothing, read_metrics),
    "readJackpotStatus": (Limits, read_status),
}


def _party(sandbox: Sandbox) -> Party:
    party = sandbox.parties.get(NAME)
    if party is None:
        raise NotFound("this world has no jackpot service", details={"reason": "party_left_out"})
    return party
