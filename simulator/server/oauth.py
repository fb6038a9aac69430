"""`POST /oauth/token`: client credentials for a bearer token (RFC 6749 §4.4)."""

from urllib.parse import parse_qsl

from simulator.base.errors import AuthFailed, Problem, ValidationFailed
from simulator.server import pipeline
from simulator.server.auth import Authority, read_basic
from simulator.server.exchange import Answer, Exchange
from simulator.wire import json
from simulator.wire.contract import Operation

_NO_STORE = ((b"cache-control", b"no-store"),)


def issue_token(authority: Authority, operation: Operation, exchange: Exchange) -> Answer:
    """A token for the client in the form or in HTTP Basic, or the refusal of RFC 6749 §5.2."""
    try:
        pipeline.read_headers(operation, exchange)
        return Answer(200, json.encode(_issue(authority, exchange)), _NO_STORE)
    except Problem as problem:
        body = {
            "error": problem.details.get("error", "invalid_request"),
            "error_description": problem.message,
            "code": problem.code,
            "message": problem.message,
            "retryable": problem.retryable,
            "trace_id": exchange.trace_id,
        }
        basic = (b"www-authenticate", b'Basic realm="playmoney"')
        headers = (*_NO_STORE, basic) if problem.status == 401 else _NO_STORE
        return Answer(problem.status, json.encode(body), headers)


def _issue(authority: Authority, exchange: Exchange) -> dict[str, object]:
    form = _form(exchange)
    if form.get("grant_type") != "client_credentials":
        raise _refused("unsupported_grant_type", "grant_type must be client_credentials")
    authorization = exchange.header(b"authorization")
    if authorization is not None:
        given = read_basic(authorization)
    else:
        given = (form.get("client_id", ""), form.get("client_secret", ""))
    client = authority.client_by_secret(*given) if given else None
    if client is None:
        raise AuthFailed("unknown client or wrong secret", details={"error": "invalid_client"})
    wanted = frozenset(form["scope"].split()) if form.get("scope") else client.scopes
    beyond = sorted(wanted - client.scopes)
    if beyond:
        raise _refused("invalid_scope", f"{client.client_id} does not have {' '.join(beyond)[:80]}")
    return authority.issue(client, wanted)


def _form(exchange: Exchange) -> dict[str, str]:
    media_type = (exchange.header(b"content-type") or "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise _refused("invalid_request", "Content-Type must be application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(
            exchange.body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=20,
        )
    except (UnicodeDecodeError, ValueError):
        raise _refused("invalid_request", "the form cannot be read") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise _refused("invalid_request", "a parameter is repeated")
    return form


def _refused(error: str, message: str) -> ValidationFailed:
    return ValidationFailed(message, details={"error": error})
