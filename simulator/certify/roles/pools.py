"""A pool as the judge reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from simulator.certify.check import Unclear
from simulator.certify.money import Money, NotMoney, read


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool as it is shown; amounts in minor units."""

    id: str
    currency: str
    kind: str
    status: str
    trigger: str
    size: int
    seed: int
    cap: int | None
    cycle: int
    hits: int
    rate: Fraction | None
    shown: Mapping[str, Any]

    def money(self, minor: int) -> Money:
        """An amount in the pool's currency."""
        return Money(minor, self.currency)

    def falls_by(self, *words: str) -> bool:
        """Whether it is open, grows, and falls by one of these."""
        return self.trigger in words and self.kind != "fixed" and self.status == "open"


def minor_of(value: Any, otherwise: int) -> int:
    """An amount that may be left out."""
    try:
        return otherwise if value is None else read(value, "decimal_number").minor
    except NotMoney as wrong:
        raise Unclear(f"an amount of a pool cannot be read: {wrong}") from None


def read_pool(shown: Any) -> Pool:
    """What an answer shows of a pool. Raises Unclear."""
    if not isinstance(shown, Mapping):
        raise Unclear(f"a pool is an object, not {shown!r}")
    size = shown.get("size") if isinstance(shown.get("size"), Mapping) else {}
    rate = shown.get("rate")
    try:
        fraction = Fraction(rate["numerator"], rate["denominator"]) if rate else None
    except (TypeError, KeyError, ValueError, ZeroDivisionError):
        raise Unclear(f"a rate is {{numerator, denominator}}, not {rate!r}") from None
    if shown.get("size") is None:
        raise Unclear(f"the pool has no size: {dict(shown)}")
    return Pool(
        id=str(shown.get("pool_id")),
        currency=str(size.get("currency")) if size else "",
        kind=str(shown.get("kind")),
        status=str(shown.get("status")),
        trigger=str(shown.get("trigger")),
        size=minor_of(shown["size"], 0),
        seed=minor_of(shown.get("seed"), 0),
        cap=minor_of(shown["cap"], 0) if shown.get("cap") is not None else None,
        cycle=int(shown.get("cycle") or 0),
        hits=int(shown.get("hits") or 0),
        rate=fraction,
        shown=shown,
    )
