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

    def cash(self, minor: int) -> str:
        """The same as hooks are given it: a decimal number of the currency."""
        return str(write(minor, self.currency, "decimal_number"))


async def player(drive: Drive, cash_minor: int = 10_000, currency: str = "EUR") -> Player:
    """A player with at least so much; fresh where hooks.create_player makes one, else `rich`.

    A hook that fails is not asked again; the suite notes it. Raises Unclear where there is neither,
    and where the check needs a fresh player: it would lock the one whom all others play.
    """
    if drive.has(Need.CREATE_PLAYER):
        try:
            return await _made(drive, cash_minor, currency)
        except Unclear as wrong:
            if "rich" not in drive.config.players:
                raise
            if Need.CREATE_PLAYER in drive.check.needs:
                raise
            drive.target.makes_no_players = str(wrong)
    return configured(drive, "rich")


async def other_player(drive: Drive) -> Player:
    """Another one than `player`: fresh, or `poor`. Raises Unclear."""
    if drive.has(Need.CREATE_PLAYER):
        return await _made(drive, 10_000, "EUR")
    return configured(drive, "poor")


async def _made(drive: Drive, cash_minor: int, currency: str) -> Player:
    cash = str(write(cash_minor, currency, "decimal_number"))
    made = await drive.hook(Need.CREATE_PLAYER, currency=currency, cash=cash)
    name = made.get("player_id")
    if not isinstance(name, str):
        raise Unclear(f"hooks.create_player answered no player_id: {made}")
    return Player(name, currency, fresh=True)


def configured(drive: Drive, kind: str) -> Player:
    """One of `players`. Raises Unclear."""
    found = drive.config.players.get(kind)
    if found is None:
        raise Unclear(f"players.{kind} is not configured, and hooks.create_player neither")
    return Player(found.id, found.currency, fresh=False)
