"""A bare ASGI server for toy systems: routes, JSON with exact numbers, refusals."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

Handler = Callable[["Call"], Any]

encode = msgspec.json.Encoder(decimal_format="number").encode


class Refusal(Exception):
    """A definite no."""

    def __init__(self, status: int, code: str, message: str = "", **details: Any) -> None:
        super().__init__(message or code)
        self.status = status
        self.code = code
        self.details = details


@dataclass
class Call:
    method: str
    path: str
    target: str
    headers: dict[str, str]
    raw: bytes
    body: Any
    parts: dict[str, str]
    client: str = ""


class App:
    """Routes calls to handlers; what they return is the JSON of a 200."""

    max_body = 1024 * 1024

    def __init__(self) -> None:
        self.routes: list[tuple[str, re.Pattern[str], Handler, bool]] = []

    def route(self, method: str, path: str, handler: Handler, *, write: bool = False) -> None:
        pattern = re.compile("^" + re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path) + "$")
        self.routes.append((method, pattern, handler, write))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = b""
        while True:
            message = await receive()
            raw += message.get("body", b"")
            if not message.get("more_body", False):
                break
        headers = {n.decode().lower(): v.decode("latin-1") for n, v in scope["headers"]}
        path, query = scope["path"], scope["query_string"].decode()
        target = path + (f"?{query}" if query else "")
        call = Call(scope["method"], path, target, headers, raw, None, {})
        status, body, more = await self.answered(call)
        sent = [(b"content-type", b"application/json"), *more]
        sent.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": body})

    async def answered(self, call: Call) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        try:
            return await self.handle(call)
        except Refusal as no:
            return *self.refusal(call, no), []

    async def handle(self, call: Call) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        found = False
        for method, pattern, handler, write in self.routes:
            match = pattern.match(call.path)
            if match and method == call.method:
                call.parts = match.groupdict()
                return *await self.serve(call, handler, write), []
            found = found or match is not None
        raise Refusal(405, "METHOD_NOT_ALLOWED") if found else Refusal(404, "NOT_FOUND")

    async def serve(self, call: Call, handler: Handler, write: bool) -> tuple[int, bytes]:
        result = handler(call)
        if isinstance(result, Awaitable):
            result = await result
        return 200, encode(result)

    def refusal(self, call: Call, no: Refusal) -> tuple[int, bytes]:
        """The error model; another dialect overrides it."""
        body = {
            "code": no.code,
            "message": str(no),
            "retryable": no.status >= 500 or no.status in (425, 429),
            "trace_id": call.headers.get("x-trace-id", "none"),
        }
        if no.details:
            body["details"] = no.details
        return no.status, encode(body)


def read_json(raw: bytes) -> Any:
    """Exact numbers; what is not one object is refused."""
    try:
        found = json.loads(raw.decode("utf-8"), parse_float=Decimal, parse_constant=_no)
    except (ValueError, RecursionError):
        raise Refusal(400, "VALIDATION_FAILED", "not JSON") from None
    if not isinstance(found, dict):
        raise Refusal(400, "VALIDATION_FAILED", "not an object")
    return found


def text(body: dict[str, Any], name: str) -> str:
    found = body.get(name)
    if not isinstance(found, str) or not found:
        raise Refusal(400, "VALIDATION_FAILED", f"{name} is a text")
    return found


def decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise Refusal(400, "VALIDATION_FAILED", "an amount is a number")
    try:
        return Decimal(value)
    except InvalidOperation:
        raise Refusal(400, "VALIDATION_FAILED", "an amount is a number") from None


async def pause() -> None:
    """Where a real system would wait for its database."""
    await asyncio.sleep(0)


def _no(word: str) -> Any:
    raise ValueError(word)
