"""Floor 1: every setting of a server in one frozen object.

A bad value names its place, the value, the choices and the nearest word (ConfigError, exit 2).
"""

import difflib
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from simulator.base.clock import FASTEST, FROZEN_START_NS, SLOWEST, parse_iso
from simulator.base.errors import ConfigError
from simulator.base.rng import SEED_MAX

DEFAULT_SEED = 42
"""The seed of a world that was given none: known, so that two such worlds are the same."""


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """How a world's clock starts: `wall`; `frozen` or `shifted` at an instant (Unix nanoseconds);
    `accelerated` from there, at so many times the speed of real time."""

    mode: str = "wall"
    start_ns: int = FROZEN_START_NS
    rate: Fraction = Fraction(1)

    @classmethod
    def parse(cls, text: str, place: str = "--clock") -> "ClockSetting":
        """`wall`, `frozen` (2026-01-01T00:00:00Z), an ISO time to be frozen at, `shifted:TIME` or
        `accelerated:RATE`, which begins where a frozen one does, or `accelerated:RATE:TIME`."""
        if text in ("wall", "frozen"):
            return cls(text)
        mode, _, rest = text.partition(":")
        try:
            if re.match(r"\d{4}-", text):
                return cls("frozen", parse_iso(text))
            if mode == "shifted" and rest:
                return cls(mode, parse_iso(rest))
            if mode == "accelerated" and rest:
                return cls._accelerated(rest)
        except ValueError as wrong:
            raise ConfigError(f"{place}: {wrong}") from None
        words = ("wall", "frozen", "shifted:TIME", "accelerated:RATE")
        raise unknown(place, text, words, "or an ISO time, 2026-01-01T00:00:00Z")

    @classmethod
    def _accelerated(cls, text: str) -> "ClockSetting":
        number, colon, start = text.partition(":")
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,6})?", number):
            raise ValueError(f"{number!r} is no rate; 60 makes a minute of each second")
        rate = Fraction(number)
        if not SLOWEST <= rate <= FASTEST:
            raise ValueError(f"a rate of {number} is outside {SLOWEST}..{FASTEST}")
        return cls("accelerated", parse_iso(start) if colon else FROZEN_START_NS, rate)


@dataclass(frozen=True, slots=True)
class Target:
    """A party that is not ours to play: where it is, and who we are there.

    `client` is id and secret for its `POST /oauth/token`; None takes our own published ones.
    """

    party: str
    url: str
    client: tuple[str, str] | None = None

    @classmethod
    def parse(cls, text: str, place: str = "--target") -> "Target":
        """`wallet=http://host:port/prefix`, or with `client:secret@` before the host."""
        party, equals, url = text.partition("=")
        try:
            parts = urlsplit(url)
            _ = parts.port  # raises for one that is no number, or too large
        except ValueError:
            parts = urlsplit("")
        wrong = parts.query or parts.fragment or parts.scheme not in ("http", "https")
        if wrong or not (equals and parts.hostname):
            shown = f"{party}={masked(url)}" if "@" in url else text
            raise ConfigError(f"{place}: {shown!r} is not PARTY=http://127.0.0.1:8080/prefix")
        who, _, where = parts.netloc.rpartition("@")
        client_id, _, secret = who.partition(":")
        bare = urlunsplit((parts.scheme, where, parts.path.rstrip("/"), "", ""))
        return cls(party, bare, (unquote(client_id), unquote(secret)) if who else None)

    @property
    def shown(self) -> str:
        """As it was given, but for the secret: reports are shared. (QLT-07)"""
        scheme, _, where = self.url.partition("://")
        who = f"{quote(self.client[0])}:***@" if self.client else ""
        return f"{self.party}={scheme}://{who}{where}"


@dataclass(frozen=True, slots=True)
class Settings:
    """One server, from start to stop."""

    host: str = "127.0.0.1"
    port: int = 8080
    data: Path | None = None
    """Data folder of the default sandbox; None keeps it in memory."""
    store: str | None = None
    """A PostgreSQL database, `postgresql://…`, that keeps the default sandbox instead."""
    seed: int | None = None
    """Seed of the default sandbox; None takes the data folder's own, else `DEFAULT_SEED`."""
    clock: ClockSetting = ClockSetting()
    strict: bool = False
    """Check our own answers against the contract too; a broken one becomes a 500."""
    admin_token: str | None = None
    profile: str = "reference"
    """What the wallet does where real ones disagree: a name in `contracts/profiles/`."""
    token_ttl_s: int = 600
    rate_limit_per_s: int = 0
    """Calls per second for each client and brand (PRV-62); 0 means no limit."""
    virtual_time: bool = False
    """Only its clock lets time pass in a frozen world: what waits there, a retry or a held call,
    goes on when the clock is advanced, and not when as much real time has passed (D3)."""
    max_sandboxes: int = 1000
    idle_s: int = 86_400
    """Real time after which a sandbox that nobody calls is dropped (SBX-04); 0: never."""
    journal: int = 10_000
    """Exchanges that the journal of each sandbox keeps (SBX-10); 0 switches it off."""
    chaos: bool = True
    """Whether chaos rules and the header `X-Chaos` are taken (SBX-17)."""
    platform_keys: str | None = None
    """A JWK set, or the file of one: platforms besides our own whose players the studio lets in."""
    targets: Mapping[str, Target] = field(default_factory=dict)
    """Parties that are called at a URL; the sandbox plays those that are not named."""

    def __post_init__(self) -> None:
        _within("--port", self.port, 0, 65_535)
        _within("--sandbox-idle", self.idle_s, 0, 31_622_400)
        _within("--journal", self.journal, 0, 1_000_000)
        _within("--rate-limit", self.rate_limit_per_s, 0, 1_000_000)
        if self.seed is not None:
            _within("--seed", self.seed, 0, SEED_MAX)
        if self.store is not None:
            if self.data is not None:
                raise ConfigError("--data and --store exclude each other: name one place")
            scheme = self.store.partition("://")[0]
            if scheme not in ("postgresql", "postgres"):
                raise unknown("--store", f"{scheme}://…", ("postgresql://…",))
        if not self.loopback and not self.admin_token:
            raise ConfigError(
                f"--host {self.host} is reachable from outside, so /__admin needs a token: "
                "give --admin-token or set PLAYMONEY_ADMIN_TOKEN"
            )

    @property
    def loopback(self) -> bool:
        """True where only this machine can connect."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:  # a name: nobody knows where it points tomorrow
            return False


def masked(url: str) -> str:
    """A database's address without its password, for people to read."""
    parts = urlsplit(url)
    who = f"{parts.username}@" if parts.username else ""
    where = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{who}{where}{parts.path}"


def unknown(place: str, value: str, choices: Sequence[str], otherwise: str = "") -> ConfigError:
    """The error for a word that is not among the choices, with the nearest one."""
    near = difflib.get_close_matches(value, choices, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    words = ", ".join(repr(choice) for choice in choices)
    return ConfigError(f"{place}: {value!r} is not {words} {otherwise}".rstrip() + hint)


def _within(place: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{place}: {value} is outside {low}..{high}")
