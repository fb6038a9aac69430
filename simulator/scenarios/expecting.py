"""Whether what came of a step is what was expected; each thing that is not is one line."""

from collections.abc import Iterator, Mapping
from typing import Any

from simulator.scenarios.asking import Heard, ms
from simulator.scenarios.steps import Expect
from simulator.scenarios.values import find, resolve, same

_SHOWN = 300


def judge(expect: Expect | None, heard: Heard, scope: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong. Raises NoValue for an expectation that makes no sense."""
    if expect is None:
        if not 200 <= heard.status < 300:
            yield f"it was not done: {told(heard)}"
        return
    yield from _outcome(expect, heard)
    took_ms = ms(heard.took_ns)
    if expect.min_ms is not None and took_ms < expect.min_ms:
        yield f"it took {took_ms} ms, expected at least {expect.min_ms} ms"
    if expect.max_ms is not None and took_ms > expect.max_ms:
        yield f"it took {took_ms} ms, expected at most {expect.max_ms} ms"
    if heard.reply is not None:
        yield from _answer(expect, heard, scope)


def _outcome(expect: Expect, heard: Heard) -> Iterator[str]:
    if expect.lost:
        if heard.reply is not None:
            yield f"expected no answer, got {told(heard)}"
        return
    if heard.reply is None:
        yield f"there is no answer: {heard.lost}"
        return
    wanted = expect.status
    if wanted is None:
        good = 200 <= heard.status < 300 or expect.code is not None
        if not good:
            yield f"it was not done: {told(heard)}"
    elif heard.status not in ([wanted] if isinstance(wanted, int) else wanted):
        yield f"expected status {wanted}, got {told(heard)}"
    if expect.code is not None and heard.code != expect.code:
        yield f"expected code {expect.code}, got {told(heard)}"


def _answer(expect: Expect, heard: Heard, scope: Mapping[str, Any]) -> Iterator[str]:
    body = heard.body
    for path, value in (expect.body or {}).items():
        wanted, found = resolve(value, scope), find(path, body)
        if not same(wanted, found):
            yield f"{path}: expected {show(wanted)}, got {show(found)}"
    headers = heard.reply.headers if heard.reply else {}
    for name, text in (expect.headers or {}).items():
        given = headers.get(name.lower())
        if text is None and given is not None:
            yield f"header {name}: expected none, got {given!r}"
        elif text == "*" and given is None:
            yield f"header {name} is missing"
        elif text not in (None, "*", given):
            yield f"header {name}: expected {text!r}, got {given!r}"
    if expect.same_as is not None:
        first = scope.get(expect.same_as, {}).get("raw")
        if heard.reply is not None and first != heard.reply.body:
            yield f"the answer is not that of {expect.same_as}, byte for byte"


def told(heard: Heard) -> str:
    """An outcome in a few words."""
    if heard.reply is None:
        return f"no answer ({heard.lost})"
    return f"{heard.status} {heard.reply.body[:_SHOWN].decode('utf-8', 'replace')}"


def show(value: Any) -> str:
    """A value for people."""
    if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
        return f"{value['amount']} {value['currency']}"
    return str(value)[:_SHOWN]
