"""A request that Schemathesis has drawn, and its answer, beside the contract.

What positive, negative and linked requests have in common: they are sent over the suite's wire as
the suite's client; of an answer the status, the type and the fields are judged. A target may answer
more than is documented in fields, and may leave operations out. (PRV-64, WAL-77)
"""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.certify.check import Unclear
from simulator.certify.contract import STRICT, Contract, document
from simulator.certify.drive import Done, Drive
from simulator.certify.exchange import Answer, Ask
from simulator.certify.hunt import extra
from simulator.certify.wires.elsewhere import send_to

MISSING = (404, 405, 501)
"""What an operation is answered that a target does not have."""

UNTOUCHED = frozenset({"issueToken", "readJwks"})
"""Operations that have a door of their own."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was wrong with an answer, and the call."""

    why: str
    done: Done

    def __str__(self) -> str:
        body = self.done.ask.body[:300].decode("utf-8", "replace")
        return f"{self.why}; {self.done}" + (f" to {body}" if body else "")


async def described(drive: Drive) -> dict[str, Any]:
    """The contract that is meant: ours, or the one at a path or URL. Raises Unclear, also where the
    target has another error model."""
    if drive.dialect.errors != "model":
        raise Unclear(f"is not asked under error_body: {drive.dialect.errors}")
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


def is_asked(node: Mapping[str, Any]) -> bool:
    """Whether an operation is one to be drawn for: no stream, and none with a door of its own."""
    responses = node.get("responses", {}).values()
    kinds = {kind for one in responses if isinstance(one, dict) for kind in one.get("content", {})}
    return node.get("operationId") not in UNTOUCHED and "text/event-stream" not in kinds


class Conformity:
    """Sends what was drawn, and judges what came."""

    def __init__(self, drive: Drive, contract: Mapping[str, Any]) -> None:
        self._drive = drive
        self._answers = Contract(contract, STRICT)

    def ask(self, case: Any) -> Ask | None:
        """The request as it goes out; None where no client could send it."""
        request = extra("requests").Request(**case.as_transport_kwargs(base_url="http://target"))
        try:
            prepared = request.prepare()
        except ValueError:
            return None
        body = prepared.body or b""
        raw = body.encode() if isinstance(body, str) else bytes(body)
        path = str(prepared.url).removeprefix("http://target") or "/"
        return self._drive.ask(str(prepared.method), path, raw or None)

    async def send(self, ask: Ask) -> Done:
        """The call; it counts as judged."""
        self._drive.judged += 1
        return await self._drive.send(ask)

    def wrong(self, case: Any, done: Done, *, good: bool = True) -> str:
        """What is wrong with the answer to a good or a bad request; empty: nothing."""
        answer = done.reply
        if not isinstance(answer, Answer):
            return "there has to be an answer"
        if answer.status in MISSING and done.code in ("NOT_FOUND", "METHOD_NOT_ALLOWED", "", None):
            return ""
        if answer.status >= 500:
            return "never a 5xx" if answer.status == 500 else ""
        if not good:
            return "what breaks the contract has to be refused" if done.ok else ""
        return self._beside(case, answer) or self._answers.wrong(self._drive.exchanges[-1])

    def _beside(self, case: Any, answer: Answer) -> str:
        """Status and type of an answer, by Schemathesis."""
        library = extra("schemathesis.specs.openapi.checks")
        checks = [
            library.status_code_conformance,
            library.content_type_conformance,
        ]
        try:
            case.validate_response(response(answer), checks=checks)
        except BaseExceptionGroup as group:
            return "; ".join(_sentence(one) for one in _leaves(group))
        except AssertionError as failure:
            return _sentence(failure)
        return ""


def response(answer: Answer) -> Any:
    """An answer as Schemathesis has it."""
    return extra("schemathesis.core.transport").Response(
        status_code=answer.status,
        headers={name: [value] for name, value in answer.headers.items()},
        content=answer.body,
        request=extra("requests").Request("GET", "http://target/").prepare(),
        elapsed=0,
        verify=False,
    )


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
