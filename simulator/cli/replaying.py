"""How a journal is played again: the file, the requests with their secrets, the comparison.

What came from outside is sent again, one call after the other in the order of arrival; what the
parties of the world asked of each other follows by itself, and is compared too (SBX-10).
"""

import asyncio
import base64
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

import msgspec

from simulator.base.errors import ConfigError
from simulator.server.clients import CLIENTS, Client
from simulator.server.journal_export import FORMAT, untimed
from simulator.server.journal_view import JWT, MASK, fingerprint
from simulator.wire import signing
from simulator.wire.journal import Entry, Half, Start

ADMIN_TOKEN = "replay"
"""What guards the control API of a replay, where it was guarded."""

_FINGERPRINT = re.compile(r"\*\*\*[0-9a-f]{12}")


class Recorded(NamedTuple):
    """What a file says."""

    start: Start
    entries: Sequence[Entry]


class Group(NamedTuple):
    """A call from outside, and what it made the parties ask of each other."""

    call: Entry
    inside: Sequence[Entry]


def read(path: Path) -> Recorded:
    """The journal in a file. Raises ConfigError for one that cannot be played again, with the line
    at fault or the reason that the journal gave."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as wrong:
        raise ConfigError(f"{path}: cannot be read ({wrong.strerror})") from None
    if not lines:
        raise ConfigError(f"{path}: is empty; export it with GET /__admin/journal/export")
    start = _line(path, 1, lines[0], Start)
    if start.journal > FORMAT:
        raise ConfigError(f"{path}: is of format {start.journal}; this playmoney reads {FORMAT}")
    if not start.replayable:
        raise ConfigError(f"{path}: cannot be played again: {start.why_not}")
    entries = [_line(path, n, line, Entry) for n, line in enumerate(lines[1:], 2)]
    if len(entries) != start.exchanges:
        raise ConfigError(
            f"{path}: says that it has {start.exchanges} exchanges and has {len(entries)}"
        )
    return Recorded(start, entries)


def groups(entries: Sequence[Entry]) -> Iterator[Group]:
    """The calls from outside, each with what followed from it."""
    outside = [at for at, entry in enumerate(entries) if entry.direction == "in"]
    for at, after in zip(outside, [*outside[1:], len(entries)], strict=True):
        yield Group(entries[at], entries[at + 1 : after])


def _line(path: Path, number: int, line: bytes, kind: type[Any]) -> Any:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as wrong:
        raise ConfigError(f"{path}:{number}: is no line of a journal: {wrong}") from None


# Requests ----------------------------------------------------------------------------------------


class Secrets:
    """Puts back what the journal has masked: tokens from the answers of this replay, the published
    secrets of the test clients."""

    def __init__(self, clients: Mapping[str, Client] = CLIENTS) -> None:
        self._clients = clients
        self._tokens: dict[str, str] = {}

    def learn(self, answer: bytes) -> None:
        """Take note of the tokens in an answer."""
        for token in JWT.findall(answer.decode("latin-1")):
            self._tokens[fingerprint(token)] = token

    def request(self, entry: Entry) -> tuple[str, list[tuple[bytes, bytes]], bytes]:
        """Target, headers and body as they were sent. What was wrong stays wrong."""
        asked = entry.request
        good = entry.answer is not None and entry.answer.status == 200
        target = self._tokens_in(asked.target)
        text = self._tokens_in(_text(asked))
        if good and f"client_secret={MASK}" in text:
            who = self._clients.get(dict(parse_qsl(text)).get("client_id", ""))
            secret = who.secret if who else MASK
            text = text.replace(f"client_secret={MASK}", f"client_secret={secret}")
        body = text.encode("latin-1")
        sent = dict(asked.headers)
        headers = []
        for name, value in asked.headers:
            put = value
            if name.lower() == "x-signature":
                put = self._signature(value, asked.method, target, sent, body)
            elif name.lower() == "authorization":
                put = self._authorization(value, entry)
            headers.append((name.encode("latin-1"), self._tokens_in(put).encode("latin-1")))
        return target, headers, body

    def _tokens_in(self, text: str) -> str:
        return _FINGERPRINT.sub(lambda found: self._tokens.get(found[0], found[0]), text)

    def _authorization(self, value: str, entry: Entry) -> str:
        """The credentials that were good; what was wrong stays as it is."""
        status = 0 if entry.answer is None else entry.answer.status
        if "/__admin/" in entry.request.target and status != 401:
            return f"Bearer {ADMIN_TOKEN}"
        return self._basic(value) if status == 200 else value

    def _basic(self, value: str) -> str:
        scheme, _, rest = value.partition(" ")
        name, colon, secret = rest.partition(":")
        if scheme.lower() != "basic" or not colon or secret != MASK or name not in self._clients:
            return value
        pair = f"{name}:{self._clients[name].secret}"
        return f"{scheme} {base64.b64encode(pair.encode()).decode()}"

    def _signature(
        self, masked: str, method: str, target: str, sent: Mapping[str, str], body: bytes
    ) -> str:
        """The client's signature, where that is what was sent; else the mask: wrong as well."""
        headers = {name.lower(): value for name, value in sent.items()}
        client = self._clients.get(headers.get("x-client-id", ""))
        if client is None:
            return masked
        text = signing.string_to_sign(
            headers.get("x-timestamp", ""), headers.get("x-nonce", ""), method, target, body
        )
        for right in (
            signing.sign_hmac(client.hmac_key, text),
            signing.sign_ed25519(signing.demo_ed25519_key(client.signing_key), text),
        ):
            if fingerprint(right) == masked:
                return right
        return masked


def _text(half: Half) -> str:
    raw = base64.b64decode(half.body_base64) if half.body_base64 else half.body.encode()
    return raw.decode("latin-1")


class Exchange:
    """One ASGI conversation: the request of a group, and its answer, if there is one."""

    def __init__(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        path, _, query = target.partition("?")
        self.answer = b""
        self._parts = [{"type": "http.request", "body": body, "more_body": False}]
        self._ended = asyncio.Event()
        self.scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": headers,
            "server": ("replay", 80),
            "client": ("replay", 1),
            "state": {},
        }

    async def receive(self) -> dict[str, Any]:
        """The whole body, and then nothing any more."""
        if self._parts:
            return self._parts.pop()
        await self._ended.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        """Take the answer."""
        self.answer += message.get("body", b"")
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self._ended.set()


# Comparing ---------------------------------------------------------------------------------------


def difference(recorded: Entry, replayed: Entry | None) -> list[str]:
    """Lines that show where two exchanges differ, byte for byte; none where they do not."""
    if replayed is None:
        return ["it did not happen again"]
    if recorded.direction == "in":  # we sent it; a wrong secret is not the same wrong one
        replayed = msgspec.structs.replace(replayed, request=recorded.request)
    before, after = (msgspec.structs.replace(untimed(e), exchange=0) for e in (recorded, replayed))
    if before == after:
        return []
    for pretty in (True, False):  # white space in a body is a difference too
        old, new = (list(_shown(entry, pretty=pretty)) for entry in (before, after))
        found = difflib.unified_diff(old, new, "recorded", "replayed", n=2, lineterm="")
        if shown := list(found):
            return shown
    return [f"recorded {before}", f"replayed {after}"]


def _shown(entry: Entry, *, pretty: bool) -> Iterator[str]:
    """An exchange as lines, each field of a JSON body on its own."""
    yield f"at {entry.at}, trace {entry.trace_id}"
    yield f"{entry.direction} {entry.party} {entry.operation or '(no operation)'}"
    yield f"injected: {', '.join(entry.injected) or 'nothing'}"
    for mark, half in ((">", entry.request), ("<", entry.answer)):
        if half is None:
            yield f"{mark} no answer"
            continue
        yield f"{mark} {half.method} {half.target}" if half.method else f"{mark} {half.status}"
        yield from (f"{mark} {name}: {value}" for name, value in half.headers)
        yield from (f"{mark} {line}" for line in _lines(half, pretty=pretty))


def _lines(half: Half, *, pretty: bool) -> list[str]:
    text = half.body or half.body_base64
    if pretty:
        try:
            text = msgspec.json.format(text, indent=2)
        except msgspec.DecodeError:
            return text.splitlines()
    return text.splitlines()
