"""What the tests from outside share: a server process, a plain socket, calls under X-Chaos."""

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.processes import Server

ENDS_WITHIN_S = 60.0
"""An answer that has not ended by then hangs."""

CLIENT, BRAND = "studio-demo", {"X-Brand-Id": "brand-42", "X-Region": "EU"}


@dataclass(frozen=True)
class Seen:
    """What a socket saw: the bytes, how the connection ended (`FIN`, `RST`, `open`), and when each
    part came, in seconds since the request was begun to be sent."""

    raw: bytes
    end: str
    at_s: tuple[float, ...]

    @property
    def status(self) -> int:
        """0 where no answer began."""
        return int(self.raw.split(b" ", 2)[1]) if self.raw else 0

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return dict(line.lower().split(": ", 1) for line in lines)

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def injected(self) -> str:
        return self.headers.get("x-chaos-injected", "")

    @property
    def whole(self) -> bool:
        """The body is as long as its head says."""
        return len(self.body) == int(self.headers["content-length"])


def connect(server: Server) -> socket.socket:
    at = urlsplit(server.url)
    return socket.create_connection((str(at.hostname), int(at.port or 0)), timeout=ENDS_WITHIN_S)


def request(
    method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> bytes:
    """The bytes of one request on a connection of its own."""
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    sent = {
        "Host": "outside",
        "Connection": "close",
        "Content-Length": str(len(raw)),
        **({"Content-Type": "application/json"} if raw else {}),
        **(headers or {}),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + raw


def listen(wire: socket.socket, for_s: float, began: float | None = None) -> Seen:
    """Read until the other side ends it, or the time is over; times count from `began`."""
    began, raw = time.monotonic() if began is None else began, b""
    at_s: list[float] = []
    while True:
        left = for_s - (time.monotonic() - began)
        if left <= 0:
            return Seen(raw, "open", tuple(at_s))
        wire.settimeout(left)
        try:
            part = wire.recv(65_536)
        except ConnectionResetError:
            return Seen(raw, "RST", tuple(at_s))
        except TimeoutError:
            return Seen(raw, "open", tuple(at_s))
        at_s.append(time.monotonic() - began)
        if not part:
            return Seen(raw, "FIN", tuple(at_s))
        raw += part


def say(server: Server, sent: bytes, for_s: float = ENDS_WITHIN_S) -> Seen:
    """Send one request over a socket of its own, and see what comes of it."""
    with connect(server) as wire:
        began = time.monotonic()  # before the server can have begun to wait
        wire.sendall(sent)
        return listen(wire, for_s, began)


class Studio:
    """A provider of our own making: no adapter of ours, a plain socket for each call."""

    def __init__(self, server: Server) -> None:
        self.server = server
        form = f"grant_type=client_credentials&client_id={CLIENT}&client_secret={CLIENT}-secret"
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        got = say(server, request("POST", "/oauth/token", form.encode(), kind))
        self.token = got.json["access_token"]
        opened = {
            "player_id": "p_19f3",
            "game_id": "studio:slot_forge_02",
            "currency": "EUR",
            "locale": "de-DE",
        }
        self.session = self.call("POST", "/v1/sessions", opened, key="s").json["session_id"]

    def sent(
        self, method: str, path: str, body: Any = None, key: str = "", chaos: str = ""
    ) -> bytes:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "X-Trace-Id": "tr_outside",
            **BRAND,
            "X-Provider-Id": "studio",
            **({"X-Idempotency-Key": key} if key else {}),
            **({"X-Chaos": chaos} if chaos else {}),
        }
        return request(method, path, body, headers)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        chaos: str = "",
        for_s: float = ENDS_WITHIN_S,
    ) -> Seen:
        return say(self.server, self.sent(method, path, body, key, chaos), for_s)

    def bet(self, name: str, chaos: str = "", for_s: float = ENDS_WITHIN_S) -> Seen:
        """Authorize 1.00 EUR; the key is the bet's."""
        return self.call("POST", *self.stake(name), key=f"k-{name}", chaos=chaos, for_s=for_s)

    def stake(self, name: str) -> tuple[str, dict[str, Any]]:
        amount = {"amount": 1, "currency": "EUR"}
        ids = {"session_id": self.session, "bet_id": name, "round_id": f"r-{name}"}
        return "/v1/bets/authorize", {**ids, "amount": amount}

    def exists(self, bet: str) -> bool:
        """Whether the wallet knows the bet."""
        return self.call("GET", f"/v1/bets/{bet}").status == 200

    def admin(self, method: str, path: str, body: Any = None) -> Seen:
        return say(self.server, request(method, f"/__admin{path}", body))
