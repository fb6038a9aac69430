"""What an event says of the money of play, whoever tells it. Amounts are whole minor units.

`studio.py` and `platform.py` read the words of their feeds into these facts.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Literal

import msgspec

from simulator.base.money import to_minor

Kind = Literal["cash", "free", "bonus", "tournament"]


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """An envelope, as much of it as a report needs (PRV-41)."""

    event_id: str
    event_type: str
    occurred_at: str
    payload: Any
    tenant_id: str = ""
    brand_id: str = ""
    player_id: str | None = None


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """One spin or bet that was played, or a win of its own that belongs to a round's debits.

    `target` is what a crash game's player aimed at, `features` how many features were set off.
    `spins` is 1, or 0 for such a win, whose kind is that of its round (`Collected`). `scope` is
    within what a tenant's id is one: some wallets have ids by player or by round.
    """

    id: str
    at_ns: int
    operator_id: str
    brand_id: str
    game_id: str
    player_id: str
    currency: str
    kind: Kind
    stake: int
    win: int
    round_id: str = ""
    scope: str = ""
    spins: int = 1
    build_hash: str = ""
    mode: str = ""
    profile: str = ""
    tournament_id: str = ""
    target: Decimal | None = None
    features: int = 0


class Voided(msgspec.Struct, frozen=True, kw_only=True):
    """What was played under this id counts nowhere (RGS-64)."""

    id: str
    scope: str = ""


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What a spin owes to a jackpot pool; below zero for a reversal (RGS-42)."""

    id: str
    spin_id: str
    currency: str
    amount: int
    scope: str = ""


Fact = Played | Voided | Owed
Reader = Callable[[Heard], Fact | None]
"""Raises msgspec.ValidationError or ValueError for a payload that is not what its type says."""


def minor_of(name: str, amount: Decimal, currency: str) -> int:
    """Raises ValueError naming the field for what is no amount of the currency."""
    try:
        found = to_minor(amount, currency)
    except ValueError as wrong:
        raise ValueError(f"{name}: {wrong}") from None
    if found < 0:
        raise ValueError(f"{name}: {amount} is below zero")
    return found
