"""What a scenario is played in, as the runner sees it: a few protocols; `world` is floors above."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from simulator.adapters.transport import Transport
from simulator.base.clock import Clock
from simulator.scenarios.document import Scenario


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller of the published ones (docs/test-world.md), and for whom it calls."""

    client_id: str
    secret: str
    signing_key: str
    provider: str
    brand: str
    region: str


class Sandbox(Protocol):
    """One scenario's own."""

    clock: Clock
    virtual: bool
    """Whether time is virtual and everything is in this process, so that every byte repeats."""

    def way_to(self, party: str) -> Transport:
        """How calls to a party go; `control` is the owner of what holds players and money,
        `sandbox` that of what plays the rest: its chaos, its journal."""
        ...

    def real(self, party: str) -> bool:
        """Whether a party is somebody else's, behind a URL."""
        ...

    def credentials(self, party: str) -> tuple[str, str] | None:
        """Id and secret that we have at a party behind a URL, where its target names them."""
        ...

    def elapsed_ns(self) -> int:
        """A stopwatch of the time that callers live in."""
        ...

    async def sleep(self, pause_ns: int, /) -> None:
        """Wait in that time."""
        ...

    async def advance(self, by_ns: int) -> None:
        """Let the world's time pass."""
        ...

    def hold(self, name: str) -> None:
        """Hold everything fast, where everything is in this process."""
        ...

    async def restore(self, name: str) -> None:
        """Go back to what was held fast. Raises ConfigError where that cannot be."""
        ...


class Host(Protocol):
    """Makes sandboxes."""

    identities: dict[str, Identity]

    def open(self, scenario: Scenario, seed: int) -> AbstractAsyncContextManager[Sandbox]:
        """A fresh sandbox for a scenario. Raises ConfigError where there can be none."""
        ...
