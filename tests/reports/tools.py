"""What the tests of reports share: events as a studio writes them, and Hypothesis's feeds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from simulator.base.clock import NS_PER_S, iso, parse_iso
from simulator.base.money import from_minor
from simulator.reports.collect import Collected
from simulator.reports.feed import Told, write
from simulator.reports.terms import Contract, read_contract

JANUARY_NS = parse_iso("2026-01-01T00:00:00Z")
DAY_NS = 86_400 * NS_PER_S
FORGE, CLASSIC = "studio:slot_forge_02", "studio:classic_3x3"


@dataclass
class Feed:
    """A studio's feed, written event by event."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def tell(self, kind: str, day: Any, payload: dict[str, Any], **envelope: Any) -> dict[str, Any]:
        """An event of some day of 2026 (0 is the first of January, parts are Fractions)."""
        event = {
            "event_id": f"evt_{len(self.events)}",
            "event_type": kind,
            "occurred_at": at(day),
            "tenant_id": "brand-42",
            "brand_id": "brand-42",
            "player_id": payload.get("player_id", "p"),
            "payload": payload,
            **envelope,
        }
        self.events.append(event)
        return event

    def spin(
        self, spin_id: str, stake: Any, win: Any = 0, day: Any = 0, **more: Any
    ) -> dict[str, Any]:
        """A spin in EUR; `told` is the day on which the feed tells of it, if later."""
        told, brand = more.pop("told", day), more.pop("brand_id", "brand-42")
        payload = {
            "type": "spin_finished",
            "ts": at(day),
            "spin_id": spin_id,
            "round_id": f"r-{spin_id}",
            "stake": Decimal(stake),
            "win": Decimal(win),
            "currency": "EUR",
            "game_id": FORGE,
            "build_hash": "sha256:b",
            "player_id": "p_19f3",
            "operator_id": "op-42",
            "spin_type": "cash",
            "mode": "base",
            "rtp_profile": "rtp_96",
            **more,
        }
        return self.tell("spin_finished", told, payload, brand_id=brand)

    def void(self, spin_id: str, day: Any = 0) -> dict[str, Any]:
        """A spin becomes void."""
        return self.tell("spin_voided", day, {"spin_id": spin_id, "round_id": f"r-{spin_id}"})

    def contribution(
        self, spin_id: str, amount: Any, day: Any = 0, currency: str = "EUR", back: bool = False
    ) -> dict[str, Any]:
        """What a spin owes to a pool, or a reversal of it."""
        kind = "jackpot_reversal" if back else "jackpot_contribution"
        payload = {
            "txn_id": f"txn_{len(self.events)}",
            "spin_id": spin_id,
            "amount": Decimal(amount),
            "currency": currency,
        }
        return self.tell(kind, day, payload)

    def collected(self) -> Collected:
        """What a report takes of it."""
        return collect(self.events)


def at(day: Any) -> str:
    """The text of an instant of 2026."""
    return iso(JANUARY_NS + int(day * DAY_NS))


def collect(events: Iterable[Any], feed: str = "studio") -> Collected:
    """Events read in this order."""
    collected = Collected(feed)
    for number, event in enumerate(events, 1):
        collected.take(Told(f"test.ndjson:{number}", event))
    return collected


def ndjson(events: Iterable[Any]) -> bytes:
    """The lines of a file."""
    return write(list(events))


TERMS = """
contract: test
about: For tests.
begins: "2026-01"
billing_currency: EUR
settle_by: {settle_by}
min_stake: {EUR: "0.50", JPY: "50", KWD: "0.500"}
"""


@cache
def contract(
    more: str = 'turnover_rate: "0"\nrounding: half_even', settle_by: str = "operator"
) -> Contract:
    """A contract with these terms of its own."""
    return read_contract("test.yaml", TERMS.replace("{settle_by}", settle_by) + more)


# Feeds of every kind ------------------------------------------------------------------------------

_SPIN = st.tuples(
    st.integers(0, 2_000),  # stake and win, in minor units
    st.integers(0, 2_000),
    st.integers(0, 100),  # day
    st.sampled_from(["EUR", "JPY", "KWD"]),
    st.sampled_from([FORGE, CLASSIC]),
    st.sampled_from(["op-1", "op-2"]),
    st.sampled_from(["brand-42", "brand-7"]),
    st.sampled_from(["cash", "cash", "free", "bonus", "tournament"]),
    st.lists(st.integers(-10, 50), max_size=2),  # contributions and reversals
    st.none() | st.integers(0, 100),  # days until it is void
    st.sampled_from([None, "rg_event", "bonus_award", "jackpot_win"]),
)


@st.composite
def feeds(draw: st.DrawFn) -> Feed:
    """Some spins of several operators, games, currencies and months, some of them void, some with
    contributions, among events that do not count."""
    feed = Feed()
    spins = draw(st.lists(_SPIN, max_size=10))
    for number, (stake, win, day, currency, game, operator, brand, kind, *more) in enumerate(spins):
        name = f"s{number}"
        owed, void_after, beside = more
        feed.spin(
            name,
            from_minor(stake, currency),
            from_minor(win, currency),
            day,
            currency=currency,
            game_id=game,
            operator_id=operator,
            brand_id=brand,
            spin_type=kind,
        )
        for minor in owed:
            amount = from_minor(abs(minor), currency)
            feed.contribution(name, amount, day, currency, back=minor < 0)
        if void_after is not None:
            feed.void(name, day + void_after)
        if beside is not None:
            feed.tell(beside, day, {})
    return feed
