"""Reports over a world that was really played in: its feeds, read over the wire."""

from typing import Any

from simulator.adapters.credentials import BearerAuth
from simulator.adapters.inprocess import InProcessTransport
from simulator.adapters.platform import PlatformClient, Provider
from simulator.base.rng import Rng
from simulator.reports.collect import Collected
from simulator.reports.feed import from_server
from simulator.reports.revenue import Span, report, revenue
from simulator.reports.terms import load_contract, load_rates
from tests.play.tools import Casino

TERMS = load_contract("revenue-share")


def client_of(house: Casino) -> PlatformClient:
    """A reader of the world's feeds."""
    transport = InProcessTransport(house.box.app)
    auth = BearerAuth(transport, "platform-demo", "platform-demo-secret", house.box.world.clock)
    return PlatformClient(transport, auth, Provider("platform", "brand-42", "EU"), Rng(1), "test")


async def collected(house: Casino, feed: str) -> Collected:
    """What a feed tells over the wire."""
    found = Collected(feed)
    async for told in from_server(client_of(house), feed):
        found.take(told)
    return found


def made(found: Collected) -> dict[str, Any]:
    """The report by game."""
    return report(found, revenue(found, Span(), TERMS), "game", TERMS, load_rates("fx-demo"))
