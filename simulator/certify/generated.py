"""Schemathesis at work on a target: what a contract allows and what it forbids, and the answers.

Requests are drawn from an OpenAPI document, ours or the target's own, one by one (`linked.py` draws
such as follow from one another). Schemathesis is an extra (`playmoney[certify]`).
"""

from typing import Any

from simulator.certify.check import Broken
from simulator.certify.conformity import Conformity, Found, described, is_asked
from simulator.certify.contract import STRICT, TEXTS, lenient, operations
from simulator.certify.drive import Drive
from simulator.certify.hunt import extra, search

SIMPLER = 40
"""Requests that are tried for a simpler one than the first that failed."""

TELL = 5
"""Operations that are told of in one verdict."""


async def contract(drive: Drive, *, good: bool, examples: int) -> None:
    """So many requests to each operation: valid ones, or such whose body breaks the contract.

    Raises Broken with a short request of each operation that failed, Unclear without Schemathesis
    or a document."""
    text = await described(drive)
    schemathesis = extra("schemathesis")
    found: list[Found] = []
    conformity = Conformity(drive, text)
    if not good:
        text = lenient(text, STRICT | TEXTS)
    schema = schemathesis.openapi.from_dict(text)
    for path, method, node in operations(text):
        if is_asked(node) and (good or "requestBody" in node):
            operation = _Operation(drive, conformity, schema[path][method.upper()], good)
            found += await operation.hunt(examples)
        if len(found) == TELL:
            break
    if found:
        drive.exchanges[:] = [one for one in drive.exchanges if any(
            one.reply is each.done.reply for each in found)]  # fmt: skip
        raise Broken("\n".join(map(str, found)))


class _Operation:
    """One operation, asked again and again."""

    def __init__(self, drive: Drive, conformity: Conformity, operation: Any, good: bool) -> None:
        self._drive = drive
        self._conformity = conformity
        self._operation = operation
        self._good = good
        self._failed: list[Found] = []

    async def hunt(self, examples: int) -> list[Found]:
        """The simplest call that failed; none where all was well."""
        mode = extra("schemathesis").GenerationMode
        kind = mode.POSITIVE if self._good else mode.NEGATIVE
        seed = self._drive.names.number("requests", 2**64)
        await search(
            self._play,
            lambda _: self._operation.as_strategy(generation_mode=kind),
            seed=seed,
            examples=examples,
            simpler=SIMPLER,
        )
        return self._failed[-1:]

    async def _play(self, case: Any) -> bool:
        ask = self._conformity.ask(case) if self._good or _is_bad(case) else None
        if ask is None:
            return True
        done = await self._conformity.send(ask)
        why = self._conformity.wrong(case, done, good=self._good)
        if why:
            self._failed.append(Found(why, done))
        return not why


def _is_bad(case: Any) -> bool:
    """Whether its body alone breaks the contract; a query may have words nobody asks for."""
    parts = case.meta.components if case.meta is not None else {}
    return {where.value for where, part in parts.items() if part.mode.is_negative} == {"body"}
