"""Not so fast, and not by itself."""

import asyncio

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.roles.rgs import Rgs

LEAST_MS = 500
"""A pause that is shorter may be over before the next call is there."""


async def _drive(rgs: Rgs) -> None:
    by_hand = await rgs.in_market("autoplay", lambda allowed: allowed is False)
    done = await rgs.spin(by_hand, autoplay=True)
    rgs.refused(done, what="a spin by autoplay in a market that does not allow it")
    rgs.accepted(await rgs.spin(by_hand), "the same by hand")
    slow = await rgs.in_market(
        "min_spin_interval_ms", lambda pause: isinstance(pause, int) and pause >= LEAST_MS
    )
    pause_ms = slow.opened.at("rules.min_spin_interval_ms")
    loop = asyncio.get_running_loop()
    rgs.given(await rgs.spin(slow))
    begun = loop.time()
    soon = await rgs.send(rgs.spin_ask(slow), patient=False)
    took_ms = (loop.time() - begun) * 1000
    if took_ms >= (pause_ms or LEAST_MS):
        raise Unclear(f"the target took {took_ms:.0f} ms to answer, longer than the pause")
    rgs.refused(soon, what=f"a spin within the {pause_ms} ms that the market has between two")


CHECK = Check(
    id="rgs.market.pace",
    rules=("RGS-21",),
    category=Category.LIMITS,
    needs=(Need.PLAYER_KEY,),
    about="Where a market has a least time between two paid spins, or no autoplay, a spin that "
    "comes sooner, or by itself, is refused.",
    drive=_drive,
)
