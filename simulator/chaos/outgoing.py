"""The host on our way out: calls to a party that is not ours meet their faults before the socket.

What a fault does to a caller is what its own time-out, or the end of its connection, would do: it
gets `NotSent` or `ReplyLost`. A call whose caller has given up goes on behind its back.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from simulator.adapters.http import TIMEOUT_MS
from simulator.adapters.transport import NotSent, ReplyLost, Transport
from simulator.base.clock import NS_PER_MS
from simulator.chaos.at import Arrival
from simulator.chaos.chaos import Chaos
from simulator.chaos.passage import Passage
from simulator.chaos.seam import Delivery, NoReply, Refused, Side, Silent, told
from simulator.wire.calls import Call, Reply

Know = Callable[[Call], Arrival | None]
"""What a call is; None for what no contract knows."""

Resign = Callable[[Call, int], Call]
"""The call signed anew, its time moved by so many nanoseconds."""


def _as_it_is(call: Call, _shift_ns: int) -> Call:
    """Our parties call with a bearer token, which is good for every copy."""
    return call


def _nobody_waits(_call: Call) -> None:
    """Calls of our parties wait for none."""


class ChaosTransport:
    """A transport with the world's chaos on it."""

    def __init__(
        self,
        inner: Transport,
        chaos: Chaos,
        know: Know,
        *,
        timeout_ms: int = TIMEOUT_MS,
        resign: Resign = _as_it_is,
        let_pass: Callable[[Call], None] = _nobody_waits,
    ) -> None:
        self.prefix = inner.prefix
        self._inner = inner
        self._chaos = chaos
        self._know = know
        self._timeout_ms = timeout_ms
        self._resign = resign
        self._let_pass = let_pass

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises NotSent or ReplyLost, with a note of each fault that struck."""
        if not self._chaos.active:
            return await self._inner.send(call)
        arrival = self._know(call)
        if arrival is None:
            return await self._inner.send(call)
        passage = self._chaos.meet(arrival)
        try:
            return await self._pass(passage)
        except (NotSent, ReplyLost) as wrong:
            for injection in passage.injections:
                wrong.add_note(injection.shown())
            raise

    async def _pass(self, passage: Passage) -> Reply:
        host = _Outgoing(self._chaos, self._timeout_ms, self._resign, self._let_pass)
        work = asyncio.ensure_future(self._run(passage, host))
        try:
            ends: set[asyncio.Future[Any]] = {work, host.gave_up}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            work.cancel()
            raise
        finally:
            host.gave_up.cancel()
        if work.done():
            return work.result()
        self._chaos.waits.behind(_finish(work))
        raise ReplyLost(f"no answer within {self._timeout_ms} ms{_because(passage)}")

    async def close(self) -> None:
        """Let go of connections."""
        await self._inner.close()

    async def _run(self, passage: Passage, host: "_Outgoing") -> Reply:
        try:
            reply = await passage.run(host, self._inner.send)
            if isinstance(reply, Delivery):
                reply = await _receive(reply, host)
        except Refused:
            raise NotSent(f"the connection was refused{_because(passage)}") from None
        except Silent:
            await host.wait_ns(self._timeout_ms * NS_PER_MS)
            raise ReplyLost(f"no answer{_because(passage)}") from None
        except NoReply as lost:
            raise ReplyLost(f"{type(lost).__name__}{_because(passage)}") from None
        return told(reply, passage.injections)


class _Outgoing:
    """One call on its way out: it waits no longer than its caller would."""

    side: Side = "outgoing"

    def __init__(
        self,
        chaos: Chaos,
        timeout_ms: int,
        resign: Resign,
        let_pass: Callable[[Call], None],
    ) -> None:
        self.gave_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._chaos = chaos
        self._left_ns = timeout_ms * NS_PER_MS
        self._resign = resign
        self._let_pass = let_pass

    async def wait_ns(self, pause_ns: int, /) -> None:
        """Let the caller wait; where its time is over, it gives up and the rest goes on."""
        waits = self._chaos.waits
        if pause_ns < self._left_ns:
            self._left_ns -= pause_ns
            await waits.wait_ns(pause_ns)
            return
        rest_ns, self._left_ns = pause_ns - self._left_ns, 0
        await waits.wait_ns(pause_ns - rest_ns)
        if not self.gave_up.done():
            self.gave_up.set_result(None)
            await asyncio.sleep(0)  # the caller hears of it before anything else happens
        await waits.wait_ns(rest_ns)

    def behind(self, work: Coroutine[Any, Any, None], /) -> None:
        """Go on behind the caller's back."""
        self._chaos.waits.behind(work)

    def resign(self, call: Call, shift_ns: int = 0) -> Call:
        """The call as its sender would sign it once more."""
        return self._resign(call, shift_ns)

    def let_pass(self, call: Call, /) -> None:
        """What waits for this call need not do so any longer."""
        self._let_pass(call)


async def _receive(reply: Delivery, host: _Outgoing) -> Reply:
    """The reply as a caller puts it together from its pieces. Raises ReplyLost for a cut one."""
    got = 0
    for piece in reply.pieces:
        if got >= reply.bytes_out:
            break
        await host.wait_ns(piece.wait_ms * NS_PER_MS)
        got += piece.size
    if reply.stops_at is not None and reply.bytes_out < len(reply.body):
        raise ReplyLost(f"the body ended after {reply.bytes_out} of {len(reply.body)} bytes")
    return Reply(status=reply.status, headers=reply.headers, body=reply.body)


async def _finish(work: "asyncio.Future[Reply]") -> None:
    """Await what nobody waits for any more."""
    try:
        await work
    except (NotSent, ReplyLost):
        return


def _because(passage: Passage) -> str:
    names = ", ".join(injection.fault for injection in passage.injections)
    return f" (chaos: {names})" if names else ""
