"""What hangs on a sandbox: players, clock, chaos, journal, ledger, events; each over its control
API, but for the events, which any provider can read."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from simulator.base.clock import iso
from simulator.pytest_plugin.asking import Control, every, exact
from simulator.settings import ClockSetting, unknown

MS = timedelta(milliseconds=1)


class BooksUnsound(AssertionError):
    """Laws of the books are broken; `breaks` has each of them."""

    def __init__(self, breaks: Sequence[Mapping[str, Any]]) -> None:
        self.breaks = list(breaks)
        shown = [f"  {b.get('party', '')} {b['law']}: {b['where']}: {b['message']}" for b in breaks]
        super().__init__("\n".join([f"the books are not sound: {len(shown)} broken", *shown]))


class JournalMismatch(AssertionError):
    """There were not as many exchanges as there should be."""


@dataclass(frozen=True, slots=True)
class Player:
    """A player and their money, in `currency`."""

    player_id: str
    brand_id: str
    country: str
    name: str
    currency: str
    status: str
    self_excluded: bool
    available: Decimal
    held: Decimal


class Players:
    """The players of a sandbox: the published ones (docs/test-world.md), and those of the test."""

    rich = "p_19f3"
    usd = "p_usd"
    jpy = "p_jpy"
    kwd = "p_kwd"
    poor = "p_poor"
    excluded = "p_excluded"
    excluded_midround = "p_excluded_midround"
    limit_on_5th = "p_limit_on_5th"
    reality_check = "p_reality_check"
    session_expires = "p_session_expires"
    uk = "p_uk"

    def __init__(self, control: Control) -> None:
        self._control = control
        self._payments = itertools.count(1)

    def create(self, cash: Decimal | int | str = 100, currency: str = "EUR", **more: Any) -> Player:
        """A new player; `more` is player_id, brand_id, country, name, self_excluded."""
        body = {"cash": exact(cash), "currency": currency, **more}
        return _player(self._control.ask("POST", "/players", body))

    def get(self, player_id: str) -> Player:
        """A player by id. Raises KeyError for one who does not exist."""
        found = {item["player_id"]: item for item in self._control.pages("/players")}
        if player_id not in found:
            raise KeyError(f"there is no player {player_id}; there are {', '.join(found)}")
        return _player(found[player_id])

    def all(self) -> list[Player]:
        """Every player."""
        return [_player(item) for item in self._control.pages("/players")]

    def fund(self, player: Player | str, amount: Decimal | int | str) -> Player:
        """Give a player money, in their currency."""
        known = player if isinstance(player, Player) else self.get(player)
        body = {
            "payment_id": f"pytest-{next(self._payments)}",
            "amount": {"amount": exact(amount), "currency": known.currency},
            "brand_id": known.brand_id,
        }
        self._control.ask("POST", f"/players/{known.player_id}/fund", body)
        return self.get(known.player_id)

    def change(self, player_id: str, *, brand_id: str | None = None, **what: Any) -> None:
        """Exclude, disable or re-admit a player: self_excluded, status, time_out_until,
        payout_block."""
        self._control.ask("PATCH", f"/players/{player_id}", what, brand_id=brand_id)


class Clock:
    """The sandbox's time."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def now(self) -> datetime:
        """What time it is there."""
        return _moment(self._control.ask("GET", "/clock")["now"])

    @property
    def mode(self) -> str:
        """frozen, wall, shifted or accelerated."""
        return str(self._control.ask("GET", "/clock")["mode"])

    def advance(self, by: timedelta | None = None, **units: int) -> list[dict[str, Any]]:
        """Jump ahead, `advance(hours=1)`; what falls due on the way happens, each at its own time,
        and is answered in that order."""
        left = (by or timedelta()) + timedelta(**units)
        if left < MS:
            raise ValueError(f"{left} is no step ahead; write it as advance(hours=1)")
        fired: list[dict[str, Any]] = []
        while left >= MS:
            before = self.now()
            moved = self._control.ask("POST", "/clock/advance", {"by_ms": left // MS})
            fired += moved.get("fired", [])
            if not moved.get("unfinished"):
                break
            left -= _moment(moved["now"]) - before
        return fired

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Let it stand still: where it is, or at another time."""
        body = {"mode": "frozen"}
        if at is not None:
            body["now"] = at.isoformat() if isinstance(at, datetime) else at
        return _moment(self._control.ask("PUT", "/clock", body)["now"])

    def run(self) -> datetime:
        """Let it run on from where it is."""
        now = self._control.ask("GET", "/clock")["now"]
        return _moment(self._control.ask("PUT", "/clock", {"mode": "shifted", "now": now})["now"])


class Chaos:
    """What goes wrong on the wire (docs/faults.md)."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def add(self, rule: Mapping[str, Any] | str, at: Any = None, **more: Any) -> str:
        """Put a rule in force: a whole one, or a fault's name and `at`, `when`, `ttl_s`, `name`,
        `with_`. Its name."""
        whole = dict(rule) if isinstance(rule, Mapping) else {"fault": rule}
        if at is not None:
            whole["at"] = at
        if "with_" in more:
            more["with"] = more.pop("with_")
        return str(self._control.ask("POST", "/chaos/rules", {**whole, **more})["name"])

    def rules(self) -> list[dict[str, Any]]:
        """The rules in force, with what each has counted."""
        return list(self._control.ask("GET", "/chaos/rules")["items"])

    def remove(self, name: str) -> None:
        """Take a rule away."""
        self._control.ask("DELETE", f"/chaos/rules/{name}")

    def clear(self) -> None:
        """Take all rules away."""
        self._control.ask("DELETE", "/chaos/rules")

    def coverage(self) -> list[dict[str, Any]]:
        """Which fault has struck which operation at which attempt, and how often; what was asked
        for and never happened has `fired` 0."""
        return list(self._control.ask("GET", "/chaos/coverage")["items"])


FILTERS = (
    "operation",
    "party",
    "client",
    "key",
    "trace_id",
    "direction",
    "status",
    "injected",
    "contains",
    "at_from",
    "at_to",
)


class Journal:
    """Every exchange of the sandbox (docs/journal.md). Filters are those of the control API."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def search(self, **filters: Any) -> list[dict[str, Any]]:
        """The exchanges, in the order of arrival."""
        _require_filters(filters)
        return self._control.pages("/journal", **filters)

    def newest(self, limit: int = 50, **filters: Any) -> list[dict[str, Any]]:
        """The newest exchanges, the newest first."""
        _require_filters(filters)
        page = self._control.ask("GET", "/journal", order="desc", limit=limit, **filters)
        return list(page["items"])

    def count(self, **filters: Any) -> int:
        """How many there are."""
        _require_filters(filters)
        return int(self._control.ask("GET", "/journal/count", **filters)["count"])

    def verify(
        self,
        *,
        exactly: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **filters: Any,
    ) -> None:
        """Raises JournalMismatch where there are not as many as there should be."""
        _require_filters(filters)
        bounds = {"exactly": exactly, "at_least": at_least, "at_most": at_most}
        asked = {name: value for name, value in bounds.items() if value is not None}
        found = self._control.ask("POST", "/journal/verify", {**filters, **asked})
        if not found["holds"]:
            meant = ", ".join(f"{name} {value}" for name, value in filters.items()) or "all"
            raise JournalMismatch(f"exchanges ({meant}): {found['message']}")

    def clear(self) -> None:
        """Forget the exchanges."""
        self._control.ask("DELETE", "/journal")

    def export(self, path: Path | str, format: str = "ndjson") -> Path:  # noqa: A002 - as the API
        """Write it to a file, `ndjson` for `playmoney replay` or `har`."""
        answer = self._control.raw("GET", "/journal/export", format=format)
        Path(path).write_bytes(answer.body)
        return Path(path)


class Ledger:
    """The books of the sandbox."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def reconcile(self) -> dict[str, int]:
        """How many of each kind keep every law. Raises BooksUnsound with the breaks."""
        found = self._control.ask("GET", "/reconcile")
        if not found["sound"]:
            raise BooksUnsound(found["breaks"])
        return dict(found["checked"])

    def balances(self) -> dict[str, Decimal]:
        """Account, `player:p_19f3:EUR`, → credits less debits; all of a currency add up to 0."""
        return {
            item["account"]: Decimal(item["posted_credits"]) - Decimal(item["posted_debits"])
            for item in self.accounts()
        }

    def accounts(self) -> list[dict[str, Any]]:
        """Every account with its four sums."""
        return self._control.pages("/ledger/accounts")

    def entries(self) -> list[dict[str, Any]]:
        """Every entry."""
        return self._control.pages("/ledger/entries")


class Events:
    """What the platform tells its providers (`GET /v1/events`)."""

    def __init__(self, read: Callable[..., Any]) -> None:
        self._read = read

    def list(self, event_type: str | None = None, **filters: Any) -> list[dict[str, Any]]:
        """All events in their order, of one type or of all; `filters` as the operation has them."""
        return every(self._read, event_type=event_type, **filters)


def clock_body(text: str, place: str) -> dict[str, Any] | None:
    """How a clock begins, as the control API has it; None for a frozen one at its usual start.

    Raises ConfigError, which names the choices.
    """
    setting = ClockSetting.parse(text, place)
    if setting == ClockSetting("frozen"):
        return None
    body: dict[str, Any] = {"mode": setting.mode}
    if setting.mode != "wall":
        body["now"] = iso(setting.start_ns)
    if setting.mode == "accelerated":
        body["rate"] = Decimal(setting.rate.numerator) / setting.rate.denominator
    return body


def _require_filters(filters: Mapping[str, Any]) -> None:
    for name in filters:
        if name not in FILTERS:
            raise unknown("journal", name, FILTERS)


def _player(item: Mapping[str, Any]) -> Player:
    return Player(
        player_id=item["player_id"],
        brand_id=item["brand_id"],
        country=item["country"],
        name=item["name"],
        currency=item["currency"],
        status=item["status"],
        self_excluded=item["self_excluded"],
        available=Decimal(item["available"]["amount"]),
        held=Decimal(item["held"]["amount"]),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
