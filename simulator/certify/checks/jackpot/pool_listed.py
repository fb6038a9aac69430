"""What is published of pools."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot

STAKE = 1_000
"""Minor units; a part of it is more than nothing."""


async def _drive(jackpot: Jackpot) -> None:
    pools = await jackpot.pools()
    jackpot.require(pools, "there is a pool")
    names = [one.id for one in pools]
    jackpot.require(len(set(names)) == len(names), f"no pool is in the list twice: {names}")
    known_name = jackpot.config.pool_id or names[0]
    jackpot.require(known_name in names, f"{known_name}, which we play, is in the list: {names}")
    await _as_read(jackpot, known_name)
    for pool in pools:
        known = await jackpot.pool(pool.id)
        for name in ("kind", "level", "currency", "seed", "cap", "trigger", "rate"):
            jackpot.require(
                pool.shown.get(name) == known.shown.get(name),
                f"{name} of {pool.id} reads as listed: {pool.shown.get(name)}, "
                f"{known.shown.get(name)}",
            )
        jackpot.require(
            known.cap is None or known.size <= known.cap,
            f"{pool.id} shows no more than its cap: {dict(known.shown)}",
        )
        if known.trigger == "amount":
            jackpot.require(
                known.shown.get("commitment"),
                f"the commitment to a hidden point is published: {dict(known.shown)}",
            )
    path = f"/v1/jp/pools/{jackpot.names.new('p')}"
    jackpot.refused(await jackpot.send(jackpot.ask("GET", path)), what="a pool that is not there")


async def _as_read(jackpot: Jackpot, name: str) -> None:
    """Judge the size in the list where it was the same before and after; a stake is sent first, so
    that it is another than the seed, if the pool takes any."""
    fresh = await jackpot.pool(name)
    player = await jackpot.player(currency=fresh.currency)
    await jackpot.send(jackpot.contribute_ask(fresh, player, STAKE))
    first, listed, last = await jackpot.pool(name), await jackpot.pools(), await jackpot.pool(name)
    if (first.cycle, first.size) == (last.cycle, last.size):
        sizes = [one.size for one in listed if one.id == name]
        jackpot.require(
            sizes == [first.size], f"{name} is listed with {sizes}, and reads {first.size}"
        )


CHECK = Check(
    id="jackpot.pool.listed",
    rules=(
        "JP-14",
        "JP-35",
        "WAL-92",
    ),
    category=Category.HAPPY_PATH,
    level="smoke",
    about="Pools are listed once each and read as they are listed, never above their cap, a "
    "hidden point with its commitment.",
    drive=_drive,
)
