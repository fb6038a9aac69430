"""Bets, settlements and rollbacks of one player in one session, twice each."""

from collections.abc import Mapping
from typing import Any

from simulator.certify.exchange import Ask
from simulator.certify.machine import KINDS, Played, machine
from simulator.certify.model import Call
from simulator.certify.money import Money
from simulator.certify.roles.money import MoneyDrive
from simulator.certify.roles.platform import Platform
from simulator.certify.roles.player import Player
from simulator.certify.saved import scenario

BONUS = {"in_bonus": False, "freespins_left": 0}


class _Table:
    """A player in a session, and the ids of two bets."""

    def __init__(self, platform: Platform, player: Player, session: str) -> None:
        self.player = player
        self._platform = platform
        self._session = session
        new = platform.names.new
        self._rounds, self._bets = ([new(kind), new(kind)] for kind in ("r", "b"))
        self._keys = {
            (kind, slot, key): new("k") for kind in KINDS for slot in range(2) for key in range(2)
        }

    def ask(self, call: Call) -> Ask:
        """The request of a call."""
        platform, player = self._platform, self.player
        how = {
            "bet": self._bets[call.slot],
            "round_id": self._rounds[call.slot],
            "key": self._keys[call.kind, call.slot, call.key],
        }
        match call.kind:
            case "bet":
                return platform.bet_ask(player, self._session, call.minor, **how)
            case "win":
                return platform.settle_ask(player, call.minor, **how)
            case "undo":
                wrong = player.money(call.minor).written(platform.form) if call.altered else None
                return platform.rollback_ask(**how, amount=wrong)


def _word(call: Call) -> tuple[str, Mapping[str, Any]]:
    fields = {"round": f"r{call.slot}", "bet": f"b{call.slot}"}
    amount = str(Money(call.minor, "EUR"))
    match call.kind:
        case "bet":
            return "authorizeBet", {"session": "s-ana", **fields, "amount": amount}
        case "win":
            return "settleBet", {**fields, "win": amount, "bonus_state": dict(BONUS)}
        case "undo":
            return "rollbackBet", {**fields, **({"amount": amount} if call.altered else {})}


def _save(drive: MoneyDrive, played: Played) -> str:
    return scenario(drive, played, _word, session=True)


async def played(platform: Platform, examples: int, longest: int) -> None:
    """So many sequences of up to `longest` steps."""

    async def sit_down(player: Player) -> _Table:
        return _Table(platform, player, await platform.session(player))

    await machine(platform, sit_down, holds=True, examples=examples, longest=longest, save=_save)
