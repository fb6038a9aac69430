"""An exchange as a report may show it: secrets masked, long bodies cut, a curl line (QLT-07)."""

import re
import shlex
from collections.abc import Mapping

from simulator.certify.exchange import Answer, Ask, Exchange
from simulator.reports.verdicts.happenings import Seen

SECRET = frozenset({"authorization", "x-signature", "cookie", "set-cookie", "proxy-authorization"})
TOKEN = re.compile(r'("(?:access|refresh)_token"\s*:\s*")[^"]*')
CUT = 4_000
"""Characters of a body that are shown."""


def seen(exchange: Exchange, base_url: str) -> Seen:
    """What a report shows of it."""
    ask, reply = exchange.ask, exchange.reply
    answer = reply if isinstance(reply, Answer) else None
    ended = "" if isinstance(reply, Answer) else f"{reply.end}: {reply.why}"
    return Seen(
        asked=_message(f"{ask.method} {ask.path}", ask.headers, ask.body),
        answered=_message(str(answer.status), answer.headers, answer.body) if answer else "",
        status=answer.status if answer else 0,
        ended=ended,
        took_ms=reply.took_ms,
        curl=curl(ask, base_url),
    )


def curl(ask: Ask, base_url: str) -> str:
    """A command that sends the request; a token is `$TOKEN`, a signature has to be made anew."""
    parts = ["curl -sS -X", ask.method, shlex.quote(base_url.rstrip("/") + ask.path)]
    for name, value in ask.headers.items():
        if name.lower() == "authorization":
            parts.append('-H "Authorization: Bearer $TOKEN"')
        elif name.lower() not in SECRET:
            parts.append(f"-H {shlex.quote(f'{name}: {value}')}")
    if ask.body:
        parts.append(f"--data-binary {shlex.quote(_text(ask.body))}")
    return " ".join(parts)


def _message(first: str, headers: Mapping[str, str], body: bytes) -> str:
    lines = [first]
    lines += [
        f"{name}: {'(masked)' if name.lower() in SECRET else value}"
        for name, value in headers.items()
    ]
    text = _text(body)
    return "\n".join([*lines, "", text]) if text else "\n".join(lines)


def _text(body: bytes) -> str:
    text = TOKEN.sub(r"\1(masked)", body.decode("utf-8", "replace"))
    return text if len(text) <= CUT else f"{text[:CUT]} … ({len(body)} bytes)"
