"""The servers that sandboxes are made on: one for each profile, started when it is first needed.

Each is a process of its own: a test that blocks its thread or its loop does not stop the server.
"""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from simulator.base.errors import ConfigError
from simulator.pytest_plugin.asking import Channel, Control, ControlError, NoAnswer
from simulator.pytest_plugin.held import Sandbox
from simulator.pytest_plugin.parts import clock_body
from simulator.server.child import SERVE, Child
from simulator.settings import DEFAULT_SEED

REFERENCE = "reference"


class Servers:
    """Makes sandboxes; with `url` on that running server, else on children of this process.

    `seed` is that of sandboxes which name none.
    """

    def __init__(
        self,
        *,
        seed: int = DEFAULT_SEED,
        url: str | None = None,
        admin_token: str | None = None,
        command: Sequence[str] = SERVE,
    ) -> None:
        self.seed = seed
        self._url = url
        self._admin_token = admin_token if url else None
        self._command = command
        self._channels: dict[str, Channel] = {}
        self._children: dict[str, Child] = {}
        self._open = ExitStack()

    def sandbox(
        self,
        *,
        seed: int | None = None,
        clock: str = "frozen",
        profile: str = REFERENCE,
        chaos: Sequence[Mapping[str, Any] | str] = (),
    ) -> Sandbox:
        """A new sandbox; close it, or use it as a context.

        Raises ConfigError for a setting that is none, and for a server that does not start.
        """
        begins = clock_body(clock, "clock")
        channel = self._channel(profile)
        ask: dict[str, Any] = {"seed": self.seed if seed is None else seed}
        if begins is not None or self._url:
            ask["clock"] = begins or {"mode": "frozen", "now": "2026-01-01T00:00:00Z"}
        try:
            made = Control(channel, admin_token=self._admin_token).ask("POST", "/sandboxes", ask)
        except NoAnswer as lost:
            raise ConfigError(f"{lost}{self._why(profile)}") from None
        except ControlError as refused:
            raise ConfigError(f"the server makes no sandbox: {refused}") from None
        sandbox = Sandbox(channel, made, profile, self._admin_token)
        for n, rule in enumerate(chaos):
            try:
                sandbox.chaos.add(rule)
            except ControlError as refused:
                sandbox.close()
                raise ConfigError(f"chaos[{n}]: {refused.message}") from None
        return sandbox

    def close(self) -> None:
        """Stop what was started."""
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()
        self._open.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _channel(self, profile: str) -> Channel:
        channel = self._channels.get(profile)
        if channel is None:
            channel = self._running(profile) if self._url else self._started(profile)
            self._channels[profile] = channel
        return channel

    def _started(self, profile: str) -> Channel:
        """A server of our own."""
        temporary = tempfile.TemporaryDirectory(prefix="playmoney-")
        folder = Path(self._open.enter_context(temporary))
        options = ("--profile", profile, "--clock", "frozen")
        child = self._open.enter_context(Child(folder, *options, command=self._command))
        self._children[profile] = child
        return Channel(child.url)

    def _running(self, profile: str) -> Channel:
        """The server that was named, if its wallet keeps this profile."""
        channel = Channel(self._url or "")
        try:
            health = Control(channel, admin_token=self._admin_token).ask("GET", "/health")
        except (NoAnswer, ControlError) as wrong:
            channel.close()
            raise ConfigError(f"--playmoney-url {self._url}: {wrong}") from None
        if health["profile"] != profile:
            channel.close()
            raise ConfigError(
                f"--playmoney-url {self._url}: plays profile {health['profile']}, and this test "
                f"asks for {profile}; start it with --profile {profile}, or leave the option out"
            )
        return channel

    def _why(self, profile: str) -> str:
        ended = self._children[profile].ended() if profile in self._children else None
        return f" (the server has ended: {ended})" if ended else ""
