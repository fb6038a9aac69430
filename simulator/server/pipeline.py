"""The way of every call to a party, one step after the other.

trace → authenticate → admit (headers, scope, brand, region) → rate limit → read and validate →
recall the key, decide, emit, remember, commit → encode
"""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from email.utils import formatdate
from functools import lru_cache, partial
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from simulator.base.clock import NS_PER_S
from simulator.base.errors import Internal, Problem, ScopeDenied, ValidationFailed
from simulator.base.log import Log
from simulator.server import live
from simulator.server.auth import Admitted, Identity
from simulator.server.clients import Brand, Client
from simulator.server.exchange import Answer, Exchange
from simulator.server.negotiate import JSON, negotiate
from simulator.server.party import Party, Sandbox
from simulator.server.routes import Route
from simulator.store.recall import Command, Once, Remembered
from simulator.wire import json
from simulator.wire.amounts import MoneyFormat, read_amounts, write_amounts
from simulator.wire.calls import Caller
from simulator.wire.contract import Operation, Parameter, read_parameters
from simulator.wire.live import Follow, News
from simulator.wire.problem import encode_problem

_TRACE = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_REPLAYED = (b"idempotency-replayed", b"true")
_STANDING = _BRAND, _REGION, _PROVIDER = (b"x-brand-id", b"x-region", b"x-provider-id")
"""The headers that a client mostly sends the same each time. What they were good for once, for
this client and operation, they are good for again: all it is checked against is fixed."""
_KNOWN_HEADERS = 256
"""Ways remembered for one identity; beyond, all are let go and checked anew."""

log = Log("server")


async def call_party(
    sandbox: Sandbox, party: Party, route: Route, values: dict[str, str], exchange: Exchange
) -> Answer:
    """Answer one call of a party's contract. Raises Problem for what is refused."""
    operation = route.operation
    media_type = negotiate(operation, exchange)
    identity = sandbox.authority.authenticate(exchange)
    caller = admit(identity, operation, exchange)
    sandbox.limiter.take(caller)
    message = read_message(route.message, operation, values, exchange, route.money)
    key = _idempotency_key(operation, exchange, message)
    if key is None:
        if isinstance(message, Follow):
            known = exchange.header(live.LAST_EVENT_ID)
            return await _follow(sandbox, party, route, caller, message, known)
        read = partial(_read, route=route, message=message)
        shown = await party.read(caller, read, pages=route.pages)
        return Answer(operation.success, json.encode(shown), media_type=media_type)
    command = Command(
        caller=caller,
        operation=operation.operation_id,
        key=key,
        message=message,
        success=operation.success,
    )
    if route.decision is not None:
        remembered = await party.writer.submit(Once(command, route.decision))
    else:
        remembered = await party.courier.run_flow(route, command)
    return _remembered(remembered, media_type)


def trace(sandbox: Sandbox, exchange: Exchange, what: str = "trace") -> None:
    """Give the exchange its trace id: the caller's, or one of ours where that is unusable.

    Ours are numbered by `what`: calls that no journal has do not count among those that it has.
    """
    given = exchange.header(b"x-trace-id")
    if given is not None and _TRACE.fullmatch(given):
        exchange.trace_id = given
    else:
        exchange.trace_id = f"tr_{sandbox.rng.draw(what, sandbox.count(what))[:8].hex()}"


def admit(identity: Identity, operation: Operation, exchange: Exchange) -> Caller:
    """Let a known caller in: headers there, scope granted, brand and region its own.

    Raises ValidationFailed (PRV-12) and ScopeDenied (PRV-11, PRV-63).
    """
    sent = exchange.headers
    standing = (id(operation), sent.get(_BRAND), sent.get(_REGION), sent.get(_PROVIDER))
    known = identity.admitted.get(standing)
    if known is not None:
        read_headers(operation, exchange, known.rest)
        return msgspec.structs.replace(known.caller, trace_id=exchange.trace_id)
    caller = _admit(identity, operation, exchange)
    if len(identity.admitted) >= _KNOWN_HEADERS:
        identity.admitted.clear()
    rest = tuple(header for header in operation.headers if header.wire_name not in _STANDING)
    identity.admitted[standing] = Admitted(operation, caller, rest)
    return caller


def _admit(identity: Identity, operation: Operation, exchange: Exchange) -> Caller:
    found = read_headers(operation, exchange)
    if operation.scope is not None and operation.scope not in identity.scopes:
        raise ScopeDenied(
            f"{operation.operation_id} needs the scope {operation.scope}",
            details={"scope": operation.scope},
        )
    client = identity.client
    brand = _brand_of(client, found)
    return Caller(
        client=client.client_id,
        tenant=brand.tenant,
        brand=brand.brand_id,
        region=brand.region,
        licence=brand.licence,
        provider=found.get("X-Provider-Id", client.provider),
        trace_id=exchange.trace_id,
        scopes=identity.scopes,
    )


def _brand_of(client: Client, found: Mapping[str, str]) -> Brand:
    """The brand of a call: the one that its header names or, where the API does not ask for the
    header, the client's only one (PRV-12)."""
    brand_id = found.get("X-Brand-Id") or (
        next(iter(client.brands)) if len(client.brands) == 1 else None
    )
    if brand_id is None:
        errors = [{"field": "X-Brand-Id", "message": "is missing"}]
        raise ValidationFailed(
            f"the header X-Brand-Id is missing: {client.client_id} acts for several brands",
            details={"errors": errors},
        )
    brand = client.brands.get(brand_id)
    if brand is None:
        raise ScopeDenied(
            f"brand {brand_id} is not one of {client.client_id}'s", details={"brand_id": brand_id}
        )
    region = found.get("X-Region", brand.region)
    if brand.region != region:
        raise ScopeDenied(
            f"brand {brand.brand_id} lives in region {brand.region}, not {region}",
            details={"region": region},
        )
    return brand


def read_message(
    kind: type[Any],
    operation: Operation,
    values: dict[str, str],
    exchange: Exchange,
    money: MoneyFormat | None = None,
) -> Any:
    """Body, path and query as one typed message. Raises ValidationFailed naming each field."""
    body: Any = {}
    if operation.body is not None and (exchange.body or operation.body_required):
        body = read_body(operation, exchange, money)
    if operation.parameters:
        query = dict(parse_query(exchange))
        body = {**body, **read_parameters(operation, values, query)}
    try:
        try:
            return msgspec.convert(body, kind)
        except msgspec.ValidationError:
            return msgspec.convert(_whole_numbers(body), kind)
    except msgspec.ValidationError as wrong:
        raise _unreadable(wrong) from None


def read_body(operation: Operation, exchange: Exchange, money: MoneyFormat | None) -> Any:
    """The JSON body, its amounts read as the profile writes them, checked against the contract
    (WAL-77)."""
    media_type, charset = _content_type(exchange.headers.get(b"content-type", b""))
    if media_type not in (JSON, operation.media_type):
        raise ValidationFailed("Content-Type must be application/json")
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise ValidationFailed(f"charset {charset[:40]!r} is not UTF-8")
    try:
        value = json.decode(exchange.body)
        json.require_single_names(exchange.body, value)
        if money is not None:
            value = read_amounts(value, money)
        operation.check_body(value)
    except json.NotJson as wrong:
        raise ValidationFailed(f"the body {wrong}") from None
    except (ValueError, RecursionError):
        raise ValidationFailed("the body is nested too deeply") from None
    return value


@lru_cache(maxsize=256)
def _content_type(sent: bytes) -> tuple[str, str]:
    """Media type and charset, in lower case."""
    media_type, _, parameters = sent.decode("latin-1").partition(";")
    charset = parameters.lower().partition("charset=")[2].strip(' "') or "utf-8"
    return media_type.strip().lower(), charset


def parse_query(exchange: Exchange) -> list[tuple[str, str]]:
    """The query's names and values. Raises ValidationFailed where it is not UTF-8."""
    try:
        return parse_qsl(exchange.query.decode("ascii"), keep_blank_values=True, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise ValidationFailed("the query string is not percent-encoded UTF-8") from None


def problem_answer(problem: Problem, exchange: Exchange) -> Answer:
    """A refusal as it goes out, with the headers that belong to its kind."""
    headers: list[tuple[bytes, bytes]] = []
    if problem.retry_after_s is not None or problem.status in (425, 429, 503):
        headers.append((b"retry-after", b"%d" % (problem.retry_after_s or 1)))
    if problem.status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="playmoney"'))
    if problem.status == 405:
        headers.append((b"allow", ", ".join(problem.details["allow"]).encode()))
    return Answer(problem.status, encode_problem(problem, exchange.trace_id), tuple(headers))


def checked(operation: Operation, answer: Answer) -> Answer:
    """An answer that keeps the contract; `--strict` and the tests send every answer through here.

    Raises Internal, and logs what was wrong.
    """
    if answer.status == 204 or answer.media_type.startswith((b"application/x-ndjson", b"text/")):
        return answer
    wrong = operation.check_answer(answer.status, json.decode(answer.body))
    if wrong is None:
        return answer
    log.error("answer breaks the contract", wrong=wrong)
    raise Internal(f"our answer breaks the contract: {wrong}")


def in_format(answer: Answer, money: MoneyFormat) -> Answer:
    """An answer with its amounts written as the profile has it."""
    body = json.encode(write_amounts(json.decode(answer.body), money))
    return answer._replace(body=body)


async def _follow(
    sandbox: Sandbox, party: Party, route: Route, caller: Caller, message: Follow, known: str | None
) -> Answer:
    """A read that is answered again and again, from the event on that is known (JP-14)."""

    async def look(after: int | None) -> News:
        read = partial(_read, route=route, message=msgspec.structs.replace(message, after=after))
        news: News = await party.read(caller, read, pages=True)
        return news

    return await live.follow(sandbox, party, look, int(known) if known else None)


def _read(tx: Any, *, route: Route, message: Any) -> Any:
    if route.decision is None:
        raise RuntimeError(f"{route.operation.operation_id} reads, so it is a decision")
    return route.decision(tx, message)


def read_headers(
    operation: Operation, exchange: Exchange, only: Sequence[Parameter] | None = None
) -> dict[str, str]:
    """The declared headers, or only some of them. Raises ValidationFailed naming a missing or
    malformed one (PRV-12)."""
    found: dict[str, str] = {}
    for parameter in operation.headers if only is None else only:
        value = exchange.header(parameter.wire_name)
        if value is None:
            if parameter.required:
                raise ValidationFailed(
                    f"the header {parameter.name} is missing",
                    details={"errors": [{"field": parameter.name, "message": "is missing"}]},
                )
            continue
        if parameter.pattern is not None and not parameter.pattern.fullmatch(value):
            message = f"does not match {parameter.pattern.pattern}"
            raise ValidationFailed(
                f"the header {parameter.name} {message}",
                details={"errors": [{"field": parameter.name, "message": message}]},
            )
        found[parameter.name] = value
    return found


def _idempotency_key(operation: Operation, exchange: Exchange, message: Any) -> str | None:
    if not operation.needs_key:
        return None
    own: str | None = getattr(message, "idempotency_key", None)
    if own is not None:  # where a body carries the key, that is it (PRV-35)
        return own
    given = exchange.header(b"x-idempotency-key")
    other = exchange.header(b"idempotency-key")
    if given is None or other is None or given == other:
        given = other if given is None else given
        if given is not None:
            return given
    else:
        raise ValidationFailed(
            "X-Idempotency-Key and Idempotency-Key differ: which one counts?",
            details={"errors": [{"field": "X-Idempotency-Key", "message": "differs"}]},
        )
    natural: str | None = getattr(message, "natural_key", None)
    if natural is not None:  # one of its kind by its own id: the header may be left out
        return natural
    raise ValidationFailed(
        "the header X-Idempotency-Key (or Idempotency-Key) is missing: every write needs one",
        details={"errors": [{"field": "X-Idempotency-Key", "message": "is missing"}]},
    )


def _remembered(answer: Remembered, media_type: bytes) -> Answer:
    headers = (_REPLAYED,) if answer.replayed else ()
    return Answer(answer.status, answer.body, headers, media_type)


def _whole_numbers(value: Any, depth: int = 4) -> Any:
    """A body in which 7.0 is the integer 7, as JSON Schema has it (2020-12 Validation, §6.1.1);
    down to the depth of the deepest message."""
    if isinstance(value, dict) and depth:
        return {name: _whole_numbers(part, depth - 1) for name, part in value.items()}
    if isinstance(value, Decimal) and abs(value) < 2**63 and value == int(value):
        return int(value)
    return value


def _unreadable(wrong: msgspec.ValidationError) -> ValidationFailed:
    text, _, place = str(wrong).partition(" - at `$")
    field = place.strip("`").lstrip(".") or "body"
    errors = [{"field": field, "message": text}]
    return ValidationFailed(f"{field}: {text}", details={"errors": errors})


def http_date(now_ns: int) -> bytes:
    """The world's time as HTTP writes it (RFC 9110 §5.6.7)."""
    return _http_second(now_ns // NS_PER_S)


@lru_cache(maxsize=256)
def _http_second(seconds: int) -> bytes:
    return formatdate(seconds, usegmt=True).encode()
