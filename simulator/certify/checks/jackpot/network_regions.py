"""Each region's part of a network."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.roles.jackpot import Jackpot
from simulator.certify.roles.pools import Pool, minor_of


class Region(NamedTuple):
    """What a region has done; amounts in minor units."""

    bets: int
    participants: int
    size: int
    contributed: int
    paid: int
    hits: int


async def _drive(jackpot: Jackpot) -> None:
    async def attempt() -> list[Fraction | int]:
        pool = await jackpot.by_call()
        here = _ours(jackpot, pool)
        await jackpot.fallen(pool)
        begun = await _read(jackpot, pool)
        entered = await jackpot.entered(pool)
        played = await _read(jackpot, pool)
        undone = await jackpot.entered(pool, entered.player)
        jackpot.given(await jackpot.send(jackpot.reverse_ask(undone.contrib)))
        after = await _read(jackpot, pool)
        ask = jackpot.trigger_ask(pool, entered.player, entered.round_id)
        fell = jackpot.given(await jackpot.send(ask))
        ended = await _read(jackpot, pool)
        part, owed = entered.part, jackpot.minor(fell, "amount")
        one, two, three, four = (read[here] for read in (begun, played, after, ended))
        return [
            one.participants,
            Fraction(one.size, part.growth),
            two.bets - one.bets - 1,
            two.participants - 1,
            Fraction(two.size, part.growth) - 1,
            Fraction(two.contributed - one.contributed, part.contribution) - 1,
            Fraction(three.size - two.size, undone.part.growth),
            four.hits - three.hits - 1,
            Fraction(four.paid - three.paid, owed) - 1,
            four.participants,
            Fraction(four.size, part.growth),
            len([name for name in begun if name != here and _moved(begun[name], ended[name])]),
        ]

    await jackpot.repeatedly(
        attempt,
        "a region’s part of a network begins empty, has the bet, the player and the amounts that "
        "were put in, less what was reversed, has won what fell there, and no other region moves",
    )


def _moved(before: Region, after: Region) -> bool:
    """Whether a region has done anything; its size goes when the pool falls, wherever that is."""
    return (before.bets, before.contributed, before.paid, before.hits) != (
        after.bets,
        after.contributed,
        after.paid,
        after.hits,
    )


def _ours(jackpot: Jackpot, pool: Pool) -> str:
    """The name of our region. Raises Unclear where the pool is no network that tells its parts."""
    here = jackpot.config.headers.get("X-Region", "")
    if here not in _regions(pool.shown):
        raise Unclear(f"pool {pool.id} tells no part of region {here!r}: {dict(pool.shown)}")
    return here


def _regions(shown: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {str(one.get("region")): one for one in shown.get("regions") or []}


async def _read(jackpot: Jackpot, pool: Pool) -> dict[str, Region]:
    now = await jackpot.pool(pool.id)
    return {
        name: Region(
            int(one.get("bets") or 0),
            int(one.get("participants") or 0),
            minor_of(one.get("size"), 0),
            minor_of(one.get("contributed"), 0),
            minor_of(one.get("paid"), 0),
            int(one.get("hits") or 0),
        )
        for name, one in _regions(now.shown).items()
    }


CHECK = Check(
    id="jackpot.network.regions",
    rules=("JP-61",),
    category=Category.HAPPY_PATH,
    about="A network pool’s sub-pool of a region has the bets, participants, contributions, falls "
    "and payouts of that region alone, and begins anew when the pool falls.",
    drive=_drive,
)
