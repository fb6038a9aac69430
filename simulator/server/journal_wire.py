"""The journal's place on the way out: a transport that takes note of what another one sends
(SBX-10)."""

from msgspec.structs import replace

from simulator.adapters.transport import NotSent, ReplyLost, Transport
from simulator.base.clock import Clock, stopwatch_ns
from simulator.chaos.seam import HEADER
from simulator.server.journal import Journal
from simulator.wire.calls import Call, Reply


class JournalledTransport:
    """Sends as another transport does; each attempt to this party stands in the journal."""

    def __init__(self, inner: Transport, to: str, journal: Journal, clock: Clock) -> None:
        self.prefix = inner.prefix
        self._inner = inner
        self._to = to
        self._journal = journal
        self._clock = clock

    async def send(self, call: Call) -> Reply:
        """The whole answer. Raises NotSent or ReplyLost, like the transport inside."""
        began_ns, now_ns = stopwatch_ns(), self._clock.now_ns()
        reply: Reply | None = None
        why = ""
        injected: tuple[str, ...] = ()
        try:
            reply = await self._inner.send(call)
            told = reply.headers.get(HEADER)
            injected = tuple(told.split(", ")) if told else ()
            return reply
        except (NotSent, ReplyLost) as wrong:
            why, injected = str(wrong), tuple(getattr(wrong, "__notes__", ()))
            raise
        finally:
            if self._journal.recording:
                named = replace(call, to=self._to)
                self._journal.keep_sent(named, reply, now_ns, began_ns, why, injected)

    async def close(self) -> None:
        """Let go of connections."""
        await self._inner.close()
