"""A whole server in this process, as a client library reaches it: no socket, and no thread either.

Schemathesis has an ASGI transport of its own, which hands each call to the loop of another thread
and back; on these small calls that was most of the time.
"""

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from simulator.base.errors import StoreBroken
from simulator.server.app import App
from simulator.server.documents import documents
from simulator.settings import Settings
from simulator.world import Worlds
from tests.support import CONTRACTS, FROZEN

URL = "http://127.0.0.1"
ANSWERS_WITHIN_S = 120


class Hosted(HTTPAdapter):
    """A server with a loop of its own, which runs while a call does."""

    def __init__(self, **chosen: Any) -> None:
        super().__init__()
        settings = Settings(clock=FROZEN, strict=True, **chosen)
        self._loop = asyncio.new_event_loop()
        self._worlds = Worlds(settings, CONTRACTS, _broken)
        self.app: Any = App(settings, self._worlds, CONTRACTS, documents(CONTRACTS))
        self._loop.run_until_complete(self._worlds.start())

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer a request; every byte of it arrives as a socket would bring it."""
        messages = self._loop.run_until_complete(
            asyncio.wait_for(_exchange(self.app, request), ANSWERS_WITHIN_S)
        )
        start, *rest = messages
        assert start["type"] == "http.response.start", start
        assert [part.get("more_body", False) for part in rest] == [*[True] * (len(rest) - 1), False]
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(b"".join(part.get("body", b"") for part in rest)),
            headers=urllib3.HTTPHeaderDict(
                [(n.decode("latin-1"), v.decode("latin-1")) for n, v in start["headers"]]
            ),
            status=start["status"],
            version=11,
            preload_content=False,
            request_method=request.method,
        )
        return self.build_response(request, raw)

    def end(self) -> None:
        """End the server."""
        self._loop.run_until_complete(self._worlds.close())
        self._loop.close()


@contextmanager
def calling(hosted: Hosted) -> Iterator[requests.Session]:
    """A client of it."""
    with requests.Session() as client:
        client.trust_env = False  # no proxy is looked for, call by call
        client.mount("http://", hosted)
        try:
            yield client
        finally:
            hosted.end()


async def _exchange(app: Any, request: requests.PreparedRequest) -> list[Any]:
    url = urlsplit(str(request.url))
    body = request.body or b""
    headers = [(b"host", url.netloc.encode())] if "host" not in request.headers else []
    headers += [(_bytes(name).lower(), _bytes(value)) for name, value in request.headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(url.path),
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 80),
    }
    parts = [{"type": "http.request", "body": _bytes(body, "utf-8"), "more_body": False}]
    sent: list[Any] = []

    async def receive() -> Any:
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def _bytes(text: Any, encoding: str = "latin-1") -> bytes:
    return text.encode(encoding) if isinstance(text, str) else bytes(text)


def _broken(wrong: StoreBroken) -> None:
    raise wrong
