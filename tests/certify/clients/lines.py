"""Journals by hand: a line for each exchange, as the export writes it."""

from typing import Any

import msgspec

from simulator.base.clock import NS_PER_MS, iso
from simulator.certify.clients.check import Case
from simulator.certify.clients.journal import read
from simulator.certify.clients.plan import Duties
from simulator.certify.clients.table import CHECKS
from simulator.certify.clients.watched import Watched

BET = {
    "session_id": "s",
    "bet_id": "b",
    "round_id": "r",
    "amount": {"amount": 2, "currency": "EUR"},
}
BEGIN_NS = 1_767_225_600_000 * NS_PER_MS


def problem(status: int, code: str, *, retryable: bool = False, **headers: str) -> dict[str, Any]:
    """An answer of the error model."""
    body = {"code": code, "message": "no", "retryable": retryable, "trace_id": "t"}
    return answer(status, body, **headers)


def answer(status: int = 200, body: Any = None, **headers: str) -> dict[str, Any]:
    """An answer with a JSON body."""
    lines = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return {"status": status, "headers": lines, "body": msgspec.json.encode(body or {}).decode()}


class Lines:
    """A journal that grows by a line for each call."""

    def __init__(self) -> None:
        self.at_ms = 0
        self.lines: list[dict[str, Any]] = []

    def call(
        self,
        operation: str = "authorizeBet",
        *,
        key: str = "k",
        body: Any = None,
        after_ms: int = 100,
        reply: dict[str, Any] | None = None,
        injected: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> None:
        """One exchange; without `reply` nothing was answered."""
        self.at_ms += after_ms
        self.lines.append(
            {
                "exchange": len(self.lines) + 1,
                "at": iso(BEGIN_NS + self.at_ms * NS_PER_MS),
                "direction": "in",
                "party": "wallet",
                "operation": operation,
                "client": "c",
                "key": key,
                "injected": [f"{name};rule=x;attempt=1" for name in injected],
                "request": {
                    "method": "POST",
                    "target": f"/v1/{operation}",
                    "headers": list((headers or {}).items()),
                    "body": msgspec.json.encode(BET if body is None else body).decode(),
                },
                **({} if reply is None else {"answer": reply}),
                **more,
            }
        )

    def event(self, event: str, status: int, **how: Any) -> None:
        """A delivery to the client."""
        self.call(
            "bet.settled",
            key="",
            direction="out",
            party="subscriber",
            headers={"X-Event-Id": event, "X-Client-Id": "crm"},
            reply=answer(status),
            **how,
        )

    def raw(self) -> bytes:
        """The file."""
        start = {"journal": 1, "seed": 7}
        return b"\n".join(msgspec.json.encode(one) for one in (start, *self.lines))

    def unfinished(self) -> bool:
        """Whether the client owes another attempt."""
        return Watched(read(self.raw()), Duties()).unfinished()

    def cases(self, check: str, **duties: Any) -> list[Case]:
        """What a check says of it."""
        (judge,) = [one.judge for one in CHECKS if one.id == f"client.{check}"]
        return list(judge(Watched(read(self.raw()), Duties(**duties))))

    def whys(self, check: str, **duties: Any) -> list[str]:
        """Of each case: empty, or why the rule was broken."""
        return [case.why for case in self.cases(check, **duties)]
