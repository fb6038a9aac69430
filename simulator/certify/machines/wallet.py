"""Debits, credits and rollbacks of one player, twice each."""

from collections.abc import Mapping
from typing import Any

from simulator.certify.exchange import Ask
from simulator.certify.machine import KINDS, Played, machine
from simulator.certify.model import Call
from simulator.certify.money import Money
from simulator.certify.roles.money import MoneyDrive
from simulator.certify.roles.player import Player
from simulator.certify.roles.wallet import Wallet
from simulator.certify.saved import scenario


class _Table:
    """A player, and the ids of two bets."""

    def __init__(self, wallet: Wallet, player: Player) -> None:
        self.player = player
        self._wallet = wallet
        new = wallet.names.new
        self._rounds, self._bets, self._wins = ([new(k), new(k)] for k in ("r", "t", "t"))
        self._undone = [[new("t"), new("t")] for _ in range(2)]
        self._keys = {
            (kind, slot, key): new("k") for kind in KINDS for slot in range(2) for key in range(2)
        }

    def ask(self, call: Call) -> Ask:
        """The request of a call."""
        wallet, player, slot = self._wallet, self.player, call.slot
        key, round_id = self._keys[call.kind, slot, call.key], self._rounds[slot]
        bet = self._bets[slot]
        match call.kind:
            case "bet":
                return wallet.debit_ask(player, call.minor, round_id=round_id, txn=bet, key=key)
            case "win":
                win = self._wins[slot]
                return wallet.credit_ask(
                    player, call.minor, round_id=round_id, debit=bet, txn=win, key=key
                )
            case "undo":
                txn = self._undone[slot][call.altered]
                wrong = player.money(call.minor).written(wallet.form) if call.altered else None
                return wallet.rollback_ask(
                    player, bet, round_id=round_id, txn=txn, key=key, amount=wrong
                )


def _word(call: Call) -> tuple[str, Mapping[str, Any]]:
    slot = call.slot
    fields = {"player": "ana", "round": f"r{slot}"}
    amount = str(Money(call.minor, "EUR"))
    match call.kind:
        case "bet":
            return "debitPlayer", {**fields, "transaction": f"t{slot}", "amount": amount}
        case "win":
            more = {"transaction": f"w{slot}", "debit_transaction": f"t{slot}", "amount": amount}
            return "creditPlayer", {**fields, **more, "reason": "win"}
        case "undo":
            own = f"u{slot}-{int(call.altered)}"
            wrong = {"amount": amount} if call.altered else {}
            names = {"transaction": own, "original_transaction": f"t{slot}"}
            return "rollbackTransaction", {**fields, **names, **wrong}


def _save(drive: MoneyDrive, played: Played) -> str:
    return scenario(drive, played, _word, session=False)


async def played(wallet: Wallet, examples: int, longest: int) -> None:
    """So many sequences of up to `longest` steps."""

    async def sit_down(player: Player) -> _Table:
        return _Table(wallet, player)

    await machine(wallet, sit_down, holds=False, examples=examples, longest=longest, save=_save)
