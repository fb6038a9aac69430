"""The journal as a file: NDJSON, which `playmoney replay` reads, and HAR 1.2, which browsers' and
proxies' tools read (SBX-10)."""

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from msgspec.structs import replace

from simulator import __version__
from simulator.base.clock import iso, parse_iso
from simulator.server.journal import Journal
from simulator.wire import json
from simulator.wire.journal import Entry, Half, Start

FORMAT = 1
"""The version of the NDJSON lines: a replay refuses a newer one."""


def start_of(journal: Journal, *, sandbox: str, settings: dict[str, Any]) -> Start:
    """The first line: what the world was before its first exchange."""
    begun = journal.beginning
    why_not = journal.why_not
    if not why_not and begun.clock.mode != "frozen":
        why_not = "its clock ran by itself, so no replay has its times; begin with a frozen clock"
    return Start(
        journal=FORMAT,
        playmoney=__version__,
        sandbox=sandbox,
        seed=begun.seed,
        clock=begun.clock.mode,
        start_ns=begun.clock.start_ns,
        exchanges=len(journal),
        dropped=journal.dropped,
        replayable=not why_not,
        why_not=why_not,
        **settings,
    )


def ndjson(start: Start, entries: Iterable[Entry], *, timing: bool) -> bytes:
    """A line for the start, then one for each exchange. Without `timing` (how long each took in
    real time) the same calls in the same world give the same file, byte for byte."""
    if not timing:
        entries = map(untimed, entries)
    return b"".join(json.encode(line) + b"\n" for line in (start, *entries))


def untimed(entry: Entry) -> Entry:
    """Without how long it took."""
    return replace(entry, took_us=0)


def har(entries: Iterable[Entry], base: str) -> bytes:
    """HAR 1.2 (http://www.softwareishard.com/blog/har-12-spec/); what is ours has names with `_`.

    `base` is put before each target.
    """
    log = {
        "version": "1.2",
        "creator": {"name": "playmoney", "version": __version__},
        "entries": [_har_entry(entry, base) for entry in entries],
    }
    return json.encode({"log": log})


def _har_entry(entry: Entry, base: str) -> dict[str, Any]:
    ms = entry.took_us // 1000
    return {
        "startedDateTime": iso(parse_iso(entry.at)),
        "time": ms,
        "request": _har_request(entry.request, base),
        "response": _har_response(entry.answer),
        "cache": {},
        "timings": {"send": 0, "wait": ms, "receive": 0},
        "_exchange": entry.exchange,
        "_direction": entry.direction,
        "_party": entry.party,
        "_operation": entry.operation,
        "_traceId": entry.trace_id,
        "_idempotencyKey": entry.key,
        "_injected": entry.injected,
        "_tookUs": entry.took_us,
    }


def _har_request(half: Half, base: str) -> dict[str, Any]:
    _, _, query = half.target.partition("?")
    request: dict[str, Any] = {
        "method": half.method,
        "url": base + half.target,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(half.headers),
        "queryString": _pairs(parse_qsl(query, keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": _size(half),
    }
    if half.body or half.body_base64:
        request["postData"] = {"mimeType": _media_type(half), "text": half.body or half.body_base64}
    return request


def _har_response(half: Half | None) -> dict[str, Any]:
    """The answer; a status of 0 where there was none, as browsers write it."""
    half = half or Half(headers=[])
    content: dict[str, Any] = {"size": _size(half), "mimeType": _media_type(half)}
    if half.body_base64:
        content |= {"text": half.body_base64, "encoding": "base64"}
    elif half.body:
        content["text"] = half.body
    return {
        "status": half.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(half.headers),
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": _size(half),
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _size(half: Half) -> int:
    return len(base64.b64decode(half.body_base64)) if half.body_base64 else len(half.body.encode())


def _media_type(half: Half) -> str:
    return next((value for name, value in half.headers if name.lower() == "content-type"), "")
