"""One attempt to deliver an event: written, signed, sent through the world's chaos, judged.

A delivery's stable key is K = H(event, subscription), and its attempt is counted by whoever keeps
the delivery: so the same deliveries are struck in any order, and after a restart too (SBX-06, D1).
"""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from simulator.adapters.http import TIMEOUT_MS, HttpTransport
from simulator.adapters.transport import NotSent, ReplyLost, Transport
from simulator.base.clock import Clock, iso, parse_iso, stopwatch_ns
from simulator.base.ids import digest16
from simulator.base.rng import Rng
from simulator.chaos.at import Arrival
from simulator.chaos.chaos import Chaos
from simulator.chaos.outgoing import ChaosTransport
from simulator.chaos.seam import HEADER, header
from simulator.server.journal import Journal
from simulator.store.rows import Op
from simulator.wire import signing
from simulator.wire.calls import Call, Reply
from simulator.wire.deliveries import Subscription

INBOX = "inbox:"
"""The front of a URL that is an inbox of the sandbox."""

SUBSCRIBER = "subscriber"
"""The party of a delivery, in the journal."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: `why` it has failed, None where the event has arrived."""

    status: int | None
    why: str | None = None
    retry_after_s: int = 0


@dataclass(slots=True)
class _Going:
    """An attempt under way."""

    op: Op
    passed: Callable[[], None]
    copies: int = 0


class Post:
    """The way of events to one subscription."""

    def __init__(
        self,
        subscription: Subscription,
        inside: Callable[[str], Transport],
        chaos: Chaos,
        journal: Journal,
        clock: Clock,
        rng: Callable[[], Rng],
    ) -> None:
        self.subscription = subscription
        self._chaos = chaos
        self._journal = journal
        self._clock = clock
        self._rng = rng
        url = subscription.url
        self.outside = not url.startswith(INBOX)
        if self.outside:
            parts = urlsplit(url)
            self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            way: Transport = HttpTransport(f"{parts.scheme}://{parts.netloc}")
        else:
            name = url.removeprefix(INBOX)
            self._target, way = f"/inboxes/{name}", inside(name)
        self._way = way
        self._going: dict[bytes, _Going] = {}
        self._through = ChaosTransport(
            way, chaos, self._know, timeout_ms=TIMEOUT_MS, resign=self._resign,
            let_pass=self._let_pass,
        )  # fmt: skip

    async def attempt(self, op: Op, event_id: str, nth: int, passed: Callable[[], None]) -> Outcome:
        """Send an event for the nth time. `passed` is called where the ones after it need not wait
        for it any longer."""
        body = op.event or b""
        key = digest16("event", event_id, self.subscription.subscription_id)
        call = self._sign(
            Call(
                method="POST",
                target=self._target,
                to=SUBSCRIBER,
                headers={
                    "Content-Type": "application/json",
                    "X-Trace-Id": op.trace_id,
                    "X-Brand-Id": op.brand,
                    "X-Region": op.region,
                    "X-Client-Id": self.subscription.subscription_id,
                    "X-Event-Id": event_id,
                    "X-Event-Type": op.topic or "",
                    "X-Delivery-Attempt": str(nth),
                },
                body=body,
            ),
            self._rng().draw("delivery", key, nth).hex()[:32],
            iso(self._clock.now_ns()),
        )
        self._going[key] = _Going(op, passed)
        try:
            return await self._send(call, op.topic or "")
        finally:
            self._going.pop(key, None)

    async def close(self) -> None:
        """Let go of connections."""
        await self._way.close()

    async def _send(self, call: Call, topic: str) -> Outcome:
        """The journal has what its sender knows of it, faults included."""
        began_ns, now_ns = stopwatch_ns(), self._clock.now_ns()
        reply: Reply | None = None
        why = ""
        injected: tuple[str, ...] = ()
        try:
            reply = await self._through.send(call)
            told = reply.headers.get(HEADER)
            injected = tuple(told.split(", ")) if told else ()
            return _judged(reply)
        except (NotSent, ReplyLost) as wrong:
            why, injected = str(wrong), tuple(getattr(wrong, "__notes__", ()))
            return Outcome(None, why)
        finally:
            if self._journal.recording:
                self._journal.keep_sent(
                    call, reply, now_ns, began_ns, why, injected,
                    operation=topic, outside=self.outside,
                )  # fmt: skip

    def _sign(self, call: Call, nonce: str, timestamp: str) -> Call:
        signed = signing.string_to_sign(timestamp, nonce, call.method, call.target, call.body)
        key = self.subscription.signing_key.encode()
        proof = {
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature-Algorithm": signing.HMAC_SHA256,
            "X-Signature": signing.sign_hmac(key, signed),
        }
        return Call(
            method=call.method, target=call.target, to=call.to,
            headers={**call.headers, **proof}, body=call.body,
        )  # fmt: skip

    def _resign(self, call: Call, shift_ns: int) -> Call:
        """The same delivery, signed once more: a nonce of its own, its time moved (SBX-05)."""
        timestamp, nonce = header(call, "x-timestamp") or "", header(call, "x-nonce") or ""
        going = self._going.get(self._key_of(call))
        copy = 0  # what arrives late, after its attempt, is one of a kind
        if going is not None:
            copy = going.copies = going.copies + 1
        again = self._rng().draw("delivery copy", nonce, shift_ns, copy).hex()[:32]
        return self._sign(call, again, iso(parse_iso(timestamp) + shift_ns))

    def _key_of(self, call: Call) -> bytes:
        return digest16(
            "event", header(call, "x-event-id") or "", self.subscription.subscription_id
        )

    def _know(self, call: Call) -> Arrival | None:
        """What a delivery is for chaos; None for an event that no rule can name."""
        key = self._key_of(call)
        op = self._going[key].op
        place = self._chaos.places.get(("delivery", f"event.{op.topic}"))
        if place is None:
            return None
        return Arrival(
            place=place, call=call, key=key, tenant=op.tenant, brand=op.brand, region=op.region,
            player=op.player_id or "", attempt=int(header(call, "x-delivery-attempt") or 1),
        )  # fmt: skip

    def _let_pass(self, call: Call) -> None:
        known = self._going.get(self._key_of(call))
        if known is not None:
            known.passed()


def _judged(reply: Reply) -> Outcome:
    """2xx means that it has arrived; anything else is tried again."""
    if 200 <= reply.status < 300:
        return Outcome(reply.status)
    asked = reply.headers.get("retry-after", "")
    seconds = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return Outcome(reply.status, f"it answered {reply.status}", seconds)
