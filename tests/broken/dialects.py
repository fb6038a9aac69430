"""Ways in which right systems differ that have nothing to do with what they do."""

import asyncio
from collections.abc import Mapping
from typing import Any, ClassVar

from tests.broken.http import App, Call, Refusal, encode, pause
from tests.broken.standing import Standing


class Problems(App):
    """Refuses as RFC 9457 has it."""

    answers: ClassVar[Mapping[str, Any]] = {"errors": "problem_json"}

    def refusal(self, call: Call, no: Refusal) -> tuple[int, bytes]:
        word = self.word(no)
        body = {"type": f"https://errors.example/{word}", "title": str(no), "status": no.status}
        return no.status, encode(body)

    def word(self, no: Refusal) -> str:
        return no.code.lower().replace("_", "-")


class InARow(Standing):
    """One write after the other, slowly."""

    def __init__(self) -> None:
        super().__init__()
        self.lock = asyncio.Lock()

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        async with self.lock:
            await pause()
            return await super().once(call, handler)
