"""What the control API tells of the jackpot service: figures and alerts (JP-50, JP-51)."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from simulator.base.errors import NotFound, ValidationFailed
from simulator.base.lazy import lazy
from simulator.jackpot import figures, pools, terms
from simulator.server.clients import BRANDS
from simulator.server.exchange import Answer
from simulator.server.owner import as_owner, owner
from simulator.server.party import Party, Sandbox
from simulator.wire import control as c
from simulator.wire.jackpot_pools import PoolOpened
from simulator.wire.jackpot_status import JackpotStatus, Limits

if TYPE_CHECKING:
    from simulator.server import metrics
else:  # the client library of Prometheus takes 40 ms of a start, an HTTP server of its own with it
    metrics = lazy("simulator.server.metrics")

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


async def open_pool(sandbox: Sandbox, given: dict[str, Any]) -> PoolOpened:
    """Open a pool, as the brand that owns it. Raises ValidationFailed naming the field, Duplicate
    for one that is open, NotFound where the world has no such party or brand."""
    try:
        wanted = terms.one(given)
    except terms.BadTerms as wrong:
        raise _refused(wrong) from None
    brand = BRANDS.get(wanted.owner)
    if brand is None:
        raise NotFound(f"there is no brand {wanted.owner}", details={"brand_id": wanted.owner})
    lost = terms.astray(wanted, {one.brand_id: one.region for one in BRANDS.values()})
    if lost is not None:
        raise _refused(terms.BadTerms(wanted.pool_id, *lost))
    opening = partial(
        as_owner,
        caller=owner(brand, "tr_owner"),
        decide=pools.open_pool,
        message=pools.OpenPool(pool=wanted),
    )
    await _party(sandbox).writer.submit(opening)
    return PoolOpened(pool_id=wanted.pool_id, status="open")


Handler = Callable[[Sandbox, Any], Awaitable[Any]]

OPERATIONS: Mapping[str, tuple[type[Any], Handler]] = {
    "openPool": (dict[str, Any], open_pool),
    "readMetrics": (c.Nothing, read_metrics),
    "readJackpotStatus": (Limits, read_status),
}


def _refused(wrong: terms.BadTerms) -> ValidationFailed:
    errors = [{"field": wrong.field, "message": wrong.why}]
    return ValidationFailed(str(wrong), details={"errors": errors})


def _party(sandbox: Sandbox) -> Party:
    party = sandbox.parties.get(NAME)
    if party is None:
        raise NotFound("this world has no jackpot service", details={"reason": "party_left_out"})
    return party
