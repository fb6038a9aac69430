"""Neither grows nor pays."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    entered, part = await jackpot.entered(pool), await jackpot.part(pool)
    jackpot.given(await jackpot.send(jackpot.change_ask(pool, "pause")))
    try:
        paused = await jackpot.pool(pool.id)
        jackpot.require(paused.status == "paused", f"it is shown as paused: {dict(paused.shown)}")
        late = await jackpot.send(jackpot.contribute_ask(pool, entered.player, part.stake))
        jackpot.require(late.status < 500, f"a paused pool answers for good, and {late}")
        done = await jackpot.send(jackpot.trigger_ask(pool, entered.player, entered.round_id))
        jackpot.refused(done, what="a fall of a paused pool")
        still = await jackpot.pool(pool.id)
        jackpot.require(
            (still.size, still.cycle, still.hits) == (paused.size, paused.cycle, paused.hits),
            f"it stays as it was: {dict(paused.shown)}, then {dict(still.shown)}",
        )
    finally:
        resumed = await jackpot.send(jackpot.change_ask(pool, "resume"))
    jackpot.accepted(resumed, "resuming a pool")
    now = await jackpot.pool(pool.id)
    jackpot.require(now.status == "open", f"it goes on: {dict(now.shown)}")
    kept = (now.cycle, now.hits, now.shown.get("commitment"))
    jackpot.require(
        kept == (paused.cycle, paused.hits, paused.shown.get("commitment"))
        and now.size >= paused.size,
        f"it goes on as it was: {dict(paused.shown)}, then {dict(now.shown)}",
    )
    before, after = (int(one.shown.get("participants") or 0) for one in (paused, now))
    jackpot.require(after >= before, f"who took part still does: {before}, then {after}")
    fell = await jackpot.send(jackpot.trigger_ask(pool, entered.player, entered.round_id))
    jackpot.accepted(fell, "a fall after the pause, on a round from before it")
    jackpot.require(
        jackpot.minor(fell, "amount") >= paused.size,
        f"it pays what it had: {pool.money(paused.size)}, and {fell}",
    )


CHECK = Check(
    id="jackpot.pool.paused",
    rules=("WAL-95",),
    category=Category.LIMITS,
    about="A paused pool neither grows nor pays, and resumes as it was.",
    drive=_drive,
)
