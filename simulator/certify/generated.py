"""Schemathesis at work on a target: what a contract allows and what it forbids, and the answers.

Requests are drawn from an OpenAPI document, ours or the target's own, sent over the suite's wire as
the suite's client, and the answers judged beside the document. A target may answer more than is
documented in fields, and may leave operations out. Schemathesis is an extra (`playmoney[certify]`).
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.certify.check import Broken, Unclear
from simulator.certify.contract import STRICT, TEXTS, Contract, document, lenient, operations
from simulator.certify.drive import Done, Drive
from simulator.certify.exchange import Answer, Ask
from simulator.certify.hunt import extra, search
from simulator.certify.wires.elsewhere import send_to

MISSING = (404, 405, 501)
"""What an operation is answered that a target does not have."""

UNTOUCHED = frozenset({"issueToken", "readJwks"})
"""Operations that have a door of their own."""

SIMPLER = 40
"""Requests that are tried for a simpler one than the first that failed."""

TELL = 5
"""Operations that are told of in one verdict."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was wrong with an answer, and the call."""

    why: str
    done: Done


async def contract(drive: Drive, *, good: bool, examples: int) -> None:
    """So many requests to each operation: valid ones, or such whose body breaks the contract.

    Raises Broken with a short request of each operation that failed, Unclear without Schemathesis
    or a document."""
    if drive.config.answers.errors != "model":
        raise Unclear(f"is not asked under answers.errors: {drive.config.answers.errors}")
    schemathesis = extra("schemathesis")
    found: list[Found] = []
    text = await _document(drive)
    answers = Contract(text, STRICT)
    if not good:
        text = lenient(text, STRICT | TEXTS)
    schema = schemathesis.openapi.from_dict(text)
    for path, method, node in operations(text):
        if _is_asked(node) and (good or "requestBody" in node):
            found += await _Operation(drive, schema[path][method.upper()], answers, good).hunt(
                examples
            )
        if len(found) == TELL:
            break
    if found:
        drive.exchanges[:] = [one for one in drive.exchanges if any(
            one.reply is each.done.reply for each in found)]  # fmt: skip
        raise Broken("\n".join(one.why for one in found))


async def _document(drive: Drive) -> dict[str, Any]:
    """The contract that is meant: ours, or the one at a path or URL. Raises Unclear."""
    where = drive.target.openapi
    try:
        if "://" not in where:
            text = await asyncio.to_thread(Path(where).read_bytes) if where else None
            return document(drive.check.role, text)
        ask = drive.ask("GET", "/")
        reply = await send_to(where, ask, drive.target.wire, timeout_ms=drive.config.timeout_ms)
        if not isinstance(reply, Answer) or reply.status != 200:
            raise Unclear(f"--openapi {where} was not answered with 200: {reply}")
        return document(drive.check.role, reply.body)
    except OSError as wrong:
        raise Unclear(f"--openapi {where}: cannot be read ({wrong.strerror})") from None
    except ValueError as wrong:
        raise Unclear(f"--openapi {where} {wrong}") from None


def _is_asked(node: Mapping[str, Any]) -> bool:
    responses = node.get("responses", {}).values()
    kinds = {kind for one in responses if isinstance(one, dict) for kind in one.get("content", {})}
    return node.get("operationId") not in UNTOUCHED and "text/event-stream" not in kinds


class _Operation:
    """One operation, asked again and again."""

    def __init__(self, drive: Drive, operation: Any, answers: Contract, good: bool) -> None:
        self._drive = drive
        self._operation = operation
        self._answers = answers
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
        ask = self._ask(case)
        if ask is None:
            return True
        done = await self._drive.send(ask)
        self._drive.judged += 1
        why = self._wrong(case, done)
        if why:
            said = f"{done.ask.body[:300].decode('utf-8', 'replace')}"
            self._failed.append(Found(f"{why}; {done}" + (f" to {said}" if said else ""), done))
        return not why

    def _ask(self, case: Any) -> Ask | None:
        """The request as it goes out; None where there is nothing to be judged by it."""
        if not self._good and not self._is_bad(case):
            return None
        request = extra("requests").Request(**case.as_transport_kwargs(base_url="http://target"))
        try:
            prepared = request.prepare()
        except ValueError:
            return None  # no client could send it
        body = prepared.body or b""
        raw = body.encode() if isinstance(body, str) else bytes(body)
        path = str(prepared.url).removeprefix("http://target") or "/"
        return self._drive.ask(str(prepared.method), path, raw or None)

    def _is_bad(self, case: Any) -> bool:
        """Whether its body alone breaks the contract; a query may have words nobody asks for."""
        parts = case.meta.components if case.meta is not None else {}
        return {where.value for where, part in parts.items() if part.mode.is_negative} == {"body"}

    def _wrong(self, case: Any, done: Done) -> str:
        """What is wrong with the answer; empty: nothing."""
        answer = done.reply
        if not isinstance(answer, Answer):
            return "there has to be an answer"
        if answer.status in MISSING and done.code in ("NOT_FOUND", "METHOD_NOT_ALLOWED", "", None):
            return ""
        if answer.status >= 500:
            return "never a 5xx" if answer.status == 500 else ""
        if not self._good:
            return "what breaks the contract has to be refused" if done.ok else ""
        return self._beside(case, answer) or self._answers.wrong(self._drive.exchanges[-1])

    def _beside(self, case: Any, answer: Answer) -> str:
        """Status and type of an answer, by Schemathesis."""
        library = extra("schemathesis.specs.openapi.checks")
        response = extra("schemathesis.core.transport").Response(
            status_code=answer.status,
            headers={name: [value] for name, value in answer.headers.items()},
            content=answer.body,
            request=extra("requests").Request("GET", "http://target/").prepare(),
            elapsed=0,
            verify=False,
        )
        checks = [
            library.status_code_conformance,
            library.content_type_conformance,
        ]
        try:
            case.validate_response(response, checks=checks)
        except BaseExceptionGroup as group:
            return "; ".join(_sentence(one) for one in _leaves(group))
        except AssertionError as failure:
            return _sentence(failure)
        return ""


def _sentence(failure: BaseException) -> str:
    title = str(getattr(failure, "title", "") or type(failure).__name__)
    words = str(getattr(failure, "message", "") or failure).strip().splitlines()
    return f"{title}: {' '.join(line.strip() for line in words if line.strip())[:300]}"


def _leaves(failure: BaseException) -> Iterator[BaseException]:
    if isinstance(failure, BaseExceptionGroup):
        for part in failure.exceptions:
            yield from _leaves(part)
    else:
        yield failure
