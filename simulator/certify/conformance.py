"""The target beside its contract, asked alike of every role (PRV-64, WAL-77)."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from simulator.certify.answers import judge
from simulator.certify.check import Category, Check, Role
from simulator.certify.drive import Drive
from simulator.certify.generated import contract
from simulator.certify.linked import links


def allowed(role: Role) -> Check:
    """What the contract allows, drawn from it."""
    return _of_contract(
        f"{role}.contract.positive",
        "What the contract allows is answered with a status, a type and a body that the "
        "contract has, and never with a 500.",
        blind="operations that the target does not have, and whether what it did is right",
        drive=partial(contract, good=True, examples=4),
    )


def forbidden(role: Role) -> Check:
    """What the contract forbids, drawn from it."""
    return _of_contract(
        f"{role}.contract.negative",
        "A body that breaks the contract is refused, and never with a 500.",
        blind="broken headers and paths, which other checks ask for; operations that are not there",
        drive=partial(contract, good=False, examples=6),
    )


def linked(role: Role) -> Check:
    """What follows from one another, by the contract's links."""
    return _of_contract(
        f"{role}.contract.stateful",
        "Along the contract's links, from an answer to the requests that take its ids: each "
        "is answered as documented, never with a 500, and what was just made is found.",
        blind="operations to which no link leads, and whether what they did is right",
        drive=partial(links, examples=20, steps=8),
    )


def _of_contract(
    check_id: str, about: str, *, blind: str, drive: Callable[[Any], Awaitable[None]]
) -> Check:
    return Check(
        id=check_id,
        rules=("PRV-64", "WAL-77"),
        category=Category.PROTOCOL,
        level="exhaustive",
        about=about,
        blind=blind,
        drive=drive,
        limit_s=300,
    )


def answered(role: Role) -> Check:
    """All that the checks before were answered; so it is the last of its role."""
    return Check(
        id=f"{role}.contract.answers",
        rules=("PRV-64",),
        category=Category.PROTOCOL,
        about="Of every answer that any check saw, each field that is there is of the contract's "
        "kind: text, number, truth, list or object.",
        blind="fields that are missing, and the form of texts; it judges what the checks before it "
        "have met",
        drive=_judge_answers,
    )


async def _judge_answers(drive: Drive) -> None:
    judge(drive)
