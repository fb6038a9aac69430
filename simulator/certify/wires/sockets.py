"""HTTP/1.1 over sockets, for targets that may do anything: bounded in time and size.

Framing is h11's, which takes nothing that RFC 9112 forbids (a body shorter or longer than its
Content-Length, two lengths, bare line feeds). Requests that belong together are sent but for their
last byte, each on its own connection, and then the last bytes go out at once: so they arrive within
a packet or two of each other, and races that a pool of threads would hide do happen.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence
from urllib.parse import urlsplit

import h11

from simulator.base.errors import ConfigError
from simulator.certify.exchange import PLAIN, Answer, Ask, End, Manner, NoAnswer, Reply
from simulator.certify.wires.wire import MAX_BODY

TIMEOUT_MS = 5_000
"""From the first byte sent to the last received: the bet time-out of the reference profile."""

IDLE_S = 1.0
"""A connection that was idle for longer is not used again: the target may be closing it, and a call
that meets this has an unknown outcome."""

PIECES = 10


class SocketWire:
    """Talks to `http(s)://host[:port][/prefix]`. Raises ConfigError for another URL, and for a
    `ca_file` that names no authority."""

    def __init__(
        self,
        base_url: str,
        *,
        timeout_ms: int = TIMEOUT_MS,
        max_body: int = MAX_BODY,
        ca_file: str = "",
    ) -> None:
        try:
            parts = urlsplit(base_url)
            self._port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        except (ValueError, KeyError):
            raise ConfigError(f"--target {base_url}: write it as http://127.0.0.1:8080") from None
        if not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ConfigError(
                f"--target {base_url}: a base URL is scheme, host, port and path, nothing else"
            )
        self.prefix = parts.path.rstrip("/")
        self._host = parts.hostname
        self._named = parts.netloc
        self.ca_file = ca_file
        https = parts.scheme == "https"
        # A wrong file is refused where it is not needed, too.
        trusted = _trusting(ca_file) if https or ca_file else None
        self._tls = trusted if https else None
        self._timeout_s = timeout_ms / 1000
        self._max_body = max_body
        self._idle: list[_Line] = []

    async def send(self, ask: Ask, manner: Manner = PLAIN) -> Reply:
        """The whole answer within the time-out, or how it ended."""
        return await self._timed(lambda started_s: self._exchange(ask, manner, started_s))

    async def together(self, asks: Sequence[Ask]) -> list[Reply]:
        """Every request on a connection of its own; their last bytes leave in one turn."""
        held = _Gate(len(asks))

        async def one(ask: Ask) -> Reply:
            return await self._timed(lambda started_s: self._exchange(ask, PLAIN, started_s, held))

        return await asyncio.gather(*map(one, asks))

    async def close(self) -> None:
        """Close what is kept open."""
        while self._idle:
            self._idle.pop().close()
        await asyncio.sleep(0)

    async def _timed(self, exchange: Callable[[float], Awaitable[Reply]]) -> Reply:
        loop = asyncio.get_running_loop()
        started_s = loop.time()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await exchange(started_s)
        except TimeoutError:
            why = f"no whole answer within {self._timeout_s:g} s"
            return NoAnswer(End.TIMED_OUT, why, _since_ms(started_s))

    async def _exchange(
        self, ask: Ask, manner: Manner, started_s: float, held: "_Gate | None" = None
    ) -> Reply:
        try:
            line = (None if held else self._take()) or await self._connect()
        except OSError as wrong:
            if held:
                held.leave()
            why = f"no connection to {self._named}: {_reason(wrong)}"
            return NoAnswer(End.REFUSED, why, _since_ms(started_s))
        try:
            return await self._ask(line, ask, manner, started_s, held)
        finally:
            if line.whole:
                line.idle_since_s = asyncio.get_running_loop().time()
                self._idle.append(line)
            else:
                line.close()

    async def _ask(
        self, line: "_Line", ask: Ask, manner: Manner, started_s: float, held: "_Gate | None"
    ) -> Reply:
        try:
            await self._put(line, ask, manner, held)
            if manner.hang_up:
                return NoAnswer(End.HUNG_UP, "we hung up before the answer", _since_ms(started_s))
            return await line.answer(started_s, self._max_body, manner)
        except _TooLarge:
            why = f"the answer is larger than {self._max_body} bytes"
            return NoAnswer(End.TOO_LARGE, why, _since_ms(started_s))
        except h11.RemoteProtocolError as wrong:
            if line.over:
                why = "the connection ended before a whole answer"
                return NoAnswer(End.RESET, why, _since_ms(started_s))
            why = f"what came is not a whole answer: {wrong}"
            return NoAnswer(End.GARBLED, why, _since_ms(started_s))
        except OSError as wrong:
            why = f"the connection ended before the answer: {type(wrong).__name__}"
            return NoAnswer(End.RESET, why, _since_ms(started_s))

    async def _put(self, line: "_Line", ask: Ask, manner: Manner, held: "_Gate | None") -> None:
        head, body = line.written(ask, self.prefix, self._named)
        if held is not None:
            whole = head + body
            line.write(whole[:-1])
            await line.drain()
            await held.wait()
            line.write(whole[-1:])
        elif manner.slow_ms and body:
            line.write(head)
            size = max(1, -(-len(body) // PIECES))
            for at in range(0, len(body), size):
                await asyncio.sleep(manner.slow_ms / 1000 / PIECES)
                line.write(body[at : at + size])
                await line.drain()
        else:
            line.write(head + body)
        await line.drain()

    def _take(self) -> "_Line | None":
        now_s = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()
            if now_s - line.idle_since_s < IDLE_S and line.quiet:
                return line
            line.close()
        return None

    async def _connect(self) -> "_Line":
        reader, writer = await asyncio.open_connection(self._host, self._port, ssl=self._tls)
        return _Line(reader, writer)


def _trusting(ca_file: str) -> ssl.SSLContext:
    """Trusts what this machine trusts, and the authorities of a PEM file. Raises ConfigError."""
    context = ssl.create_default_context()
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except ssl.SSLError:
            raise ConfigError(f"ca_file {ca_file}: holds no certificate in PEM form") from None
        except OSError as wrong:
            raise ConfigError(f"ca_file {ca_file}: cannot be read ({wrong.strerror})") from None
    return context


def _reason(wrong: OSError) -> str:
    if isinstance(wrong, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({wrong.verify_message}); --ca-file names an "
            "authority to trust"
        )
    return wrong.strerror or str(wrong)


class _TooLarge(Exception):
    """More than is read."""


class _Gate:
    """Lets all through when the last has come; one that will not come leaves."""

    def __init__(self, size: int) -> None:
        self._missing = size
        self._open = asyncio.Event()

    async def wait(self) -> None:
        self.leave()
        await self._open.wait()

    def leave(self) -> None:
        self._missing -= 1
        if self._missing == 0:
            self._open.set()


class _Line:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.CLIENT)
        self.idle_since_s = 0.0
        self.whole = False
        """Whether the last answer came whole and another request may follow."""
        self.over = False
        """Whether the other side has closed."""

    @property
    def quiet(self) -> bool:
        """Nothing has come that was not asked for, the end included."""
        return not self._reader.at_eof() and not self._writer.is_closing()

    def written(self, ask: Ask, prefix: str, host: str) -> tuple[bytes, bytes]:
        """Head and body as they go out."""
        self.whole = False
        headers = [("Host", host), *ask.headers.items()]
        if ask.body or ask.method not in ("GET", "HEAD"):
            headers.append(("Content-Length", str(len(ask.body))))
        request = h11.Request(method=ask.method, target=prefix + ask.path, headers=headers)
        head = self._http.send(request) or b""
        body = (self._http.send(h11.Data(data=ask.body)) or b"") if ask.body else b""
        self._http.send(h11.EndOfMessage())
        return head, body

    def write(self, data: bytes) -> None:
        self._writer.write(data)

    async def drain(self) -> None:
        await self._writer.drain()

    async def answer(self, started_s: float, max_body: int, manner: Manner) -> Answer:
        """Read until the answer is whole, or enough was heard. Raises h11.RemoteProtocolError,
        OSError, _TooLarge."""
        until_s = started_s + manner.listen_ms / 1000 if manner.listen_ms else None
        headers: dict[str, str] = {}
        status, size = 0, 0
        parts: list[bytes] = []
        while not manner.heard(b"".join(parts) if until_s else b""):
            event = self._http.next_event()
            match event:
                case h11.NEED_DATA:
                    if not await self._more(until_s if status else None):
                        break
                case h11.Response():
                    status = event.status_code
                    headers = _joined(event.headers)
                case h11.Data():
                    size += len(event.data)
                    if size > max_body:
                        raise _TooLarge
                    parts.append(bytes(event.data))
                case h11.EndOfMessage():
                    break
                case h11.ConnectionClosed():
                    raise ConnectionResetError("closed before an answer")
                case _:  # an informational answer such as 100 or 103
                    continue
        if self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
            self.whole = True
        return Answer(status, headers, b"".join(parts), _since_ms(started_s))

    async def _more(self, until_s: float | None) -> bool:
        """Take in what comes next; False where nothing has come by then."""
        try:
            async with asyncio.timeout_at(until_s) as heard:
                data = await self._reader.read(65_536)
        except TimeoutError:
            if not heard.expired():
                raise
            return False
        self.over = not data
        self._http.receive_data(data)
        return True

    def close(self) -> None:
        self._writer.close()


def _joined(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names in lower case; what comes under one name several times, in one line."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _since_ms(started_s: float) -> int:
    return round((asyncio.get_running_loop().time() - started_s) * 1000)
