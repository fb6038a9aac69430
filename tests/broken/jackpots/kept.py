"""What a toy jackpot service keeps."""

from dataclasses import dataclass
from typing import Any


@dataclass
class Pool:
    id: str
    kind: str
    by: str
    seed: int
    cap: int | None = None
    numerator: int = 1
    denominator: int = 100
    split: tuple[int, int, int] = (8, 1, 1)
    low: int = 0
    members: tuple[str, ...] = ("brand-42",)
    currency: str = "EUR"
    status: str = "open"
    size: int = 0
    reserve: int = 0
    overflow: int = 0
    carry: int = 0
    cycle: int = 0
    hits: int = 0
    version: int = 1
    next: tuple[int, int] | None = None
    point: int = 0
    salt: str = ""
    deadline: int = 0


@dataclass
class Entry:
    id: str
    tenant: str
    pool: Pool
    round: str
    bet: str
    player: str
    stake: int
    given: Any
    amount: int
    current: int
    cycle: int
    status: str = "recorded"
    answer: Any = None


@dataclass
class Payout:
    id: str
    tenant: str
    pool: Pool
    trigger: str
    player: str
    round: str
    amount: int
    status: str = "due"
    reason: str = ""
    attempt: int = 1
