"""Whom a check plays: a fresh player where the target can make one, else one that is configured."""

from dataclasses import dataclass

from simulator.certify.check import Need, Unclear
from simulator.certify.drive import Drive
from simulator.certify.money import Money, write


@dataclass(frozen=True, slots=True)
class Player:
    """Who plays, and in which currency."""

    id: str
    currency: str
    fresh: bool
    """Made for this check: nobody else moves its money."""

    def money(self, minor: int) -> Money:
        """An amount in the player's currency."""
        return Money(minor, self.currency)


async def player(drive: Drive, cash_minor: int = 10_000, currency: str = "EUR") -> Player:
    """A player with at least so much; fresh where hooks.create_player is given, else `rich`.

    Raises Unclear where there is neither.
    """
    if drive.has(Need.CREATE_PLAYER):
        cash = str(write(cash_minor, currency, "decimal_number"))
        made = await drive.hook(Need.CREATE_PLAYER, currency=currency, cash=cash)
        name = made.get("player_id")
        if not isinstance(name, str):
            raise Unclear(f"hooks.create_player answered no player_id: {made}")
        return Player(name, currency, fresh=True)
    return configured(drive, "rich")


def configured(drive: Drive, kind: str) -> Player:
    """One of `players`. Raises Unclear."""
    found = drive.config.players.get(kind)
    if found is None:
        raise Unclear(f"players.{kind} is not configured, and hooks.create_player neither")
    return Player(found.id, found.currency, fresh=False)
