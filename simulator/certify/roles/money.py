"""What the roles of money share: who plays, what they have, by how much it moved."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulator.certify.check import Unclear
from simulator.certify.drive import Done, Drive
from simulator.certify.money import Format, Money, NotMoney, read, whole
from simulator.certify.roles import player as players
from simulator.certify.roles.player import Player

ENOUGH = 5_000
"""Minor units: more than any check stakes of a player whom it shares."""


@dataclass(frozen=True, slots=True)
class Funds:
    """What a player has, in minor units; cash and bonus are None where the target does not say."""

    available: int
    held: int
    cash: int | None = None
    bonus: int | None = None

    def moved(self, available: int, held: int = 0) -> "Funds":
        """What is expected after so much has moved."""
        return Funds(self.available + available, self.held + held)


class MoneyDrive(Drive, ABC):
    """Calls, and judging by the difference: the target may be in use by others (WAL-01)."""

    at = "balance"
    """Where the answer to `read_balance` has the balance; empty: it is the answer."""
    stakes = True
    """Whether what is asked costs the player money."""

    @property
    def form(self) -> Format:
        """How this API writes amounts."""
        return self.profile.money_format

    async def player(self, cash_minor: int = 10_000, currency: str = "EUR") -> Player:
        """See `roles.player.player`. Raises Unclear for a configured one who is about to run out of
        money: what was refused for that would look like a rule that is broken."""
        found = await players.player(self, cash_minor, currency)
        if not self.stakes or found.fresh:
            return found
        if (await self.funds(found)).available < ENOUGH:
            raise Unclear(
                f"{found.id} has less than {found.money(ENOUGH)} to play with; give the player of "
                "players.rich more, or name another"
            )
        return found

    async def other_player(self) -> Player:
        """Another one than `player`. Raises Unclear."""
        return await players.other_player(self)

    async def at_hand(self) -> dict[str, list[Any]]:
        """A player, and amounts that are small beside what the player has."""
        player = await players.player(self)
        return {
            **await super().at_hand(),
            "player_id": [player.id],
            "currency": [player.currency],
            "amount": [whole(units, player.currency, self.form) for units in (1, 2, 0)],
        }

    def configured(self, kind: str) -> Player:
        """One of `players`. Raises Unclear."""
        return players.configured(self, kind)

    @abstractmethod
    async def read_balance(self, player: Player) -> Done:
        """Ask what the player has."""

    async def funds(self, player: Player) -> Funds:
        """What the player has now. Raises Unclear where the target does not say."""
        done = self.given(await self.read_balance(player))
        try:
            return self.read_funds(done, self.at)
        except NotMoney as wrong:
            raise Unclear(f"the balance cannot be read: {wrong}; {done}") from None

    def read_funds(self, done: Done, at: str = "balance") -> Funds:
        """The balance in an answer. Raises NotMoney."""
        found = done.at(at) if at else done.body
        if not isinstance(found, Mapping) or "available" not in found:
            raise NotMoney(f"there is no {at + '.' if at else ''}available in {done}")
        parts = {
            name: read(found[name], self.form).minor
            for name in ("available", "held", "cash", "bonus")
            if name in found
        }
        return Funds(
            parts["available"], parts.get("held", 0), parts.get("cash"), parts.get("bonus")
        )

    def balance_is(self, done: Done, expected: Funds) -> None:
        """Judge the balance that an answer carries: what is available and held."""
        try:
            found = self.read_funds(done)
        except NotMoney as wrong:
            self.require(False, str(wrong))
            return
        self.require(
            (found.available, found.held) == (expected.available, expected.held),
            f"the balance in the answer has to be {expected.available} available and "
            f"{expected.held} held (minor units), and {done}",
        )

    def tells(self, said: Any, expected: Money, what: str) -> None:
        """Judge an amount that an answer or an event has; where there is none, nothing is."""
        if not isinstance(said, Mapping):
            return
        try:
            found = read(said, self.form)
        except NotMoney as wrong:
            self.require(False, f"{what} has to be {expected}: {wrong}")
            return
        self.require(found == expected, f"{what} has to be {expected}, and it is {found}")

    async def moved(self, player: Player, before: Funds, *allowed: int) -> int:
        """Judge by how much the available money moved since `before`, in minor units."""
        now = await self.funds(player)
        by = now.available - before.available
        wanted = " or ".join(str(player.money(one)) for one in allowed)
        self.require(
            by in allowed,
            f"the money of {player.id} has to have moved by {wanted}, and it moved by "
            f"{player.money(by)} ({player.money(before.available)} → "
            f"{player.money(now.available)})",
        )
        return by

    async def held(self, player: Player, before: Funds, available: int, held: int) -> None:
        """Judge by how much both have moved: what is available, and what is held."""
        now = await self.funds(player)
        by = (now.available - before.available, now.held - before.held)
        self.require(
            by == (available, held),
            f"what {player.id} has available has to have moved by {player.money(available)} and "
            f"what is held by {player.money(held)}, and they moved by {player.money(by[0])} and "
            f"{player.money(by[1])}",
        )

    def repeated(self, first: Done, later: Done) -> None:
        """Judge what a repeat is told, by the profile: the first body, the balance of now, or
        DUPLICATE (PRV-30, WAL-06)."""
        if self.profile.duplicate_answer == "duplicate_code" and later.code == "DUPLICATE":
            self.judged += 1
            return
        self.accepted(later, "the repeat of what was accepted")
        if self.profile.duplicate_answer == "same_body":
            self.same(first, later)


def changed(body: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """A body with fields replaced or added, and without those that are None."""
    return {name: value for name, value in {**body, **over}.items() if value is not None}


def split(drive: MoneyDrive, available: int) -> tuple[int, int]:
    """A stake of which fewer fit into so much than a race is made of, and how many do. Raises
    Unclear where there is nothing to split."""
    stake = available // max(1, drive.config.parallel // 3)
    if stake < 1:
        raise Unclear(f"the player has {available} minor units, too few for a race")
    return stake, min(drive.config.parallel, available // stake)
