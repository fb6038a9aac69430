"""Asking a server, synchronously: one connection that is kept, exact decimals, clear errors.

PlaymoneyError
├── NoAnswer        the call went out, and no whole answer came back
└── ControlError    the control API refused, and says why
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from simulator.base.errors import ConfigError, PlaymoneyError
from simulator.wire import json

TIMEOUT_S = 30
"""Far above what a call takes; chaos that holds an answer longer is a time-out here too."""

IDLE_S = 2.0
"""How long an unused connection is kept: the server closes it after 5 s, and a call that meets that
close has an unknown outcome."""


class NoAnswer(PlaymoneyError):
    """No whole answer came: whether the call was done is unknown."""


class ControlError(PlaymoneyError):
    """What the control API refused."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, numbers with a fraction as Decimal. Raises ValueError where it is no JSON."""
        return json.decode(self.body)


class Channel:
    """Calls to one server, one at a time; any thread may call."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ConfigError(f"{url!r} is no base URL; write it as http://127.0.0.1:8080")
        self._kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self.url = url.rstrip("/")
        self._prefix = parts.path.rstrip("/")
        self._address = (parts.hostname, parts.port)
        self._connection = self._kind(*self._address, timeout=TIMEOUT_S)
        self._used_s = 0.0
        self._lock = threading.Lock()

    def send(
        self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send these bytes once. Raises NoAnswer."""
        with self._lock:
            if time.monotonic() - self._used_s > IDLE_S:
                self._renew()
            try:
                self._connection.request(method, self._prefix + target, body, dict(headers or {}))
                with self._connection.getresponse() as came:
                    found = {name.lower(): value for name, value in came.getheaders()}
                    answer = Answer(came.status, found, came.read())
            except (OSError, HTTPException) as wrong:
                self._renew()
                why = str(wrong) or type(wrong).__name__
                raise NoAnswer(f"no answer to {method} {self.url}{target}: {why}") from wrong
            except BaseException:
                self._renew()
                raise
            self._used_s = time.monotonic()
            return answer

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _renew(self) -> None:
        """Another connection: one that was closed still has the lines of a call half made."""
        self._connection.close()
        self._connection = self._kind(*self._address, timeout=TIMEOUT_S)


class Control:
    """A control API: that of the server at `/__admin`, or that of a sandbox."""

    def __init__(self, channel: Channel, prefix: str = "", admin_token: str | None = None) -> None:
        self._channel = channel
        self._prefix = f"{prefix}/__admin"
        self._headers = {"X-Trace-Id": "tr_pytest"}
        if admin_token:
            self._headers["Authorization"] = f"Bearer {admin_token}"

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """What it answers. Raises ControlError or NoAnswer."""
        answer = self.raw(method, path, body, **query)
        return answer.json if answer.body else None

    def raw(self, method: str, path: str, body: Any = None, **query: Any) -> Answer:
        """The answer as it came; `query` without what is None. Raises ControlError or NoAnswer."""
        target = self._prefix + quote(path) + written(query)
        headers, raw = dict(self._headers), b""
        if body is not None:
            headers["Content-Type"], raw = "application/json", encode(body)
        answer = self._channel.send(method, target, raw, headers)
        if answer.status >= 400:
            raise _refused(answer)
        return answer

    def pages(self, path: str, **query: Any) -> list[Any]:
        """All items of a list, page after page."""
        return every(self.ask, "GET", path, **query)


def every(read: Callable[..., Any], *asked: Any, **filters: Any) -> list[Any]:
    """All items of a list of which `read` gives a page."""
    found: list[Any] = []
    cursor: str | None = None
    while True:
        page = read(*asked, cursor=cursor, limit=200, **filters)
        found += page["items"]
        cursor = page.get("next_cursor")
        if not page["has_more"]:
            return found


def encode(body: Any) -> bytes:
    """JSON bytes. Raises TypeError for a float: money has exact decimals (PRV-03)."""
    _require_exact(body)
    return json.encode(body)


def written(query: Mapping[str, Any]) -> str:
    """A query with its `?`, without what is None; empty for none."""
    words = {True: "true", False: "false"}
    given = {
        name: words[value] if isinstance(value, bool) else str(value)
        for name, value in query.items()
        if value is not None
    }
    return f"?{urlencode(given)}" if given else ""


def _require_exact(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; write money exactly: Decimal('{value:.2f}')")
    if isinstance(value, Mapping):
        for part in value.values():
            _require_exact(part)
    elif isinstance(value, list | tuple):
        for part in value:
            _require_exact(part)


def exact(value: Decimal | int | str) -> Decimal:
    """An amount. Raises TypeError for a float, ValueError for a text that is no number."""
    _require_exact(value)
    try:
        return Decimal(value)
    except ArithmeticError:
        raise ValueError(f"{value!r} is no amount; write it as Decimal('2.00')") from None


def _refused(answer: Answer) -> ControlError:
    try:
        said = answer.json
        return ControlError(answer.status, said["code"], said["message"])
    except (ValueError, KeyError, TypeError):
        shown = answer.body[:200].decode("utf-8", "replace")
        return ControlError(answer.status, "", f"not of the control API: {shown}")
