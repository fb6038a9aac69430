"""Parties that are wrong on purpose: an application around ours that spoils what it should keep."""

import itertools
from collections.abc import Callable
from typing import Any

from simulator.adapters.inprocess import App
from simulator.wire import json

Path_ = str
Change = Callable[[str, dict[str, Any], dict[str, str]], Any]


def new_key_on_retry(app: App) -> App:
    """A caller's adapter that makes a new key, and a new transaction, whenever it calls again."""
    seen: dict[str, itertools.count[int]] = {}

    def change(path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
        key = headers.get("x-idempotency-key", "")
        if path.endswith("/__admin/players"):
            seen.clear()  # another world
        if not path.endswith(("/v1/wallet/debit", "/v1/bets/authorize")):
            return None
        n = next(seen.setdefault(path + key, itertools.count()))
        if n:
            headers["x-idempotency-key"] = f"{key}-again-{n}"
            for name in ("transaction_id", "bet_id"):
                if name in body:
                    body[name] = f"{body[name]}-again-{n}"
        return body

    return _changing(app, change)


def forgets_tombstones(app: App) -> App:
    """A wallet that lets a bet be placed after its rollback came first: it knows it by another
    name."""

    def change(path: str, body: dict[str, Any], _headers: dict[str, str]) -> Any:
        if path.endswith("/v1/bets/authorize"):
            body["bet_id"] = f"{body['bet_id']}-placed"
        return body

    return _changing(app, change)


def settles_twice(app: App) -> App:
    """A ledger that pays a win a second time, as another transaction, when the settle is
    repeated."""
    seen: set[str] = set()

    async def around(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)
        headers = {n.decode(): v.decode() for n, v in scope.get("headers", ())}
        path = str(scope.get("path", ""))
        if path.endswith("/__admin/players"):
            seen.clear()  # another world
        if not path.endswith("/v1/bets/settle"):
            return
        key = headers.get("x-idempotency-key", "")
        if key not in seen:
            seen.add(key)
            return
        body = json.encode(
            {"payment_id": f"twice-{key}", "amount": {"amount": 1, "currency": "EUR"}}
        )
        prefix = path.removesuffix("/v1/bets/settle")
        await _post(app, scope, f"{prefix}/__admin/players/ana/fund", body)

    return around


def _changing(app: App, change: Change) -> App:
    async def around(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        message = await receive()
        headers = {n.decode().lower(): v.decode() for n, v in scope["headers"]}
        try:
            body = json.decode(message.get("body", b""))
        except json.NotJson:
            body = None
        changed = change(scope["path"], body, headers) if isinstance(body, dict) else None
        raw = message.get("body", b"") if changed is None else json.encode(changed)
        headers["content-length"] = str(len(raw))
        parts = [{"type": "http.request", "body": raw, "more_body": False}]

        async def again() -> Any:
            return parts.pop() if parts else await receive()

        lines = [(n.encode(), v.encode()) for n, v in headers.items()]
        await app({**scope, "headers": lines}, again, send)

    return around


async def _post(app: App, scope: Any, path: str, body: bytes) -> None:
    parts = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Any:
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def send(_message: Any) -> None:
        return

    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    other = {**scope, "path": path, "raw_path": path.encode(), "headers": headers}
    await app({**other, "query_string": b""}, receive, send)
