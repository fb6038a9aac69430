"""A subscriber inside the sandbox: it checks what arrives as a good one does, and keeps it to be
looked at (SBX-05)."""

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import msgspec

from simulator.base.clock import NS_PER_S, Clock, iso, parse_iso
from simulator.chaos.seam import header
from simulator.wire import signing
from simulator.wire.calls import Call, Reply
from simulator.wire.deliveries import ArrivalView

KEEP = 10_000
"""Arrivals of one inbox; the oldest go first."""

WINDOW_NS = 300 * NS_PER_S
"""How far a signature may be from the clock (docs/signing.md)."""

Keys = Callable[[], Mapping[str, str]]
"""Subscription → its signing key, at this moment."""


@dataclass
class Inbox:
    """What has arrived under one name, in its order, copies included."""

    arrived: int = 0

    def __post_init__(self) -> None:
        self.kept: deque[ArrivalView] = deque(maxlen=KEEP)
        self._nonces: OrderedDict[str, None] = OrderedDict()

    def copy(self) -> "Inbox":
        """The same, to go on from elsewhere."""
        other = Inbox(self.arrived)
        other.kept = self.kept.copy()
        other._nonces = self._nonces.copy()
        return other

    def take(self, call: Call, keys: Mapping[str, str], now_ns: int) -> Reply:
        """Let a delivery arrive: 204, or 401 for a proof that does not fit (PRV-10)."""
        why = self._wrong(call, keys, now_ns)
        self.arrived += 1
        event = msgspec.json.decode(call.body)
        self.kept.append(
            ArrivalView(
                arrival=self.arrived,
                at=iso(now_ns),
                subscription_id=header(call, "x-client-id") or "",
                event_id=event["event_id"],
                event_type=event["event_type"],
                player_id=event["player_id"],
                attempt=int(header(call, "x-delivery-attempt") or 1),
                status=204 if why is None else 401,
                reason=why,
                event=msgspec.Raw(call.body),
            )
        )
        return Reply(status=204 if why is None else 401)

    def _wrong(self, call: Call, keys: Mapping[str, str], now_ns: int) -> str | None:
        """What is wrong with the proof; None where nothing is. What passes uses its nonce up."""
        key = keys.get(header(call, "x-client-id") or "")
        timestamp, nonce = header(call, "x-timestamp") or "", header(call, "x-nonce") or ""
        signed = signing.string_to_sign(timestamp, nonce, call.method, call.target, call.body)
        if key is None or not signing.verify_hmac(
            key.encode(), signed, header(call, "x-signature") or ""
        ):
            return "the signature does not fit"
        if abs(parse_iso(timestamp) - now_ns) > WINDOW_NS:
            return "the timestamp is more than 300 s away"
        if nonce in self._nonces:
            return "the nonce was used before"
        self._nonces[nonce] = None
        if len(self._nonces) > KEEP:
            self._nonces.popitem(last=False)
        return None


class InboxTransport:
    """The way to one inbox, in this process."""

    prefix = ""

    def __init__(self, inbox: Inbox, keys: Keys, clock: Clock) -> None:
        self._inbox = inbox
        self._keys = keys
        self._clock = clock

    async def send(self, call: Call) -> Reply:
        """The inbox's answer."""
        return self._inbox.take(call, self._keys(), self._clock.now_ns())

    async def close(self) -> None:
        """There is nothing to let go of."""
