"""A world's chaos at its own door: a request becomes an `Arrival`, passes through what strikes it,
and becomes an answer again (SBX-05, SBX-06)."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec

from simulator.base.clock import NS_PER_S, iso, parse_iso
from simulator.base.errors import Internal, Problem, ValidationFailed
from simulator.base.log import Log
from simulator.chaos.at import Arrival
from simulator.chaos.bad import BadRule
from simulator.chaos.draws import claimed_client, read_body, stable_key
from simulator.chaos.fault import Place
from simulator.chaos.incoming import Incoming
from simulator.chaos.installed import Installed
from simulator.chaos.seam import Delivery, NoReply, header, told
from simulator.server import pipeline
from simulator.server.auth import Authority
from simulator.server.clients import BRANDS, Brand
from simulator.server.exchange import Answer, Exchange, Receive, Scope, Send, send_answer
from simulator.server.party import Party, Sandbox
from simulator.store.tx import Reads
from simulator.wire import signing
from simulator.wire.calls import Call, Caller, Reply

TRIGGER = b"x-chaos"
"""A header that lets one fault strike its own call: `X-Chaos: lose_reply; moment=mid_body`."""

_OWN = ("content-type", "content-length", "x-trace-id", "date")
"""Headers of every answer, which are not among an `Answer`'s own."""

Asked = Callable[[Sandbox, Exchange, Receive], Awaitable[Answer]]

log = Log("chaos")


@dataclass(frozen=True, slots=True)
class Met:
    """How a call ended that chaos stood in the way of. `answer` is None where there is none;
    `way` is how it goes out where it does not go out at once and whole."""

    answer: Answer | None
    date: bytes
    way: Callable[[], Awaitable[None]] | None = None

    async def finish(self, scope: Scope, send: Send, trace_id: str) -> None:
        """Let the caller have it."""
        if self.way is not None:
            await self.way()
        elif self.answer is not None:
            await send_answer(scope, send, self.answer, trace_id, self.date)


async def meet(
    sandbox: Sandbox, exchange: Exchange, scope: Scope, receive: Receive, send: Send, ask: Asked
) -> Met | None:
    """Let a call pass through the world's chaos; None where it concerns no party's operation."""
    found = _find(sandbox, exchange)
    if found is None:
        return None
    place, values = found
    exchange.operation, exchange.party = place.operation_id, place.party
    try:
        if exchange.method != "GET":
            await exchange.receive_body(receive)
        trigger = _trigger(sandbox, exchange, place)
        arrival = await _arrival(sandbox, exchange, place, values)
    except Problem as refused:
        return Met(pipeline.problem_answer(refused, exchange), _now(sandbox))
    passage = sandbox.chaos.meet(arrival, trigger)
    host = Incoming(scope, receive, send, sandbox.chaos.waits, partial(resign, sandbox.authority))

    async def forward(call: Call) -> Reply:
        asked = exchange if call is arrival.call else _exchange(scope, exchange, call)
        answer = await ask(sandbox, asked, _once(call.body))
        return _reply(answer, exchange.trace_id, _now(sandbox))

    try:
        reply = told(await passage.run(host, forward), passage.injections)
    except NoReply as lost:
        exchange.injected = tuple(one.shown() for one in passage.injections)
        return Met(None, b"", partial(host.break_off, lost))
    except Exception as bug:
        log.exception("a fault failed", trace_id=exchange.trace_id, error=repr(bug))
        ours = Internal("a chaos fault failed; repeat with the same key")
        return Met(pipeline.problem_answer(ours, exchange), _now(sandbox))
    exchange.injected = tuple(one.shown() for one in passage.injections)
    return _met(sandbox, exchange, reply, host)


def _met(sandbox: Sandbox, exchange: Exchange, reply: Reply, host: Incoming) -> Met:
    lines = {name: text for name, text in reply.headers.items() if name not in _OWN}
    headers = tuple((n.encode("latin-1"), v.encode("latin-1")) for n, v in lines.items())
    media_type = reply.headers.get("content-type", "application/json").encode("latin-1")
    date = reply.headers.get("date", "").encode("latin-1") or _now(sandbox)
    answer = Answer(reply.status, reply.body, headers, media_type)
    if not isinstance(reply, Delivery):
        return Met(answer, date)
    whole = {**reply.headers, "x-trace-id": exchange.trace_id, "date": date.decode("latin-1")}
    return Met(answer, date, partial(host.deliver, msgspec.structs.replace(reply, headers=whole)))


# From a request to an arrival ---------------------------------------------------------------------


def _find(sandbox: Sandbox, exchange: Exchange) -> tuple[Place, Mapping[str, str]] | None:
    """The place of a call, and what its path says; None for what no party answers."""
    for party in sandbox.parties.values():
        for contract in party.contracts:
            try:
                found = contract.find(exchange.method, exchange.path)
            except Problem:  # no such method there
                return None
            if found is None:
                continue
            operation, values = found
            if operation.streams:
                return None  # what strikes answers strikes whole ones
            place = sandbox.chaos.places.get(("incoming", f"{party.name}.{operation.operation_id}"))
            return None if place is None else (place, values)
    return None


def _trigger(sandbox: Sandbox, exchange: Exchange, place: Place) -> Installed | None:
    text = exchange.header(TRIGGER)
    if text is None:
        return None
    try:
        return sandbox.chaos.trigger(text, place)
    except BadRule as wrong:
        errors = [{"field": "X-Chaos", "message": str(wrong)}]
        raise ValidationFailed(f"X-Chaos: {wrong}", details={"errors": errors}) from None


async def _arrival(
    sandbox: Sandbox, exchange: Exchange, place: Place, values: Mapping[str, str]
) -> Arrival:
    headers = {name.decode("latin-1"): v.decode("latin-1") for name, v in exchange.headers.items()}
    call = Call(
        method=exchange.method,
        target=exchange.target,
        to=place.party,
        headers={**headers, "x-trace-id": exchange.trace_id},
        body=exchange.body,
    )
    body = read_body(call)
    # The world's prefix is no part of what is asked: two worlds draw the same under one seed.
    query = exchange.target.partition("?")[2]
    bare = msgspec.structs.replace(call, target=f"{exchange.path}?{query}")
    brand = _brand(sandbox, call)
    player = ""
    if sandbox.chaos.asks_for_players and brand is not None:
        ids = {**(body if isinstance(body, dict) else {}), **_query(exchange), **values}
        player = await player_of(sandbox.parties[place.party], brand, ids)
    return Arrival(
        place=place,
        call=call,
        key=stable_key(place.party, place.operation_id, bare, body),
        tenant=brand.tenant if brand else "",
        brand=brand.brand_id if brand else header(call, "x-brand-id") or "",
        region=header(call, "x-region") or (brand.region if brand else ""),
        player=player,
    )


def _brand(sandbox: Sandbox, call: Call) -> Brand | None:
    """The brand that a call says it is for; what it may do is asked later, at the door proper."""
    named = header(call, "x-brand-id")
    if named is not None:
        return BRANDS.get(named)
    client = sandbox.authority.clients.get(claimed_client(call))
    brands = list(client.brands.values()) if client else []
    return brands[0] if len(brands) == 1 else None


async def player_of(party: Party, brand: Brand, ids: Mapping[str, Any]) -> str:
    """The player whom a call is about: named in it, or found by its session, bet or round; empty
    where there is none."""
    named = ids.get("player_id")
    if isinstance(named, str):
        return named
    caller = Caller(
        client="chaos",
        tenant=brand.tenant,
        brand=brand.brand_id,
        region=brand.region,
        licence=brand.licence,
        provider="chaos",
        trace_id="tr_chaos",
    )

    def look(tx: Reads) -> str:
        for kind in party.kind.rows:
            own = kind.NAMED_BY
            if "player_id" not in kind.__struct_fields__ or len(own) != 2 or own[0] != "tenant":
                continue
            known = ids.get(own[1])
            row = tx.get(kind, (brand.tenant, known)) if isinstance(known, str) else None
            player: str | None = getattr(row, "player_id", None)
            if player is not None:
                return player
        return ""

    return await party.read(caller, look, pages=False)


def _query(exchange: Exchange) -> dict[str, str]:
    try:
        return dict(pipeline.parse_query(exchange))
    except ValidationFailed:
        return {}


# And back -----------------------------------------------------------------------------------------


def _exchange(scope: Scope, first: Exchange, call: Call) -> Exchange:
    """A copy of the request with what a fault has changed of it."""
    headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in call.headers.items()]
    copy = Exchange({**scope, "headers": headers}, first.path)
    copy.trace_id = first.trace_id
    return copy


def _once(body: bytes) -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _reply(answer: Answer, trace_id: str, date: bytes) -> Reply:
    headers = {
        "content-type": answer.media_type.decode("latin-1"),
        "x-trace-id": trace_id,
        "date": date.decode("latin-1"),
        **{name.decode("latin-1"): text.decode("latin-1") for name, text in answer.headers},
    }
    return Reply(status=answer.status, headers=headers, body=answer.body)


def _now(sandbox: Sandbox) -> bytes:
    return pipeline.http_date(sandbox.clock.now_ns())


def resign(authority: Authority, call: Call, shift_ns: int, copy: int) -> Call:
    """The call as its client would sign it once more, with a nonce of its own and its time moved.

    Without a signature of a client that is known here it stays as it is (PRV-10, WAL-70).
    """
    client = authority.clients.get(header(call, "x-client-id") or "")
    timestamp, nonce = header(call, "x-timestamp"), header(call, "x-nonce")
    if client is None or not (timestamp and nonce and header(call, "x-signature")):
        return call
    nonce = f"{nonce[:100]}.copy{copy}"
    timestamp = _moved(timestamp, shift_ns)
    signed = signing.string_to_sign(timestamp, nonce, call.method, call.target, call.body)
    if header(call, "x-signature-algorithm") == signing.ED25519:
        key = signing.demo_ed25519_key(client.signing_key)
        signature = signing.sign_ed25519(key, signed)
    else:
        signature = signing.sign_hmac(client.hmac_key, signed)
    proof = {"x-timestamp": timestamp, "x-nonce": nonce, "x-signature": signature}
    kept = {name: text for name, text in call.headers.items() if name.lower() not in proof}
    return msgspec.structs.replace(call, headers={**kept, **proof})


def _moved(timestamp: str, by_ns: int) -> str:
    """A timestamp as Unix seconds or ISO 8601, moved; one that is neither stays as it is."""
    try:
        if timestamp.isdigit():
            return str(int(timestamp) + by_ns // NS_PER_S)
        return iso(parse_iso(timestamp) + by_ns)
    except (ValueError, OverflowError, OSError):
        return timestamp
