"""What a pool is, as data: `contracts/jackpots/*.yaml`, read and checked once (JP-01).

The terms in force are kept with the pool, by version, so that a pool that has begun under some goes
on under them; the file says how a pool begins.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec

from simulator.base.clock import NS_PER_S, parse_iso
from simulator.base.errors import ConfigError
from simulator.base.money import MoneyError, scale_of, to_minor
from simulator.base.source import NotYaml, plain
from simulator.wire import json
from simulator.wire.files import find
from simulator.wire.jackpot_pools import Degrading, Level, PoolKind, Scope, TriggerBy
from simulator.wire.messages import Message


class Member(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A brand that takes part, and the region its players live in."""

    brand: str
    region: str


class Rate(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The part of a stake that is contributed."""

    numerator: int
    denominator: int


class Split(Message, frozen=True, kw_only=True, omit_defaults=True):
    """How a contribution is shared out, by weights (JP-34)."""

    current: int
    reserve: int
    seed: int

    @property
    def whole(self) -> int:
        """The sum of the weights."""
        return self.current + self.reserve + self.seed


class Chance(Message, frozen=True, kw_only=True, omit_defaults=True):
    """One in so many rounds; with `per_stake`, for each stake of this size (JP-30)."""

    one_in: int
    per_stake: Decimal | None = None


class Falls(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What lets a pool fall: a call, a chance, an amount reached, or a time (JP-30, JP-31)."""

    by: TriggerBy = "call"
    chance: Chance | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    earliest_s: int | None = None
    latest_s: int | None = None
    starts_at: str | None = None
    open_s: int | None = None
    every_s: int | None = None

    @property
    def drawn(self) -> bool:
        """True where a draw on the clock ends each cycle at the latest."""
        return self.by in ("time", "schedule")

    def window(self, now_ns: int) -> tuple[int, int] | None:
        """When an event opens and is drawn: the one under way, or the next one. None for a pool
        that has no schedule, and once its last one is over."""
        if self.starts_at is None or self.open_s is None:
            return None
        start_ns, open_ns = parse_iso(self.starts_at), self.open_s * NS_PER_S
        if self.every_s is not None:
            every_ns = self.every_s * NS_PER_S
            start_ns += max(0, (now_ns - start_ns - open_ns) // every_ns + 1) * every_ns
        end_ns = start_ns + open_ns
        return (start_ns, end_ns) if now_ns < end_ns else None


class Degrade(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a pool does while something is out of order, and from when on it is (JP-80)."""

    then: Degrading = "pause_triggers"
    late_s: int = 60
    off_s: int = 30


class Terms(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The terms of one pool. Amounts in units of its currency."""

    pool_id: str
    title: str
    kind: PoolKind
    scope: Scope
    level: Level
    currency: str
    owner: str
    members: list[Member]
    seed: Decimal
    group: str | None = None
    cap: Decimal | None = None
    min_stake: Decimal | None = None
    max_stake: Decimal | None = None
    rate: Rate = msgspec.field(default_factory=lambda: Rate(numerator=0, denominator=1))
    split: Split = msgspec.field(default_factory=lambda: Split(current=1, reserve=0, seed=0))
    trigger: Falls = msgspec.field(default_factory=Falls)
    tells_studio: bool = False
    """True where the bets are a studio's spins, which is told what falls on them (RGS-42)."""
    degrade: Degrade | None = None
    """None where a pool goes on whatever is out of order."""
    sets_aside: bool = False
    """True where the wallet is asked to set a payout aside before it is asked to pay (JP-13)."""
    callback: str | None = None
    """The platform's path that is called when the service itself lets the pool fall (JP-12)."""

    def minor(self, amount: Decimal) -> int:
        """One of its amounts in minor units."""
        return to_minor(amount, self.currency)

    @property
    def seed_minor(self) -> int:
        """What it begins with."""
        return self.minor(self.seed)

    @property
    def cap_minor(self) -> int | None:
        """What its size never passes; None without a cap."""
        return None if self.cap is None else self.minor(self.cap)

    def has(self, brand: str, region: str) -> bool:
        """True for a brand that takes part, from its own region."""
        return any((one.brand, one.region) == (brand, region) for one in self.members)

    def chance_of(self, stake_minor: int) -> Fraction:
        """The published formula: one in so many, in proportion to the stake where it says so; never
        above 1."""
        chance = self.trigger.chance
        if chance is None:
            return Fraction(0)
        if chance.per_stake is None:
            return Fraction(1, chance.one_in)
        return min(Fraction(1), Fraction(stake_minor, self.minor(chance.per_stake) * chance.one_in))


def write(terms: Terms) -> bytes:
    """Terms as they are kept: the same terms are the same bytes."""
    return json.encode(terms)


@lru_cache(maxsize=1024)
def read(kept: bytes) -> Terms:
    """Terms that were kept."""
    return msgspec.convert(json.decode(kept), Terms)


@cache
def shipped() -> Mapping[str, Terms]:
    """Every pool of the test world by its id. Raises ConfigError for a file that breaks a rule."""
    found: dict[str, Terms] = {}
    for path in sorted(find("contracts", "jackpots").glob("*.yaml")):
        for terms in load(path):
            if terms.pool_id in found:
                raise ConfigError(f"{path.name}: pool {terms.pool_id} is there twice")
            found[terms.pool_id] = terms
    return found


def load(path: Path) -> list[Terms]:
    """The pools of one file. Raises ConfigError that says where, what and what would be right."""
    try:
        data = plain(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, NotYaml) as broken:
        raise ConfigError(f"{path.name} cannot be read: {broken}") from broken
    for error in _schema().iter_errors(data):
        where = ".".join(map(str, error.instance_path)) or "the file"
        raise ConfigError(f"{path.name}: {where}: {error.message}")
    try:
        return [_whole(pool) for pool in data["pools"]]
    except BadTerms as wrong:
        raise ConfigError(f"{path.name}: {wrong}") from None


class BadTerms(ValueError):
    """Terms that cannot stand: the field, and why."""

    def __init__(self, pool_id: str, field: str, why: str) -> None:
        super().__init__(f"pool {pool_id}: {field}: {why}")
        self.field = field
        self.why = why


def one(given: Mapping[str, Any]) -> Terms:
    """The terms of one pool, as a file has them. Raises BadTerms for what breaks a rule."""
    name = str(given.get("pool_id", ""))[:80]
    found = list(_schema().iter_errors({"pools": [given]}))
    # A misspelt key is also a missing one: the key that is none says what was meant.
    for error in sorted(found, key=lambda one: "Additional properties" not in one.message):
        raise BadTerms(name, _field_of(error), error.message)
    return _whole(given)


def _field_of(error: jsonschema_rs.ValidationError) -> str:
    """The field that an error is about: one that is not there is named as well."""
    path = [str(part) for part in error.instance_path[2:]]
    if isinstance(error.kind, jsonschema_rs.ValidationErrorKind.Required):
        path.append(error.kind.property)
    return ".".join(path) or "pool_id"


def astray(terms: Terms, regions: Mapping[str, str]) -> tuple[str, str] | None:
    """The first member that is no brand, or not in that brand's region, and why; `regions` has the
    region of each brand. Nobody could see such a pool from there (JP-60, JP-61)."""
    for place, member in enumerate(terms.members):
        region = regions.get(member.brand)
        if region is None:
            return f"members.{place}.brand", f"is none of {', '.join(sorted(regions))}"
        if region != member.region:
            return f"members.{place}.region", f"{member.brand} is in {region}"
    return None


def _whole(given: Mapping[str, Any]) -> Terms:
    terms = msgspec.convert(given, Terms)
    wrong = wrong_with(terms)
    if wrong is not None:
        raise BadTerms(terms.pool_id, *wrong)
    return terms


Rule = tuple[bool, str, str]
"""Whether it holds, the field that it is about, and what is wrong with that where it does not."""


def wrong_with(terms: Terms) -> tuple[str, str] | None:
    """The first field that cannot stand, and why; None for terms that can (JP-31)."""
    none = _no_amount(terms)
    if none is not None:
        return none
    try:
        terms.trigger.window(0)
    except ValueError as wrong:
        return "trigger.starts_at", str(wrong)
    rules = (*_about_amounts(terms), *_about_falls(terms), *_about_members(terms))
    return next(((field, what) for holds, field, what in rules if not holds), None)


def _no_amount(terms: Terms) -> tuple[str, str] | None:
    """The first field that is no amount of the pool's currency, or no currency, and why."""
    try:
        scale_of(terms.currency)
    except MoneyError as wrong:
        return "currency", str(wrong)
    falls = terms.trigger
    amounts = {
        "seed": terms.seed,
        "cap": terms.cap,
        "trigger.min": falls.min,
        "trigger.max": falls.max,
        "min_stake": terms.min_stake,
        "max_stake": terms.max_stake,
        "trigger.chance.per_stake": falls.chance and falls.chance.per_stake,
    }
    for field, amount in amounts.items():
        try:
            terms.minor(amount or Decimal(0))
        except MoneyError as wrong:
            return field, str(wrong)
    return None


def _about_amounts(terms: Terms) -> tuple[Rule, ...]:
    seed, cap = terms.seed_minor, terms.cap_minor
    lowest, highest = (_minor(terms, name) for name in ("min", "max"))
    least, most = (
        None if amount is None else terms.minor(amount)
        for amount in (terms.min_stake, terms.max_stake)
    )
    chance = terms.trigger.chance
    per_stake = 1 if chance is None or chance.per_stake is None else terms.minor(chance.per_stake)
    between = lowest is None or highest is None or seed < lowest < highest
    return (
        (seed > 0, "seed", "is nothing; a pool that falls pays something"),
        (cap is None or cap > seed, "cap", "is not above the seed"),
        (terms.rate.numerator <= terms.rate.denominator, "rate", "is above the whole stake"),
        (between, "trigger.min", "lies above the seed and below max"),
        (highest is None or cap == highest, "cap", "is the max of a pool that falls by amount"),
        (per_stake > 0, "trigger.chance.per_stake", "is nothing"),
        (least is None or most is None or least <= most, "min_stake", "is above max_stake"),
    )


def _about_falls(terms: Terms) -> tuple[Rule, ...]:
    falls = terms.trigger
    early, late, open_s, every_s = falls.earliest_s, falls.latest_s, falls.open_s, falls.every_s
    return (
        (
            (terms.kind == "fixed") == (terms.rate.numerator == 0),
            "rate",
            "a fixed pool has none, every other has one above nothing",
        ),
        (
            terms.kind != "fixed" or falls.by == "call",
            "trigger.by",
            "a fixed pool falls by call: nothing is contributed that it could fall on",
        ),
        (
            (terms.kind == "timed") == (falls.by == "time"),
            "trigger.by",
            "a timed pool falls by time, and no other does",
        ),
        (
            (terms.kind == "event") == (falls.by == "schedule"),
            "trigger.by",
            "an event falls by schedule, and no other does",
        ),
        (
            open_s is None or every_s is None or open_s <= every_s,
            "trigger.open_s",
            "is longer than every_s: one event ends before the next one begins",
        ),
        (early is None or late is None or early < late, "trigger.earliest_s", "is before latest_s"),
        (
            falls_whole(falls),
            "trigger",
            (
                "by chance needs chance, by amount min and max, by time earliest_s and latest_s, "
                "by schedule starts_at and open_s"
            ),
        ),
    )


def _about_members(terms: Terms) -> tuple[Rule, ...]:
    brands = {one.brand for one in terms.members}
    return (
        (terms.scope == "network" or len(brands) == 1, "members", "a local pool has one brand"),
        (len(brands) == len(terms.members), "members", "name a brand twice; it is in one region"),
        (terms.owner in brands, "owner", "is not one of the members"),
    )


def falls_whole(falls: Falls) -> bool:
    """True where exactly the members are there that the word needs."""
    given = {
        name
        for name in ("chance", "min", "max", "earliest_s", "latest_s", "starts_at", "open_s")
        if getattr(falls, name) is not None
    }
    return given == _NEEDED[falls.by] and (falls.every_s is None or falls.by == "schedule")


_NEEDED: dict[TriggerBy, set[str]] = {
    "call": set(),
    "chance": {"chance"},
    "amount": {"min", "max"},
    "time": {"earliest_s", "latest_s"},
    "schedule": {"starts_at", "open_s"},
}


def _minor(terms: Terms, name: str) -> int | None:
    value: Decimal | None = getattr(terms.trigger, name)
    return None if value is None else terms.minor(value)


@cache
def _schema() -> Any:
    schema = json.decode(find("contracts", "jackpots", "pool.schema.json").read_bytes())
    return jsonschema_rs.Draft202012Validator(schema)
