"""The one error body (PRV-25), from the one error tree."""

from typing import Any

import msgspec

from simulator.base.errors import OTHER_NAMES, PROBLEMS, Problem
from simulator.wire import json


class ErrorBody(msgspec.Struct, frozen=True, omit_defaults=True):
    """`{code, message, retryable, trace_id}` plus `details` where there is more to say."""

    code: str
    message: str
    retryable: bool
    trace_id: str
    details: dict[str, Any] = {}


def encode_problem(problem: Problem, trace_id: str) -> bytes:
    """The body that tells of this problem."""
    details = dict(problem.details)
    return json.encode(
        ErrorBody(problem.code, problem.message, problem.retryable, trace_id, details)
    )


def decode_problem(raw: bytes) -> Problem | None:
    """The problem that a body tells of; None where it is not our error model."""
    try:
        body = msgspec.convert(json.decode(raw), ErrorBody)
    except (json.NotJson, msgspec.ValidationError):
        return None
    kind = PROBLEMS.get(body.code) or OTHER_NAMES.get(body.code)
    return kind(body.message, details=body.details) if kind else None
