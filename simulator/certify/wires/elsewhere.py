"""A call to a URL: a path of the target goes over its wire, an absolute one over one of its own."""

from urllib.parse import urlsplit

from simulator.certify.exchange import Ask, Reply
from simulator.certify.wires.sockets import SocketWire
from simulator.certify.wires.wire import Wire


async def send_to(url: str, ask: Ask, wire: Wire, *, timeout_ms: int) -> Reply:
    """Send to `url` what `ask` has beside its path. Raises ConfigError for another URL."""
    if "://" not in url:
        return await wire.send(Ask(ask.method, url, ask.headers, ask.body))
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = f"{parts.scheme}://{parts.netloc}"
    other = SocketWire(host, timeout_ms=timeout_ms, ca_file=wire.ca_file)
    try:
        return await other.send(Ask(ask.method, path, ask.headers, ask.body))
    finally:
        await other.close()
