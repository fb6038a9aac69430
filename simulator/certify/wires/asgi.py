"""The same calls without sockets, to an ASGI application (spec 2.3) in this process.

For the tests of the suites themselves, and for a pytest suite beside the application it judges.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any
from urllib.parse import unquote

from simulator.certify.exchange import PLAIN, Answer, Ask, End, Manner, NoAnswer, Reply

Message = MutableMapping[str, Any]
App = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]

TIMEOUT_MS = 5_000


class AsgiWire:
    """Calls an application; `prefix` is put in front of each path."""

    ca_file = ""

    def __init__(self, app: App, *, prefix: str = "", timeout_ms: int = TIMEOUT_MS) -> None:
        self.prefix = prefix
        self._app = app
        self._timeout_s = timeout_ms / 1000
        self._left: set[asyncio.Task[None]] = set()

    async def send(self, ask: Ask, manner: Manner = PLAIN) -> Reply:
        """The whole answer within the time-out, or how it ended."""
        started_s = asyncio.get_running_loop().time()
        talk = _Talk(ask.body, manner)
        task = asyncio.ensure_future(self._app(self._scope(ask), talk.receive, talk.send))
        self._left.add(task)
        task.add_done_callback(self._forget)
        if manner.listen_ms:
            await talk.listen(task, manner.listen_ms / 1000)
        else:
            await asyncio.wait((task,), timeout=self._timeout_s)
        done = task.done()
        took_ms = round((asyncio.get_running_loop().time() - started_s) * 1000)
        if manner.hang_up:
            return NoAnswer(End.HUNG_UP, "we hung up before the answer", took_ms)
        if not done and manner.listen_ms and talk.status:
            return Answer(talk.status, talk.headers, b"".join(talk.parts), took_ms)
        if not done:
            return NoAnswer(End.TIMED_OUT, f"no answer within {self._timeout_s:g} s", took_ms)
        if not talk.whole:
            return NoAnswer(End.RESET, "the application ended without a whole answer", took_ms)
        return Answer(talk.status, talk.headers, b"".join(talk.parts), took_ms)

    async def together(self, asks: Sequence[Ask]) -> list[Reply]:
        """All of them begun before any goes on."""
        return await asyncio.gather(*(self.send(ask) for ask in asks))

    async def close(self) -> None:
        """Stop what still runs behind answers that nobody awaits."""
        left = tuple(self._left)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # an application that raises has given no answer; that is all

    def _scope(self, ask: Ask) -> Message:
        path, _, query = (self.prefix + ask.path).partition("?")
        headers = [(b"host", b"target")]
        headers += [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in ask.headers.items()
        ]
        if ask.body or ask.method not in ("GET", "HEAD"):
            headers.append((b"content-length", str(len(ask.body)).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": ask.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": headers,
            "server": ("target", 80),
            "client": ("certify", 1),
            "state": {},
        }


class _Talk:
    """Both ends of one conversation."""

    def __init__(self, body: bytes, manner: Manner) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.parts: list[bytes] = []
        self.whole = False
        self._body: bytes | None = body
        self._manner = manner
        self._heard = asyncio.Event()
        self._ended = asyncio.Event()

    async def listen(self, task: asyncio.Task[None], for_s: float) -> None:
        """Until what has come is enough, all has come, or the time is over; then hang up."""
        heard = asyncio.ensure_future(self._heard.wait())
        await asyncio.wait((task, heard), timeout=for_s, return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()
        self._ended.set()

    async def receive(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        if not self._manner.hang_up:
            await self._ended.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            for name, value in message.get("headers", ()):
                key, text = name.decode("latin-1").lower(), value.decode("latin-1")
                known = self.headers.get(key)
                self.headers[key] = text if known is None else f"{known}, {text}"
        elif message["type"] == "http.response.body":
            self.parts.append(message.get("body", b""))
            if self._manner.listen_ms and self._manner.heard(b"".join(self.parts)):
                self._heard.set()
            if not message.get("more_body", False):
                declared = self.headers.get("content-length")
                self.whole = declared is None or int(declared) == sum(map(len, self.parts))
                self._ended.set()
