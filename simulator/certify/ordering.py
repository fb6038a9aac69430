"""What the command line and the pytest marker were told, as an order and its target (SBX-08)."""

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simulator.base.errors import ConfigError
from simulator.certify.check import Check, Level
from simulator.certify.config import Config, read_file, test_world
from simulator.certify.profile import Profile, load
from simulator.certify.suite import Order
from simulator.certify.target import Target
from simulator.certify.wires.sockets import SocketWire

RUN = re.compile(r"[A-Za-z0-9._-]{1,24}")
"""A run's id; it is part of every id, and ids are printable everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is to be judged, by what and how, in the words of `playmoney certify`."""

    role: str
    checks: Sequence[Check]
    suite: Level
    seed: int
    run: str
    named: bool = False
    """The run's id was given, and is not a fresh one."""
    target: str | None = None
    ca_file: Path | None = None
    config: Path | Config | None = None
    """Without one, the test world."""
    profile: str | None = None
    openapi: str | None = None
    accepted: Mapping[str, str] = field(default_factory=dict)

    def ordered(self) -> tuple[Order, Target]:
        """The order, and the system behind HTTP that it is for. Raises ConfigError."""
        require_run(self.run)
        config = self._config()
        where = self.target or config.target
        if where is None:
            raise ConfigError("whom? give --target URL, or `target` in the configuration")
        target = Target(
            wire=SocketWire(
                where, timeout_ms=config.timeout_ms, ca_file=str(self.ca_file or config.ca_file)
            ),
            config=config,
            profile=load(self.profile) if self.profile else config.profile or Profile(),
            seed=self.seed,
            run=self.run,
            openapi=self.openapi or "",
        )
        order = Order(
            role=self.role,
            target=where,
            suite=self.suite,
            checks=self.checks,
            replay=self._replay(where),
            accepted=self.accepted,
            named=self.named,
        )
        return order, target

    def _config(self) -> Config:
        if isinstance(self.config, Config):
            return self.config
        return read_file(self.config) if self.config else test_world(self.role)

    def _replay(self, where: str) -> str:
        """The command that asks again, with the same bytes, but for what it is about."""
        words = ["playmoney", "certify", self.role, "--target", where]
        more = {
            "--ca-file": self.ca_file,
            "--config": None if isinstance(self.config, Config) else self.config,
            "--profile": self.profile,
            "--openapi": self.openapi,
        }
        for option, given in more.items():
            words += [option, str(given)] if given else []
        words += ["--seed", str(self.seed), "--run", self.run]
        return " ".join(shlex.quote(word) for word in words)


def require_run(run: str) -> None:
    """A run's id can be part of every id. Raises ConfigError."""
    if not RUN.fullmatch(run):
        raise ConfigError(f"--run {run}: has 1 to 24 letters, digits and . _ -")
