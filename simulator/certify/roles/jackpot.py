"""The jackpot API as its checks write it: contributions, triggers, payouts, pools (`/v1/jp`).

A pool may be played by others meanwhile. What it grows by is therefore judged by amounts of our own
that nobody hits by chance, and a deviation that could be somebody else's is looked for again.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from fractions import Fraction
from typing import Any, NamedTuple

from simulator.certify.check import Check, Need, Unclear
from simulator.certify.credentials import Credentials
from simulator.certify.drive import Done
from simulator.certify.money import NotMoney, read
from simulator.certify.roles.jackpot_asks import JackpotAsks
from simulator.certify.roles.player import Player
from simulator.certify.roles.pools import Pool, minor_of, read_pool
from simulator.certify.target import Target

ROOM = 24
"""So many of our contributions fit below a pool's cap, where it is not too small for that."""

ATTEMPTS = 3
"""How often the same deviation has to be seen where it could be somebody else's doing."""

PATIENCE_S = 20.0
"""How long a payout is waited for."""

ENDED = ("credited", "parked", "forfeited", "cancelled")
"""States in which a payout waits for nobody but a person."""

WHOLE = 100
"""A split whose weights are not told is taken to share contributions out in hundredths."""


class Terms(NamedTuple):
    """What of a pool's terms the checks count with; minor units."""

    current: Fraction
    """The part of a contribution that makes the pool grow."""
    whole: int
    least: int
    most: int
    shown: Mapping[str, Any]


class Part(NamedTuple):
    """A stake, and what comes of it: all of it exact, whatever was carried before."""

    stake: int
    contribution: int
    growth: int


class Entered(NamedTuple):
    """Who has a part in a pool, by which round."""

    player: Player
    round_id: str
    contrib: str
    part: Part


class Parked(NamedTuple):
    """A payout that the wallet has refused; what the player had before and is owed, in minor
    units."""

    player: Player
    before: int | None
    payout: str
    owed: int
    shown: Done


class Jackpot(JackpotAsks):
    """Contribute, reverse, judge, trigger, and see what is paid (JP-02..40, WAL-90..97)."""

    def __init__(self, target: Target, check: Check, credentials: Credentials) -> None:
        super().__init__(target, check, credentials)
        self._splits: dict[str, Fraction] = {}
        """Pool → the part of a contribution that makes it grow, where it is not told."""

    async def at_hand(self) -> dict[str, list[Any]]:
        """The same, and whose players they are."""
        return {**await super().at_hand(), "tenant_id": [self.tenant]}

    async def read_balance(self, player: Player) -> Done:
        """What the wallet says, where the target has one too."""
        return await self.send(self.ask("GET", f"/v1/wallet/players/{player.id}/balance"))

    async def wealth(self, player: Player) -> int | None:
        """What the player has, in minor units; None where only the jackpots can be asked."""
        done = await self.read_balance(player)
        try:
            return self.read_funds(done).available if done.ok else None
        except NotMoney:
            return None

    # --- Pools ------------------------------------------------------------------------------------

    async def pool(self, name: str = "") -> Pool:
        """A pool as it is now; without a name the configured one. Raises Unclear."""
        path = f"/v1/jp/pools/{name or self.config.pool_id}"
        return read_pool(self.given(await self.send(self.ask("GET", path))).body)

    async def pools(self) -> list[Pool]:
        """Every pool that we take part in. Raises Unclear."""
        return [read_pool(one) for one in await self.pages("/v1/jp/pools")]

    async def by_call(self) -> Pool:
        """An open pool that grows, and falls when it is told to: the configured one, else any.
        Raises Unclear."""
        configured = await self.pool() if self.config.pool_id else None
        named = configured is not None and configured.falls_by("call")
        pool = configured if named and configured else await self.of_trigger("call")
        if pool.cap is None or pool.cap - pool.size > (pool.cap - pool.seed) // 2:
            return pool
        await self.fallen(pool)  # for room to grow
        return await self.pool(pool.id)

    async def of_trigger(self, *words: str) -> Pool:
        """An open pool that grows, and falls by one of these. Raises Unclear where there is
        none."""
        for one in await self.pools():
            if one.falls_by(*words):
                return one
        raise Unclear(f"there is no open pool that falls by {' or '.join(words)}")

    async def terms(self, pool: Pool) -> Terms:
        """Its terms in force; the split is found out where it is not told."""
        done = await self.send(self.ask("GET", f"/v1/jp/pools/{pool.id}/terms"))
        shown = done.body if done.ok and isinstance(done.body, Mapping) else {}
        split = shown.get("split")
        if isinstance(split, Mapping):
            whole = sum(int(one) for one in split.values())
            current = Fraction(int(split.get("current", 0)), whole)
        else:
            whole, current = WHOLE, await self._found_out(pool)
        return Terms(
            current=current,
            whole=whole,
            least=minor_of(shown.get("min_stake"), 0),
            most=minor_of(shown.get("max_stake"), 10**12),
            shown=shown,
        )

    async def _found_out(self, pool: Pool) -> Fraction:
        """The part of a contribution that makes the pool grow, by what one of them does."""
        if pool.id not in self._splits and pool.rate is not None:
            before, player = await self.pool(pool.id), await self.player(currency=pool.currency)
            ask = self.contribute_ask(pool, player, pool.rate.denominator * WHOLE)
            self.given(await self.send(ask))
            found = Fraction(await self.grown(before) or 0, pool.rate.numerator * WHOLE)
            self._splits[pool.id] = found if 0 < found <= 1 else Fraction(1)
        return self._splits.get(pool.id, Fraction(1))

    async def part(self, pool: Pool) -> Part:
        """A stake of our own: an amount that nobody else's contributions add up to by chance, and
        of which nothing is carried.

        Raises Unclear where the pool does not publish its rate, or no such stake is allowed.
        """
        terms = await self.terms(pool)
        if not pool.rate or not terms.current:
            raise Unclear(f"pool {pool.id} does not tell at which rate it grows")
        step = pool.rate.denominator * terms.whole
        times = -(-terms.least // step) + 17 + self.names.number("stake", 80)
        if pool.cap is not None:  # room for some more of the same
            growth = step * pool.rate * terms.current
            times = min(times, max(1, int((pool.cap - pool.size) / (growth * ROOM))))
        stake = step * min(times, terms.most // step)
        if stake < max(terms.least, 1):
            raise Unclear(f"no stake that pool {pool.id} allows leaves nothing to carry")
        contribution = stake * pool.rate
        return Part(stake, int(contribution), int(contribution * terms.current))

    async def entered(self, pool: Pool, player: Player | None = None) -> Entered:
        """A round with a part in the pool. Raises Unclear."""
        who = player or await self.player(currency=pool.currency)
        part = await self.part(pool)
        round_id, contrib = self.names.new("r"), self.names.new("c")
        ask = self.contribute_ask(pool, who, part.stake, contrib=contrib, round_id=round_id)
        self.given(await self.send(ask))
        return Entered(who, round_id, contrib, part)

    async def grown(self, before: Pool) -> int | None:
        """By how much the pool has grown since; None where it has fallen meanwhile."""
        now = await self.pool(before.id)
        same = (now.cycle, now.hits) == (before.cycle, before.hits)
        return now.size - before.size if same else None

    async def off(self, before: Pool, part: Part, times: int = 1) -> tuple[int | None, int]:
        """How far the pool is from having grown by our part, so many times; for `steadily`."""
        grown = await self.grown(before)
        return None if grown is None else grown - part.growth * times, part.growth

    async def somebody_else(self, player: Player) -> Player:
        """Another player: a fresh one, a configured one, or one whom nobody knows."""
        other = self.config.players.get("poor")
        if self.has(Need.CREATE_PLAYER):
            return await self.player(currency=player.currency)
        name = other.id if other and other.id != player.id else self.names.new("p")
        return Player(name, player.currency, fresh=False)

    async def fallen(self, pool: Pool, player: Player | None = None) -> tuple[Entered, Done]:
        """A pool that has fallen on a round of ours. Raises Unclear."""
        entered = await self.entered(pool, player)
        done = await self.send(self.trigger_ask(pool, entered.player, entered.round_id))
        return entered, self.given(done)

    # --- What came of it --------------------------------------------------------------------------

    async def read(self, what: str, name: str) -> Done:
        """One contribution, trigger or payout."""
        return await self.send(self.ask("GET", f"/v1/jp/{what}/{name}"))

    def minor(self, done: Done, path: str) -> int:
        """An amount in an answer. Judged: it is there, and money."""
        try:
            return read(done.at(path), self.form).minor
        except NotMoney as wrong:
            self.require(False, f"{path} is an amount, and {wrong}; {done}")
            raise

    async def settled(self, payout: str) -> Done:
        """A payout that waits for the wallet no longer. Raises Unclear where it goes on."""
        loop = asyncio.get_running_loop()
        until, pause_s = loop.time() + PATIENCE_S, 0.02
        while True:
            done = await self.read("payouts", payout)
            self.require(done.ok, f"a payout that is owed can be read, and {done}")
            if done.at("status") in ENDED:
                return done
            if loop.time() > until:
                raise Unclear(f"the wallet was not heard within {PATIENCE_S:g} s: {done}")
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, 0.5)

    @asynccontextmanager
    async def parked(self, pool: Pool, reason: str) -> AsyncIterator[Parked]:
        """A payout that the wallet refuses for a reason, judged to be parked; the player's payouts
        are let through again afterwards. Raises Unclear."""
        player = await self.player(currency=pool.currency)
        await self.hook(Need.BLOCK_PAYOUTS, player_id=player.id, reason=reason)
        try:
            before = await self.wealth(player)
            _, fell = await self.fallen(pool, player)
            shown = await self.settled(str(fell.at("jp_payout_id")))
            self.require(shown.at("status") == "parked", f"what is refused is parked: {shown}")
            owed, payout = self.minor(fell, "amount"), str(fell.at("jp_payout_id"))
            yield Parked(player, before, payout, owed, shown)
        finally:
            await self.hook(Need.BLOCK_PAYOUTS, player_id=player.id, reason="none")

    async def credited(self, payout: str) -> Done:
        """A payout that the wallet has paid. Raises Unclear where it has refused it."""
        done = await self.settled(payout)
        if done.at("status") != "credited":
            raise Unclear(f"the wallet has not paid: {done}")
        return done

    async def stands_at(
        self, player: Player, before: int | None, by: int, owed: int, what: str
    ) -> None:
        """Judge by how much the player's money has moved, where the target's wallet can be asked.
        Whom others may play too has not moved by whole times what is owed."""
        now = await self.wealth(player)
        if before is None or now is None:
            return
        off = now - before - by
        self.require(
            off == 0 or (not player.fresh and off % owed),
            f"{what} has to move {player.money(by)}, and {player.id}'s money moved by "
            f"{player.money(now - before)}",
        )

    async def repeatedly(
        self, attempt: Callable[[], Awaitable[Sequence[Fraction | int]]], what: str
    ) -> None:
        """Judge how far a pool's figures are off what they should be: no figure is, once; or each
        time by the same, which somebody else's play would not do. Raises Unclear."""
        found: list[Sequence[Fraction | int]] = []
        for _ in range(ATTEMPTS):
            found.append(await attempt())
            if not any(found[-1]):
                self.require(True, what)
                return
        offs = "; ".join(", ".join(map(str, one)) for one in found)
        same = all(list(one) == list(found[0]) for one in found)
        self.require(not same, f"{what}, and it is off by {offs}, time after time")
        raise Unclear(f"others play this pool: {what}, and it was off by {offs}")

    async def steadily(
        self, attempt: Callable[[], Awaitable[tuple[int | None, int]]], what: str
    ) -> None:
        """Judge what a pool did, by its deviation from what it should do, in minor units.

        An attempt gives the deviation (None: the pool has fallen meanwhile) and the amount that is
        ours alone. Whole times our amount is the target's own doing; anything else could be
        somebody else's contribution, and has to be the same each time. Raises Unclear.
        """
        found: list[tuple[int | None, Fraction | None]] = []
        for _ in range(ATTEMPTS):
            off, ours = await attempt()
            if off == 0:
                self.require(True, what)
                return
            ours_alone = off is not None and ours and off % ours == 0
            self.require(not ours_alone, f"{what}, and it is off by {off} minor units")
            found.append((off, Fraction(off, ours) if off and ours else None))
        offs = [off for off, _ in found]
        for seen in (set(offs), {part for _, part in found}):
            same = seen != {None} and len(seen) == 1
            self.require(not same, f"{what}, and it is off by {offs} minor units, time after time")
        raise Unclear(f"others play this pool: {what}, and it was off by {offs} minor units")
