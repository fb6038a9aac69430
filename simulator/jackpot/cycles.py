"""A pool's cycles: it begins with its seed, and ends when it falls (JP-31, JP-34, JP-35).

    commitment = SHA-256 of `point LF salt`, both as text

Point and salt are drawn anew at each beginning (WAL-93) and leave with the trigger that ends the
cycle, never before.
"""

import hashlib
from functools import lru_cache
from typing import Literal

from simulator.base.clock import NS_PER_MS, NS_PER_S, iso
from simulator.base.errors import InvalidState, Unavailable
from simulator.base.rng import Rng
from simulator.jackpot.rows import PoolRow
from simulator.jackpot.terms import Terms
from simulator.store.rows import Fact
from simulator.store.tx import Reads, Tx

Shut = Literal["closed", "over", "drawn"]
"""Before an event opens; behind its last one; between its end and its draw."""


def begin(tx: Tx, pool: PoolRow, terms: Terms, version: int) -> PoolRow:
    """The pool at the start of a cycle under these terms, its seed paid by the seed fund. Not
    written yet."""
    seed = terms.seed_minor
    same = version == pool.version
    return _open(
        tx,
        pool.but(
            version=version,
            next_version=None,
            since_cycle=pool.cycle,
            rate_n=terms.rate.numerator,
            rate_d=terms.rate.denominator,
            size=pool.size + seed,
            seeded=pool.seeded + seed,
            seed_fund=pool.seed_fund - seed,
            # What is less than a minor unit goes on in the next cycle, unless its unit is another.
            carry=pool.carry if same else 0,
            reserve_carry=pool.reserve_carry if same else 0,
            seed_carry=pool.seed_carry if same else 0,
        ),
        terms,
    )


def is_idle(tx: Reads, pool: PoolRow) -> bool:
    """True for a timed pool whose deadline has passed without anybody having a part in it."""
    return pool.deadline_ns is not None and pool.deadline_ns <= tx.now_ns and not pool.bets


def go_on(tx: Tx, pool: PoolRow, terms: Terms) -> PoolRow:
    """The pool at the start of another cycle without a fall: nobody had a part in the one that is
    over, so its size stays, and it has a new time to fall. Not written yet."""
    return _open(tx, pool.but(cycle=pool.cycle + 1), terms)


def _open(tx: Tx, pool: PoolRow, terms: Terms) -> PoolRow:
    """Nobody has a part in it yet; point, salt and deadline are this cycle's own (WAL-93)."""
    point, salt = _hide(tx, pool, terms)
    return pool.but(
        stakes=0,
        taken=0,
        carry_in=pool.carry,
        bets=0,
        players=0,
        point=point,
        salt=salt,
        commitment=None if point is None or salt is None else commitment(point, salt),
        deadline_ns=_deadline_ns(tx, terms),
        opened_ns=tx.now_ns,
        opened_op=tx.position,
    )


def require_window(tx: Reads, pool: PoolRow, terms: Terms) -> None:
    """An event takes part only while it is on (JP-01). Raises InvalidState before it opens and when
    the last one is over, Unavailable between its end and its draw."""
    why = shut(tx, pool, terms)
    if why == "drawn":
        raise Unavailable(f"pool {pool.pool_id} is being drawn; ask again", retry_after_s=1)
    if why == "over":
        details = {"reason": why, "pool_id": pool.pool_id}
        raise InvalidState(f"pool {pool.pool_id} is over", details=details)
    window = terms.trigger.window(tx.now_ns)
    if why is not None and window is not None:
        opens_at = iso(window[0])
        details = {"reason": why, "pool_id": pool.pool_id, "opens_at": opens_at}
        raise InvalidState(f"pool {pool.pool_id} opens at {opens_at}", details=details)


def shut(tx: Reads, pool: PoolRow, terms: Terms) -> Shut | None:
    """Why nobody takes part in an event now; None while it is on, and for every other pool."""
    if terms.trigger.by != "schedule":
        return None
    if pool.bets and pool.deadline_ns is not None and pool.deadline_ns <= tx.now_ns:
        return "drawn"
    window = terms.trigger.window(tx.now_ns)
    if window is None:
        return "over"
    return "closed" if tx.now_ns < window[0] else None


def _deadline_ns(tx: Reads, terms: Terms) -> int | None:
    """When a cycle that opens now is drawn at the latest; None where nothing draws it."""
    if terms.trigger.by == "schedule":
        window = terms.trigger.window(tx.now_ns)
        return None if window is None else window[1]
    late_s = terms.trigger.latest_s
    return None if late_s is None else tx.now_ns + late_s * NS_PER_S


def ticket(tx: Reads, pool: PoolRow, tickets: int) -> int:
    """Which of so many tickets a draw on the clock draws: of seed, pool and cycle (JP-32)."""
    return dice(tx).below(tickets, "jackpot_draw", pool.pool_id, pool.cycle)


def commitment(point: int, salt: str) -> str:
    """What is published of a hidden point: anybody can check it once both are revealed."""
    return "sha256:" + hashlib.sha256(f"{point}\n{salt}".encode()).hexdigest()


def is_due(tx: Reads, pool: PoolRow, terms: Terms) -> bool:
    """True where a pool with a hidden point has come to it (JP-31)."""
    if pool.point is None:
        return False
    if terms.trigger.by == "amount":
        return pool.size >= pool.point
    return tx.now_ns // NS_PER_MS >= pool.point


def strikes(tx: Reads, terms: Terms, stake: int, round_id: str, bet_id: str) -> bool:
    """Whether a round's stake hits: a function of seed, pool, round and stake alone, so who plays
    cannot matter (JP-30, JP-32, JP-33). The pool's name is the domain, the bet's the salt."""
    chance = terms.chance_of(stake)
    return dice(tx).strikes(chance, "jackpot", terms.pool_id, tx.caller.tenant, round_id, bet_id)


def _hide(tx: Tx, pool: PoolRow, terms: Terms) -> tuple[int | None, str | None]:
    """A point drawn evenly from its whole range, both ends included, and a salt of 256 bits."""
    falls = terms.trigger
    if falls.by == "amount" and falls.min is not None and falls.max is not None:
        low, high = terms.minor(falls.min), terms.minor(falls.max)
    elif falls.by == "time" and falls.earliest_s is not None and falls.latest_s is not None:
        now_ms = tx.now_ns // NS_PER_MS
        low, high = now_ms + falls.earliest_s * 1000, now_ms + falls.latest_s * 1000
    else:
        return None, None
    fields = (terms.pool_id, pool.cycle)
    drawn = dice(tx)
    point = low + drawn.below(high - low + 1, "jackpot_point", *fields)
    return point, drawn.draw("jackpot_salt", *fields).hex()


def dice(tx: Reads) -> Rng:
    """The draws of the seed in force; a change of it is an operation of its own (JP-32)."""
    seed = tx.get(Fact, ("seed",))
    if seed is None:
        raise RuntimeError("a store without its seed")
    return _rng(int(seed.value))


@lru_cache(maxsize=256)
def _rng(seed: int) -> Rng:
    return Rng(seed)
