"""A server as a process: bind, listen, stop cleanly on SIGTERM.

Exit codes: 0 stopped, 2 could not start (one clear line), 3 the store broke and its last commits
are unknown until the next start has recovered.
"""

import asyncio
import contextlib
import errno
import gc
import os
import signal
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Any

import uvicorn
import uvloop

from simulator.base.errors import ConfigError
from simulator.server.protocol import Protocol
from simulator.settings import Settings

STOP_WITHIN_S = 10
"""How long a stopping server waits for calls that it has begun."""

YOUNG = 10_000
"""How many new objects the garbage collector waits for, 700 if nobody says otherwise: that is less
than a batch of calls has in the air, so it would walk through all of them, again and again. Each
walk is a pause of everybody, 3 ms for so many."""


def collect_less() -> None:
    """What is there now (contracts, games) stays for good: the collector need not walk it, neither
    now (60 ms, for some 50 objects) nor again and again, and waits for more that is new."""
    gc.freeze()
    gc.set_threshold(YOUNG)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises ConfigError where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as wrong:
        listener.close()
        if wrong.errno == errno.EADDRINUSE:
            raise ConfigError(
                f"--port {port}: in use on {host}; stop what listens there or name another port "
                "(0 takes a free one)"
            ) from None
        raise ConfigError(f"--host {host} --port {port}: {wrong.strerror or wrong}") from None
    listener.set_inheritable(True)
    return listener


class _Server(uvicorn.Server):
    """Leaves the signals to `Process`: uvicorn would raise them again after it has served, and
    SIGTERM would end the process before its stores are closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture nothing."""
        yield


class Process:
    """Runs an ASGI application on one event loop until it is told to stop."""

    def __init__(
        self,
        app: Callable[..., Awaitable[None]],
        listener: socket.socket,
        let_go: Callable[[], None] = lambda: None,
    ) -> None:
        self.exit_code = 0
        self.app = app
        config = uvicorn.Config(
            app,
            loop="uvloop",
            http=Protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            access_log=False,
            log_config=None,
            proxy_headers=False,
            server_header=False,
            date_header=False,  # Date comes from the world's clock
            timeout_graceful_shutdown=STOP_WITHIN_S,
        )
        self._listener = listener
        self._let_go = let_go  # what is held on purpose would hold up the stop
        self._server = _Server(config)

    async def serve(
        self, close: Callable[[], Awaitable[None]], announce: Callable[[], None] = lambda: None
    ) -> None:
        """Serve until SIGTERM or SIGINT; then answer what was begun and close.

        Whoever reads what `announce` says may send the signal at once: it stops cleanly by then.
        """
        collect_less()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        try:
            announce()
            await self._server.serve(sockets=[self._listener])
        finally:
            await close()

    def stop(self) -> None:
        """Accept no more, answer what was begun, and end."""
        self._server.should_exit = True
        self._let_go()

    def give_up(self) -> None:
        """Give the port back without having served."""
        self._listener.close()

    def break_off(self) -> None:
        """Stop at once: the store is broken, so nothing more may be answered from it."""
        self.exit_code = 3
        self._server.should_exit = True

    @property
    def started(self) -> bool:
        """True once it accepts connections."""
        return self._server.started


def address(settings: Settings, listener: socket.socket) -> str:
    """The URL that a user types."""
    port = listener.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    if host in ("0.0.0.0", "[::]"):  # noqa: S104 - not bound here: shown as what a user can type
        host = "127.0.0.1"
    return f"http://{host}:{port}"


def stop_with_stdin() -> None:
    """From here on the end of stdin is a SIGTERM: whoever holds its other end is gone.

    It is read in a thread, because a loop cannot wait for every kind of file; and by its number,
    because a reader of Python's would be locked when the interpreter ends.
    """

    def wait() -> None:
        with contextlib.suppress(OSError):  # closed is ended
            while os.read(0, 1024):
                pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="stdin").start()


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop, with the loop closed and everything in it finished at the end."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main)
