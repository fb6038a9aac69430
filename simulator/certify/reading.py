"""What an answer says: JSON with exact numbers, and a refusal by its code, in the target's dialect.

(PRV-25, PRV-26, WAL-76)
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from simulator.certify.config import Answers
from simulator.certify.exchange import Answer
from simulator.certify.profile import ErrorBody

CODES = (
    "VALIDATION_FAILED",
    "AUTH_FAILED",
    "SCOPE_DENIED",
    "RG_BLOCK",
    "RG_BLOCKED",
    "NOT_FOUND",
    "BET_NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "DUPLICATE",
    "IDEMPOTENCY_MISMATCH",
    "INVALID_STATE",
    "TOO_LARGE",
    "INSUFFICIENT_FUNDS",
    "LIMIT_EXCEEDED",
    "CURRENCY_MISMATCH",
    "BUILD_NOT_CERTIFIED",
    "IN_PROGRESS",
    "RATE_LIMITED",
    "INTERNAL",
    "UNAVAILABLE",
)
"""The dictionary of PRV-26."""

DONE_WORDS = frozenset(
    {"ok", "OK", "authorized", "credited", "rolled_back", "open", "completed", "cancelled"}
)
"""Status words of a 200 that says yes, where a 200 can also say no."""


class Dialect(NamedTuple):
    """How a target says no."""

    errors: ErrorBody
    codes: Mapping[str, Sequence[str]]
    """Our code → the target's words for it."""


def dialect(answers: Answers, error_body: ErrorBody) -> Dialect:
    """The profile's, unless the configuration says another."""
    return Dialect(answers.errors or error_body, answers.codes)


class NotJson(ValueError):
    """The body is not one JSON value."""


def parse(body: bytes) -> Any:
    """A JSON value; numbers with a point are Decimals, no name is given twice. Raises NotJson."""
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as wrong:
        raise NotJson(f"not JSON: {wrong}") from None


def code_of(answer: Answer, dialect: Dialect) -> str | None:
    """Our code of a refusal; None where the answer does not refuse. `""`: it refuses, and does not
    say how."""
    try:
        body = parse(answer.body)
    except NotJson:
        body = None
    if 200 <= answer.status < 300:
        if dialect.errors != "status_word" or not isinstance(body, Mapping):
            return None
        word = body.get("status")
        return None if word in DONE_WORDS or word is None else _ours(str(word), dialect)
    if not isinstance(body, Mapping):
        return ""
    word = body.get("code")
    if word is None and dialect.errors == "problem_json":
        word = str(body.get("type", "")).rpartition("/")[2].rpartition(":")[2]
    return _ours(str(word or ""), dialect)


def _ours(word: str, dialect: Dialect) -> str:
    for code, words in dialect.codes.items():
        if word in words:
            return code
    plain = word.upper().replace("-", "_")
    return plain if plain in CODES else word


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is not JSON")
