"""The feed tells how a pool stands."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.eventually import eventually
from simulator.certify.exchange import Ask
from simulator.certify.roles.jackpot import Jackpot
from simulator.certify.roles.pools import Pool


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
    contrib = jackpot.names.new("c")
    put_in = jackpot.contribute_ask(pool, player, part.stake, contrib=contrib)
    await _tells(jackpot, pool, "jp.pool.updated", put_in)
    await _tells(jackpot, pool, "jp.pool.updated", jackpot.reverse_ask(contrib))
    pause, resume = (jackpot.change_ask(pool, what) for what in ("pause", "resume"))
    try:
        await _tells(jackpot, pool, "jp.config.changed", pause)
    finally:
        jackpot.given(await jackpot.send(resume))


async def _tells(jackpot: Jackpot, pool: Pool, topic: str, ask: Ask) -> None:
    """Judge that what is asked is told, as news of the pool."""
    known = _ids(await _told(jackpot, pool, topic))
    done = jackpot.given(await jackpot.send(ask))
    told = await eventually(
        partial(_told, jackpot, pool, topic), lambda seen: bool(_ids(seen) - known)
    )
    jackpot.require(_ids(told) - known, f"there has to be a {topic} of {pool.id} after {done}")


async def _told(jackpot: Jackpot, pool: Pool, topic: str) -> list[Mapping[str, Any]]:
    """The latest of it."""
    path = f"/v1/jp/events?event_type={topic}&order=desc&limit=50"
    done = jackpot.given(await jackpot.send(jackpot.ask("GET", path)))
    return [
        one
        for one in done.at("items") or []
        if one.get("event_type") == topic and pool.id in str(one.get("payload"))
    ]


def _ids(told: list[Mapping[str, Any]]) -> set[str]:
    return {str(one.get("event_id")) for one in told}


CHECK = Check(
    id="jackpot.events.pool",
    rules=(
        "JP-20",
        "PRV-34",
    ),
    category=Category.RECOVERY,
    about="A pool that has grown, shrunk, or was changed by a person is told of, as "
    "jp.pool.updated or jp.config.changed.",
    blind="Events that the target keeps back from this client.",
    drive=_drive,
)
