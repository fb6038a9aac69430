"""Answers that no party gave: in the error model where it has the status, else a gateway's page."""

from http import HTTPStatus
from typing import Any

from simulator.base.errors import PROBLEMS, Problem
from simulator.wire.calls import Reply
from simulator.wire.problem import encode_problem

HOLD_MS = 30_000
"""How long a socket is held that gets no answer: most callers have given up by then."""

_KINDS: dict[int, type[Problem]] = {}
for _kind in PROBLEMS.values():
    _KINDS.setdefault(_kind.status, _kind)


def refusal(
    status: int,
    trace_id: str,
    message: str,
    *,
    retry_after_s: int | None = None,
    details: dict[str, Any] | None = None,
) -> Reply:
    """A reply of this status (PRV-25)."""
    headers = {"x-trace-id": trace_id}
    if retry_after_s is not None:
        headers["retry-after"] = str(retry_after_s)
    kind = _KINDS.get(status)
    if kind is not None:
        body = encode_problem(kind(message, details=details), trace_id)
        return Reply(
            status=status, headers={"content-type": "application/json", **headers}, body=body
        )
    title = f"{status} {_phrase(status)}"
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(
        status=status, headers={"content-type": "text/html", **headers}, body=page.encode()
    )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
