"""The error tree, its table and its documents say the same."""

import re

import pytest

from simulator.base import errors
from simulator.base.errors import (
    OTHER_NAMES,
    PROBLEMS,
    Final,
    PlaymoneyError,
    Problem,
    Transient,
)
from tests.server.tools import document

# The dictionary of PRV-26 as the specification words it. What follows in the requirement are
# reasons of payout refusals, which are not codes of this error model.
PRV_26 = """
400 VALIDATION_FAILED · 401 AUTH_FAILED · 403 SCOPE_DENIED, RG_BLOCK · 404 NOT_FOUND, BET_NOT_FOUND
· 405 METHOD_NOT_ALLOWED · 406 NOT_ACCEPTABLE · 413 TOO_LARGE · 409 DUPLICATE, IDEMPOTENCY_MISMATCH,
INVALID_STATE · 422 INSUFFICIENT_FUNDS, LIMIT_EXCEEDED, CURRENCY_MISMATCH, BUILD_NOT_CERTIFIED
· retryable: 425 IN_PROGRESS, 429 RATE_LIMITED, 500 INTERNAL, 503 UNAVAILABLE
"""

# "Remembered: 2xx and definite refusals (RG_BLOCK, 404, 409, 422)", "never remembered: 400, 401,
# SCOPE_DENIED, 413, 425, 429, 5xx" (PRV-30). 405 and 406 are decided before a key is looked at.
PRV_30_STATUSES = {404, 409, 422}
PRV_30_CODES = {"RG_BLOCK"}


def _dictionary() -> dict[str, tuple[int, bool]]:
    """Code → (status, retryable), read from the words of PRV-26."""
    found: dict[str, tuple[int, bool]] = {}
    plain, _, retryable = PRV_26.partition("retryable:")
    for text, again in ((plain, False), (retryable, True)):
        status = 0
        for word in re.findall(r"[0-9]{3}|[A-Z_]{5,}", text):
            if word.isdigit():
                status = int(word)
            else:
                found[word] = (status, again)
    return found


def _drawn() -> dict[str, str]:
    """Class → its parent, as drawn in the docstring."""
    lines = (errors.__doc__ or "").splitlines()
    root = next(line for line in lines if re.fullmatch(r"\w+", line))
    above = [root]
    found: dict[str, str] = {}
    for line in lines:
        drawn = re.match(r"([│ ]*)[├└]── (\w+(?:, \w+)*)", line)
        if drawn:
            depth = len(drawn[1]) // 4 + 1
            names = drawn[2].split(", ")
            found |= dict.fromkeys(names, above[depth - 1])
            above[depth:] = [names[0]]
    return found


def _drawn_statuses() -> dict[str, int]:
    """Leaf → the status beside it in the drawing."""
    found: dict[str, int] = {}
    for line in (errors.__doc__ or "").splitlines():
        leaf = re.match(r"[│ ]*[├└]── (\w+(?:, \w+)*) +([0-9]{3})$", line)
        if leaf:
            found |= dict.fromkeys(leaf[1].split(", "), int(leaf[2]))
    return found


def _below(kind: type[Exception]) -> list[type[Exception]]:
    return [below for child in kind.__subclasses__() for below in (child, *_below(child))]


def test_the_drawn_tree_is_the_class_tree() -> None:
    """Each class hangs where the docstring draws it, and none is missing on either side."""
    real = {
        kind.__name__: kind.__base__.__name__
        for kind in _below(PlaymoneyError)
        if kind.__base__ and kind.__module__ == "simulator.base.errors"
    }
    assert _drawn() == real


def test_the_drawn_statuses_are_the_statuses() -> None:
    """The number beside each leaf of the drawing is the status that it is answered with."""
    assert _drawn_statuses() == {kind.__name__: kind.status for kind in PROBLEMS.values()}


def test_the_table_is_the_dictionary_of_the_specification() -> None:
    """Codes, statuses and retryable are those of PRV-26, and there are no others."""
    ours = {code: (kind.status, kind.retryable) for code, kind in PROBLEMS.items()}
    assert ours == _dictionary()


def test_every_problem_is_in_the_table_once() -> None:
    """A refusal that a handler can raise has a row: `PROBLEMS` holds each leaf of the tree, and
    another name of one is in the table of names."""
    leaves = [
        kind
        for kind in _below(Problem)
        if kind.__module__ == "simulator.base.errors" and hasattr(kind, "code")
    ]
    assert sorted(kind.__name__ for kind in leaves) == sorted(
        kind.__name__ for kind in [*PROBLEMS.values(), *OTHER_NAMES.values()]
    )


@pytest.mark.parametrize("name", ["platform", "wallet", "control"])
def test_the_contract_names_the_same_codes(name: str) -> None:
    """The ErrorCode enum of each OpenAPI file is the table, in the same order (PRV-25, PRV-26)."""
    assert document(name)["components"]["schemas"]["ErrorCode"]["enum"] == list(PROBLEMS)


def test_another_name_is_only_another_name() -> None:
    """The game server's own word for a refusal changes its code and nothing else, and its contract
    names the same table otherwise, in the same order (PRV-26, RGS-50)."""
    (renamed,) = OTHER_NAMES.values()
    kind = errors.RgBlock
    assert issubclass(renamed, kind)
    assert renamed.code == "RG_BLOCKED"
    same = ("status", "retryable", "remembered")
    assert [getattr(renamed, name) for name in same] == [getattr(kind, name) for name in same]
    listed = document("rgs")["components"]["schemas"]["ErrorCode"]["enum"]
    assert listed == [renamed.code if code == kind.code else code for code in PROBLEMS]


def test_definite_refusals_are_remembered_and_nothing_else() -> None:
    """A late copy of a refused bet can never succeed; a transient error never sticks (PRV-30)."""
    remembered = {code for code, kind in PROBLEMS.items() if kind.remembered}
    by_status = {c for c, (status, _) in _dictionary().items() if status in PRV_30_STATUSES}
    assert remembered == by_status | PRV_30_CODES


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_a_problem_is_final_or_transient(code: str) -> None:
    """Every refusal says whether asking again helps: it is of exactly one of the two kinds."""
    kind = PROBLEMS[code]
    assert issubclass(kind, Final) != issubclass(kind, Transient)
    assert kind.retryable == issubclass(kind, Transient)
    assert not (kind.retryable and kind.remembered)


def test_a_problem_carries_what_its_answer_needs() -> None:
    """Message, details and Retry-After reach the answer as raised; there may be no details."""
    bare = errors.NotFound("there is no p_1")
    full = errors.RateLimited("slow down", details={"limit_per_s": 5}, retry_after_s=3)
    assert (bare.message, bare.details, bare.retry_after_s) == ("there is no p_1", {}, None)
    assert (str(full), full.details, full.retry_after_s) == ("slow down", {"limit_per_s": 5}, 3)


def test_every_code_is_written_in_capitals_of_its_class() -> None:
    """A code is its class name in capitals, so that one is found by the other."""
    for code, kind in PROBLEMS.items():
        assert code == re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).upper()
