"""Its time is up."""

import hashlib
from datetime import datetime
from functools import partial

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.eventually import eventually
from simulator.certify.roles.jackpot import Jackpot

LONGEST_S = 40 * 86_400
"""The clock is moved no further."""


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.of_trigger("time")
    deadline = pool.shown.get("deadline_at")
    jackpot.require(deadline, f"a timed pool publishes its deadline: {dict(pool.shown)}")
    entered = await jackpot.entered(pool)
    joined = await jackpot.pool(pool.id)
    if joined.cycle != pool.cycle:
        raise Unclear(f"pool {pool.id} has fallen just now")
    end_s = datetime.fromisoformat(str(deadline)).timestamp()
    left_s = int(end_s) - jackpot.target.now_ns() // 1_000_000_000
    if left_s > LONGEST_S:
        raise Unclear(f"pool {pool.id} falls in {left_s} s only")
    await jackpot.hook(Need.ADVANCE_CLOCK, seconds=str(max(left_s, 0) + 2))
    look = partial(jackpot.pool, pool.id)
    now = await eventually(look, lambda seen: seen.hits > joined.hits)
    jackpot.require(now.hits > joined.hits, f"it falls by {deadline}, and it has not: {now.shown}")
    falls = await jackpot.pages("/v1/jp/triggers", pool_id=pool.id)
    mine = [one for one in falls if one.get("hit") == joined.hits + 1]
    if not mine:
        raise Unclear(f"pool {pool.id} has fallen to somebody else's round; {entered.round_id}")
    reveal = mine[0].get("reveal") or {}
    digest = hashlib.sha256(f"{reveal.get('point')}\n{reveal.get('salt')}".encode()).hexdigest()
    jackpot.require(
        f"sha256:{digest}" == joined.shown.get("commitment") == pool.shown.get("commitment"),
        f"what is revealed is what was committed to, {pool.shown.get('commitment')}: {mine[0]}",
    )
    jackpot.require(
        int(reveal.get("point") or 0) <= end_s * 1000,
        f"the hidden moment is before {deadline}: {mine[0]}",
    )


CHECK = Check(
    id="jackpot.hidden.deadline",
    rules=("JP-31", "JP-35", "WAL-93"),
    category=Category.SECURITY,
    level="exhaustive",
    needs=(Need.ADVANCE_CLOCK,),
    about="A timed pool with a part in it falls by its deadline, and reveals the moment to which "
    "it had committed.",
    drive=_drive,
)
