"""A must-drop pool is played until it falls, and what it had hidden is looked for in what was said
before (JP-31, JP-35, WAL-93)."""

import re
from collections.abc import Iterator
from math import ceil
from typing import Any, NamedTuple

from simulator.certify.check import Unclear
from simulator.certify.drive import Done
from simulator.certify.money import write
from simulator.certify.roles.jackpot import Entered, Jackpot
from simulator.certify.roles.pools import Pool, minor_of

STEPS = 12
"""Contributions from where a pool is to its cap, where its largest stake allows it."""

MOST = 40
"""Contributions after which a pool that has not come to its cap is given up."""

MOVING = frozenset(
    {
        "size",
        "pool_size",
        "participants",
        "cycle",
        "hits",
        "hit",
        "version",
        "next_version",
        "bets",
        "bet",
        "contribution",
        "contributed",
        "paid",
        "stake",
        "regions",
        "value",
        "each_ms",
        "attempt",
    }
)
"""What is told of a pool and may, by chance, be the point's number."""


class Fall(NamedTuple):
    """A fall, and what was said before it; amounts in minor units."""

    seen: list[Done]
    published: str
    low: int
    high: int
    before: int
    amount: int
    point: int
    salt: str
    trigger: Done
    currency: str

    def leaks(self) -> dict[str, Done]:
        """Where the point or its salt was told → by which answer."""
        amount = write(self.point, self.currency, "decimal_number")
        known = self.point in (self.low, self.high)  # which are published
        found = {}
        for done in self.seen:
            if self.salt.encode() in done.raw:
                found["the salt"] = done
            elif not known:
                for place in _places(done.body, self.point, amount):
                    found[place] = done
        return found


async def play(jackpot: Jackpot, *, ask_around: bool = False) -> Fall:
    """Contribute until the pool falls on one of ours. Judged: it does so on the contribution that
    reaches its point, at its cap at the latest, and reveals what it had committed to. Raises
    Unclear where there is no such pool, or another one's contribution comes first."""
    pool = await jackpot.of_trigger("amount")
    terms = await jackpot.terms(pool)
    pool = await jackpot.pool(pool.id)
    falls = terms.shown.get("trigger")
    falls = falls if isinstance(falls, dict) else {}
    high = minor_of(falls.get("max", pool.shown.get("must_drop_by")), pool.cap or 0)
    low = minor_of(falls.get("min"), 0)
    if pool.rate is None or not high:
        raise Unclear(f"pool {pool.id} does not tell its rate, or by when it falls")
    step = ceil((high - pool.size + 1) / (pool.rate * terms.current * STEPS))
    stake = min(max(step, terms.least), terms.most)
    player, seen = await jackpot.player(currency=pool.currency), list[Done]()
    published = str(pool.shown.get("commitment"))
    for _ in range(MOST):
        now = await jackpot.pool(pool.id)
        if now.cycle != pool.cycle:
            raise Unclear(f"pool {pool.id} has fallen on somebody else's contribution")
        jackpot.require(
            now.shown.get("commitment") == published,
            f"the commitment stands until the fall, {published}, and {dict(now.shown)}",
        )
        contrib = jackpot.names.new("c")
        ask = jackpot.contribute_ask(pool, player, stake, contrib=contrib)
        done = jackpot.given(await jackpot.send(ask))
        if done.at("held"):
            raise Unclear(f"the pool is held back for now: {done}")
        if done.at("fell"):
            fall = await _fallen(jackpot, done, seen, (published, low, high, now.size))
            _require_reached(jackpot, fall)
            return fall
        jackpot.require(
            jackpot.minor(done, "pool_size") < high if done.at("pool_size") else True,
            f"it falls at {pool.money(high)} at the latest, and {done}",
        )
        seen.append(done)
        if ask_around:
            entered = Entered(player, "", contrib, await jackpot.part(pool))
            seen += [one async for one in _around(jackpot, pool, entered)]
    raise Unclear(f"{MOST} stakes of {pool.money(stake)} do not fill pool {pool.id}")


def _places(body: Any, point: int, amount: Any) -> Iterator[str]:
    """Where a JSON value tells the point, as a number or in words."""
    text = re.compile(rf"(?<![\d.])({point}|{re.escape(str(amount))})(?![\d.]*\d)")
    for path, leaf in _leaves(body, ()):
        if MOVING & set(path) or ("payload" in path and path[-2:] == ("amount", "amount")):
            continue
        if isinstance(leaf, str):
            if path[-1:] in (("message",), ("detail",), ("rules",)) and text.search(leaf):
                yield ".".join(path)
        elif not isinstance(leaf, bool) and leaf is not None and leaf in (point, amount):
            yield ".".join(path)


async def _around(jackpot: Jackpot, pool: Pool, entered: Entered) -> Any:
    """Whatever could tell something about a pool."""
    who, stake = entered.player, entered.part.stake
    for path in (
        f"pools/{pool.id}",
        "pools",
        f"pools/{pool.id}/terms",
        f"pools/{pool.id}/math",
        "health",
        "events?order=desc&limit=50",
        f"contributions/{entered.contrib}",
    ):
        yield await jackpot.send(jackpot.ask("GET", f"/v1/jp/{path}"))
    yield await jackpot.send(jackpot.candidate_ask(pool, who, stake))
    yield await jackpot.send(jackpot.contribute_ask(pool, who, stake, given=0))
    yield await jackpot.send(jackpot.trigger_ask(pool, who, jackpot.names.new("r")))


async def _fallen(
    jackpot: Jackpot, done: Done, seen: list[Done], known: tuple[str, int, int, int]
) -> Fall:
    trigger = await jackpot.read("triggers", str(done.at("fell.jp_trigger_id")))
    jackpot.accepted(trigger, "reading what has fallen")
    point, salt = trigger.at("reveal.point"), trigger.at("reveal.salt")
    jackpot.require(
        isinstance(point, int) and isinstance(salt, str) and salt,
        f"point and salt are revealed after the fall, and {trigger}",
    )
    amount, currency = jackpot.minor(trigger, "amount"), str(trigger.at("amount.currency"))
    return Fall(seen, *known, amount, int(point), str(salt), trigger, currency)


def _require_reached(jackpot: Jackpot, fall: Fall) -> None:
    jackpot.require(
        fall.before < fall.point <= fall.amount,
        f"it falls on the contribution that reaches the point, {fall.point}: it had {fall.before} "
        f"before, and fell with {fall.amount}",
    )


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every single value of a JSON value, with the names above it."""
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(part, (*path, name))
    elif isinstance(value, list):
        for part in value:
            yield from _leaves(part, path)
    else:
        yield path, value
