"""How a scenario calls: as one of the published callers, once or until the outcome is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import msgspec

from simulator.adapters.credentials import Auth, BearerAuth, Ed25519Auth, HmacAuth, with_headers
from simulator.adapters.replies import judge, lost, refused
from simulator.adapters.retry import RetryPolicy, Step, next_step, wait_ns
from simulator.adapters.transport import NotSent, ReplyLost, Transport
from simulator.base.clock import NS_PER_MS
from simulator.base.errors import Problem
from simulator.base.rng import Rng
from simulator.scenarios.host import Identity, Sandbox
from simulator.scenarios.surface import Operation
from simulator.wire import json, signing
from simulator.wire.calls import Call, Reply

INJECTED = "x-chaos-injected"

LOCAL = ("Chaos", "Journal", "Subscription", "Deliver", "deliver", "Inbox")
"""Owner's operations of these are the sandbox's, also where the wallet is somebody else's."""


@dataclass(slots=True)
class Heard:
    """What came of a call, after its last attempt."""

    operation: Operation
    values: Mapping[str, Any]
    key: str
    reply: Reply | None = None
    lost: str = ""
    """Why there is no answer; empty where there is one."""
    surely_not: bool = False
    """Whether it surely was not processed."""
    attempts: int = 0
    doubted: bool = False
    """Whether an attempt may have been processed whose answer nobody has seen."""
    began_ns: int = 0
    took_ns: int = 0
    injected: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        """The status; 0 for no answer."""
        return self.reply.status if self.reply else 0

    @property
    def body(self) -> Any:
        """The answer as JSON; None where it is none."""
        try:
            return json.decode(self.reply.body) if self.reply and self.reply.body else None
        except json.NotJson:
            return None

    @property
    def code(self) -> str:
        """The error code, or empty."""
        body = self.body
        return str(body.get("code", "")) if isinstance(body, dict) else ""

    def as_scope(self) -> dict[str, Any]:
        """What later steps may use."""
        headers = dict(self.reply.headers) if self.reply else {}
        return {"status": self.status, "body": self.body, "headers": headers, "key": self.key}


class Asker:
    """Calls parties as the scenario's clients. `seed` draws waits and nonces, `run` keeps ids of
    two runs apart where a party is real. Credentials of a target take the place of those whom they
    `stands_for`: who calls where a step does not say."""

    def __init__(
        self,
        sandbox: Sandbox,
        identities: Mapping[str, Identity],
        auth: str,
        rng: Rng,
        run: str,
        stands_for: frozenset[str] = frozenset(),
    ) -> None:
        self._sandbox = sandbox
        self._identities = identities
        self._auth_kind = auth
        self._rng = rng
        self._run = run
        self._stands_for = stands_for
        self._auths: dict[tuple[str, str], Auth] = {}
        self._ways: dict[str, Transport] = {}

    def write(
        self,
        operation: Operation,
        values: Mapping[str, Any],
        key: str,
        client: str,
        trace: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Call:
        """A call as it goes out, but for the proof of who sends it."""
        way = self.way_of(operation)
        call = operation.write(values, way.prefix)
        if body is not None:
            raw = body.encode() if isinstance(body, str) else json.encode(body)
            call = msgspec.structs.replace(call, body=raw)
        sent = {"X-Trace-Id": f"tr_{trace}"}
        if operation.party != "control":
            who = self._identities[client]
            sent |= {
                "X-Brand-Id": who.brand,
                "X-Region": who.region,
                "X-Provider-Id": who.provider,
            }
        if operation.needs_key:
            sent["X-Idempotency-Key"] = key
        if call.body:
            sent["Content-Type"] = "application/json"
        return with_headers(call, {**sent, **(headers or {})})

    async def ask(
        self,
        operation: Operation,
        values: Mapping[str, Any],
        call: Call,
        key: str,
        client: str,
        retry: int = 0,
    ) -> Heard:
        """Send, and with `retry` repeat the same call with the same key (WAL-72, WAL-73)."""
        heard = Heard(operation, values, key, began_ns=self._sandbox.elapsed_ns())
        policy = RetryPolicy(attempts=retry + 1, max_wait_ms=2_000, jitter=Fraction(1, 2))
        auth = None if operation.party == "control" else self._auth(operation.party, client)
        renewed = False
        while True:
            heard.attempts += 1
            signed = await self._attempt(heard, call, auth)
            failed = self._failed(heard)
            if failed is None or not retry:
                break
            if heard.status == 401 and signed is not None and auth is not None and not renewed:
                renewed = auth.renew(signed)
                if renewed:
                    continue
            step = next_step(policy, failed.ending, heard.attempts, in_doubt=heard.doubted)
            if step is not Step.REPEAT:
                break
            pause = wait_ns(
                policy, heard.attempts, failed.retry_after_s, self._rng, "scenario", key
            )
            await self._sandbox.sleep(pause)
        heard.took_ns = self._sandbox.elapsed_ns() - heard.began_ns
        return heard

    def way_of(self, operation: Operation) -> Transport:
        """The transport for an operation."""
        local = operation.party == "control" and any(word in operation.name for word in LOCAL)
        return self.way("sandbox" if local else operation.party)

    def way(self, party: str) -> Transport:
        """The transport to a party."""
        if party not in self._ways:
            self._ways[party] = self._sandbox.way_to(party)
        return self._ways[party]

    async def _attempt(self, heard: Heard, call: Call, auth: Auth | None) -> Call | None:
        heard.reply, heard.lost, heard.surely_not = None, "", False
        signed: Call | None = None
        try:
            signed = call if auth is None else await auth.sign(call)
            heard.reply = await self.way_of(heard.operation).send(signed)
        except NotSent as unsent:
            heard.lost, heard.surely_not = str(unsent), True
        except (ReplyLost, Problem) as gone:
            heard.lost = str(gone)
        if heard.reply is not None and INJECTED in heard.reply.headers:
            heard.injected.append(heard.reply.headers[INJECTED])
        return signed

    def _failed(self, heard: Heard) -> Any:
        """How the last attempt failed; None where it was answered well."""
        if heard.reply is None:
            gone = refused(NotSent(heard.lost)) if heard.surely_not else lost(ReplyLost(heard.lost))
            heard.doubted |= not heard.surely_not
            return gone
        unreadable = self._unreadable(heard)
        failed = lost(ReplyLost(unreadable)) if unreadable else judge(heard.reply)
        if failed is not None and failed.ending.value == "unknown":
            heard.doubted = True
        return failed

    def _unreadable(self, heard: Heard) -> str:
        """Why a 2xx tells nothing: its body is not what its Content-Type says (WAL-72)."""
        reply = heard.reply
        if reply is None or not 200 <= reply.status < 300 or reply.status == 204:
            return ""
        if "json" not in reply.headers.get("content-type", "json"):
            return "the answer is no JSON"
        return "" if isinstance(heard.body, dict) else "the answer cannot be read"

    def _auth(self, party: str, client: str) -> Auth:
        """What proves who a client is at a party."""
        if (party, client) not in self._auths:
            self._auths[(party, client)] = self._prove(party, self._identities[client])
        return self._auths[(party, client)]

    def _prove(self, party: str, who: Identity) -> Auth:
        clock = self._sandbox.clock
        own = self._sandbox.credentials(party)
        if own is not None and who.client_id in self._stands_for:
            return BearerAuth(self.way(party), *own, clock)
        if self._auth_kind == "hmac":
            key = who.signing_key.encode()
            return HmacAuth(who.client_id, key, clock, self._rng, self._run)
        if self._auth_kind == "ed25519":
            private = signing.demo_ed25519_key(who.signing_key)
            return Ed25519Auth(who.client_id, private, clock, self._rng, self._run)
        return BearerAuth(self.way(party), who.client_id, who.secret, clock)


def ms(took_ns: int) -> int:
    """Whole milliseconds."""
    return took_ns // NS_PER_MS
