"""Platforms that keep the rules and look different."""

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.broken.dialects import InARow, Problems
from tests.broken.http import Call, Refusal, pause
from tests.broken.platforms.variant import Right


class Reference(Right):
    """As the reference has it."""


class NotFoundRollbacks(Right):
    """Unknown rollbacks are 404."""

    profile: ClassVar[Mapping[str, str]] = {"unknown_rollback": "not_found"}

    def unknown(self, name: str, round_id: str) -> Any:
        raise Refusal(404, "BET_NOT_FOUND")


class ProblemJson(Problems, Right):
    """Refuses as RFC 9457 has it."""


class Queued(InARow, Right):
    """One call after the other, slowly."""


class RoundsCloseThemselves(Right):
    """A round with an open bet can be closed by nobody; the refusal is its own word."""

    answers: ClassVar[Mapping[str, Any]] = {"codes": {"INVALID_STATE": ["ROUND_BUSY"]}}

    def close_round(self, call: Call) -> Any:
        try:
            return super().close_round(call)
        except Refusal as no:
            raise Refusal(no.status, "ROUND_BUSY") from None


class SaysInProgress(Right):
    """A copy of a call that is still at work is told 425, and pages are small."""

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        at_work: set[str] = self.__dict__.setdefault("at_work", set())
        name = call.body.get("bet_id") or call.headers.get("x-idempotency-key", "")
        if name in at_work:
            raise Refusal(425, "IN_PROGRESS")
        at_work.add(name)
        try:
            await pause()
            await pause()
            return await super().once(call, handler)
        finally:
            at_work.discard(name)


class OwnPages(Right):
    """Pages have three items whatever is asked, opaque cursors, and one after the last; writes are
    answered 201."""

    async def serve(self, call: Call, handler: Any, write: bool) -> tuple[int, bytes]:
        status, body = await super().serve(call, handler, write)
        return (201 if write and status == 200 else status), body

    def page(self, items: list[Any], query: dict[str, str]) -> Any:
        start = int(query.get("cursor", "c0")[1:])
        end = min(start + 3, len(items))
        more = end < len(items)
        return {"items": items[start:end], "has_more": more, "next_cursor": f"c{end}"}
