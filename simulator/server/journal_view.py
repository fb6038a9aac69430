"""How an exchange of the journal is shown: its secrets masked, its headers as they went out.

A secret becomes `***`. A token that cannot be guessed (a JWT, a signature) keeps the first 12 hex
digits of its SHA-256, `***1f2e…`: so it can be seen that two calls carried the same one, and a
replay can tell whether the one that it makes is the one that was sent.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import parse_qsl

import msgspec

from simulator.base.clock import iso, parse_iso
from simulator.server.auth import read_basic
from simulator.server.journal import Headers, Journal, Kept
from simulator.wire import json
from simulator.wire import messages as m
from simulator.wire.journal import Entry, Filter, Half

MASK = "***"

JWT = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_NAME = (
    r"(?:[a-z0-9]+_)*(?:token|secret|password|signature|assertion)"
    r"|signing_key|(?:[a-z0-9]+_)?private_key|api_?key"
)
_IN_JSON = re.compile(rf'("(?:{_NAME})"\s*:\s*)"((?:[^"\\]|\\.)*)"', re.IGNORECASE)
_IN_FORM = re.compile(rf"(^|[?&])({_NAME})=([^&]*)", re.IGNORECASE)
_IN_URL = re.compile(rf'([?&])({_NAME})=([^&"\\\s#]*)', re.IGNORECASE)
"""In a JSON text, as the address of a subscriber or of a callback."""
_SECRET_HEADER = re.compile(r"cookie|token|secret|password|signature$|api-?key|authorization")
_KEY_HEADERS = ("x-idempotency-key", "idempotency-key")

Resolve = Callable[[Kept], str]
"""The operation of a call to a party outside, by the contract that it should keep."""


def fingerprint(secret: str) -> str:
    """What stands for a token that cannot be guessed."""
    return MASK + hashlib.sha256(secret.encode("latin-1", "replace")).hexdigest()[:12]


def entry(kept: Kept, resolve: Resolve) -> Entry:
    """One exchange as it is told."""
    answer, asked = None, _body(kept.body)
    if kept.answer is not None:
        answered = _body(kept.answer.body)
        answer = Half(
            status=kept.answer.status,
            headers=_headers(_answered(kept)),
            body=answered[0],
            body_base64=answered[1],
        )
    return Entry(
        exchange=kept.n,
        at=iso(kept.at_ns),
        direction=kept.direction,  # type: ignore[arg-type] # one of three, by its recorder
        party=kept.party,
        operation=operation_of(kept, resolve),
        trace_id=kept.trace_id,
        client=client_of(kept),
        key=key_of(kept),
        injected=list(kept.injected),
        lost=kept.lost,
        took_us=kept.took_ns // 1000,
        request=Half(
            method=kept.method,
            target=_masked_form(_masked_jwts(kept.target)),
            headers=_headers(kept.headers),
            body=asked[0],
            body_base64=asked[1],
        ),
        answer=answer,
    )


def matching(journal: Journal, ask: Filter, resolve: Resolve) -> Iterator[Kept]:
    """The exchanges that a filter means, in the order of arrival. Raises ValidationFailed."""
    start_ns, end_ns = _instant("at_from", ask.at_from), _instant("at_to", ask.at_to)
    for kept in journal:
        if (
            _is(ask.party, kept.party)
            and _is(ask.trace_id, kept.trace_id)
            and _is(ask.direction, kept.direction)
            and _is(ask.status, 0 if kept.answer is None else kept.answer.status)
            and _is(ask.injected, bool(kept.injected))
            and (start_ns is None or kept.at_ns >= start_ns)
            and (end_ns is None or kept.at_ns < end_ns)
            and (ask.operation is None or ask.operation == operation_of(kept, resolve))
            and (ask.key is None or ask.key == key_of(kept))
            and (ask.client is None or ask.client == client_of(kept))
            and (ask.contains is None or _contains(kept, ask.contains))
        ):
            yield kept


def operation_of(kept: Kept, resolve: Resolve) -> str:
    """Which operation it was, empty for none."""
    return kept.operation or (resolve(kept) if kept.direction == "out" else "")


def key_of(kept: Kept) -> str:
    """The idempotency key, of the header or of the body; empty without one."""
    for name in _KEY_HEADERS:
        given = _header(kept.headers, name)
        if given is not None:
            return given
    if b'"idempotency_key"' in kept.body:
        try:
            body = json.decode(kept.body)
        except json.NotJson:
            return ""
        own = body.get("idempotency_key") if isinstance(body, dict) else None
        return own if isinstance(own, str) else ""
    return ""


def client_of(kept: Kept) -> str:
    """Who said to be calling, whether that was true or not; empty where nobody did."""
    authorization = _header(kept.headers, "authorization") or ""
    basic = read_basic(authorization)
    if basic is not None:
        return basic[0]
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return _subject(token.strip())
    signed = _header(kept.headers, "x-client-id")
    if signed is not None:
        return signed
    if b"client_id=" in kept.body:
        return dict(parse_qsl(kept.body.decode("latin-1"))).get("client_id", "")
    return ""


def _subject(token: str) -> str:
    """Whom a JWT names."""
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    padded = parts[1] + "=" * (-len(parts[1]) % 4)
    try:
        said = msgspec.json.decode(base64.urlsafe_b64decode(padded))
    except (ValueError, msgspec.DecodeError):
        return ""
    subject = said.get("sub") if isinstance(said, dict) else None
    return subject if isinstance(subject, str) else ""


# Headers and bodies ------------------------------------------------------------------------------


def _answered(kept: Kept) -> Headers:
    """The headers of an answer of ours, in the order in which `send_answer` writes them."""
    answer = kept.answer
    if answer is None or kept.direction == "out":
        return kept.answer_headers
    own = [(b"x-trace-id", kept.trace_id.encode("latin-1")), *kept.answer_headers, *answer.headers]
    if answer.status == 204:
        return own
    size = b"%d" % len(answer.body)
    return [(b"content-type", answer.media_type), (b"content-length", size), *own]


def _headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), _masked_header(name.decode("latin-1"), value.decode("latin-1")))
        for name, value in headers
    ]


def _masked_header(name: str, value: str) -> str:
    lower = name.lower()
    if not _SECRET_HEADER.search(lower) or lower == "www-authenticate":
        return _masked_jwts(value)
    if lower in ("x-signature", "x-playmoney-signature"):
        return fingerprint(value)
    scheme, space, secret = value.partition(" ")
    if not space:
        return _token(value)
    basic = read_basic(value)
    if basic is not None:
        return f"{scheme} {basic[0]}:{MASK}"
    return f"{scheme} {_token(secret.strip())}"


def _token(secret: str) -> str:
    return fingerprint(secret) if JWT.fullmatch(secret) else MASK


def _body(raw: bytes) -> tuple[str, str]:
    """A body as text, or in Base64 where it is none."""
    if not raw:
        return "", ""
    text = _masked_jwts(raw.decode("latin-1"))
    text = _IN_JSON.sub(lambda found: f'{found[1]}"{_kept_mask(found[2])}"', text)
    text = _masked_form(text, _IN_URL if text.startswith(("{", "[")) else _IN_FORM)
    masked = text.encode("latin-1")
    try:
        return masked.decode(), ""
    except UnicodeDecodeError:
        return "", base64.b64encode(masked).decode()


def _masked_form(text: str, secrets: re.Pattern[str] = _IN_FORM) -> str:
    return secrets.sub(lambda found: f"{found[1]}{found[2]}={_kept_mask(found[3])}", text)


def _masked_jwts(text: str) -> str:
    return JWT.sub(lambda found: fingerprint(found[0]), text)


def _kept_mask(value: str) -> str:
    """A secret's mask; what is one already stays."""
    return value if re.fullmatch(r"\*\*\*[0-9a-f]{12}", value) else MASK


# Filters -----------------------------------------------------------------------------------------


def _is(wanted: object, found: object) -> bool:
    return wanted is None or wanted == found


def _header(headers: Headers, name: str) -> str | None:
    wanted = name.encode()
    for sent, value in headers:
        if sent.lower() == wanted:
            return value.decode("latin-1")
    return None


def _contains(kept: Kept, text: str) -> bool:
    wanted = text.encode()
    answer = b"" if kept.answer is None else kept.answer.body
    return wanted in kept.body or wanted in answer or text in kept.target


def _instant(name: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_iso(text)
    except ValueError as wrong:
        raise m.invalid(name, str(wrong)) from None
