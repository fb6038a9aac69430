"""A sandbox as a test holds it: where it is, who may call it, and what is its owner's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from simulator.pytest_plugin.asking import Answer, Channel, Control, ControlError, encode, written
from simulator.pytest_plugin.parts import Chaos, Clock, Events, Journal, Ledger, Players

STUDIO = "studio-demo"
"""The client that calls if no other is named: all operations of a provider."""


@dataclass(frozen=True)
class Credentials:
    """A client of this sandbox (docs/test-world.md): what it logs in or signs with."""

    client_id: str
    client_secret: str
    signing_key: str
    ed25519_private_key: str
    tenant_id: str
    brand_id: str
    region: str
    provider_id: str
    scopes: tuple[str, ...]
    _channel: Channel
    _prefix: str

    def token(self) -> str:
        """A new bearer token. It lives for ten minutes of the sandbox's clock."""
        form = f"grant_type=client_credentials&client_id={self.client_id}"
        form += f"&client_secret={self.client_secret}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._channel.send("POST", f"{self._prefix}/oauth/token", form.encode(), headers)
        if answer.status != 200:
            said = answer.json
            raise ControlError(answer.status, said.get("code", ""), said.get("message", ""))
        return str(answer.json["access_token"])

    def headers(self, key: str | None = None, **more: str) -> dict[str, str]:
        """Every header that a call needs, with a new token; a write also needs its idempotency
        `key`. More are written with underscores: `x_trace_id="tr_1"`."""
        return {
            "Authorization": f"Bearer {self.token()}",
            "X-Trace-Id": "tr_pytest",
            "X-Brand-Id": self.brand_id,
            "X-Region": self.region,
            "X-Provider-Id": self.provider_id,
            **({} if key is None else {"X-Idempotency-Key": key}),
            **{name.replace("_", "-").title(): value for name, value in more.items()},
        }


class Sandbox:
    """A world of the test's own, on a server that other tests share.

    `url` is its base: `<url>/v1/…`, `<url>/v1/wallet/…`, `<url>/oauth/token`.
    """

    def __init__(
        self, channel: Channel, made: Mapping[str, Any], profile: str, admin_token: str | None
    ) -> None:
        self.name = str(made["sandbox"])
        self.seed = int(made["seed"])
        self.profile = profile
        self.prefix = f"/s/{self.name}"
        self.url = channel.url + self.prefix
        self._channel = channel
        self._root = Control(channel, admin_token=admin_token)
        self.control = Control(channel, self.prefix, admin_token)
        self.clients = {item["client_id"]: self._client(item) for item in made["credentials"]}
        self.credentials = self.clients[STUDIO]
        self.players = Players(self.control)
        self.clock = Clock(self.control)
        self.chaos = Chaos(self.control)
        self.journal = Journal(self.control)
        self.ledger = Ledger(self.control)
        self.events = Events(self._events)

    def _client(self, item: Mapping[str, Any]) -> Credentials:
        fields = {**item, "scopes": tuple(item["scopes"])}
        return Credentials(**fields, _channel=self._channel, _prefix=self.prefix)

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        client: str = STUDIO,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call a party as one of the clients, once; for tests without a client of their own.

        Raises NoAnswer where none comes, as under chaos.
        """
        sent = self.clients[client].headers(key)
        if body is not None:
            sent["Content-Type"] = "application/json"
        raw = b"" if body is None else encode(body)
        return self._channel.send(method, self.prefix + path, raw, {**sent, **(headers or {})})

    def close(self) -> None:
        """Drop it; its server goes on."""
        self._root.ask("DELETE", f"/sandboxes/{self.name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Sandbox {self.url} seed {self.seed}>"

    def _events(self, **query: Any) -> Any:
        answer = self.call("GET", f"/v1/events{written(query)}")
        if answer.status != 200:
            said = answer.json
            raise ControlError(answer.status, said["code"], said["message"])
        return answer.json
