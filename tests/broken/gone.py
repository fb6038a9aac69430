"""A toy system that notices that its caller has gone away before the answer."""

import asyncio
from typing import Any

from tests.broken.http import App, pause


class NoticesGone(App):
    """`gone` tells it of the call that is being served."""

    gone = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        messages = [await receive()]
        again = asyncio.ensure_future(receive())
        await pause()
        self.gone = again.done()
        again.cancel()

        async def first() -> Any:
            return messages.pop()

        await super().__call__(scope, first, send)
