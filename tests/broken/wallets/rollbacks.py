"""Wallets that give back what they should not."""

from typing import Any

from tests.broken.http import Call, Refusal
from tests.broken.standing import Player, Txn
from tests.broken.wallets.variant import Broken


class ForgetsTombstones(Broken):
    """A rollback of something unknown is fine, and forgotten."""

    killed_by = "wallet.rollback.first"

    def unknown(self, call: Call, *rest: Any) -> Any:
        body, player = rest[2], rest[3]
        return self.answer(body["transaction_id"], player, tombstone=True)


class ForgetsTombstonesOfWins(Broken):
    """Only debits have tombstones here; a late win is paid."""

    killed_by = "wallet.rollback.both-first"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        place = self.place(call, body["transaction_id"], body)
        found = self.world.txns.get(place)
        if found is not None and found.kind == "tombstone":
            del self.world.txns[place]
            body = {**body, "reason": "promo"}
        return super().credit(call, body)


class RefundsWhatIsAsked(Broken):
    """Gives back the amount of the request instead of the original."""

    killed_by = "wallet.rollback.original"

    def give_back(self, found: Txn, player: Player, body: dict[str, Any]) -> None:
        super().give_back(found, player, body)
        if "amount" in body:
            player.cash += self.minor(body) - found.minor


class RefundsTwiceUnderAnotherId(Broken):
    """Another rollback id of the same debit gives back again."""

    killed_by = "wallet.rollback.repeat"

    def rollback(self, call: Call, body: dict[str, Any]) -> Any:
        found = self.world.txns.get(self.place(call, body["original_transaction_id"], body))
        place = self.place(call, body["transaction_id"], body)
        if found is not None and found.status == "rolled_back" and place not in self.world.txns:
            found.status = "ok"
        return super().rollback(call, body)


class RefundsRefusedDebits(Broken):
    """The rollback of a debit that was refused gives what was never taken."""

    killed_by = "wallet.rollback.refused-debit"

    def take(self, player: Player, minor: int) -> None:
        try:
            super().take(player, minor)
        except Refusal:
            player.held -= 0
            self.refused = minor
            raise

    refused = 0

    def unknown(self, call: Call, *rest: Any) -> Any:
        rest[3].cash += self.refused
        return super().unknown(call, *rest)


class RefundsSettled(Broken):
    """A debit that was settled is given back."""

    killed_by = "wallet.rollback.settled"
    settled_rollback = "if_funds_cover"


class RefundsClosedRounds(Broken):
    """Gives back on a round that has ended."""

    killed_by = "wallet.rollback.closed-round"

    def give_back(self, found: Txn, player: Player, body: dict[str, Any]) -> None:
        if self.world.rounds.get(found.round) == "completed":
            found.status = "ok"
            self.world.rounds[found.round] = "open"
        super().give_back(found, player, body)


class RollbackOfUnknownIs500(Broken):
    """What it does not know it cannot undo, and falls over."""

    killed_by = "wallet.rollback.unknown"

    def unknown(self, call: Call, *rest: Any) -> Any:
        raise Refusal(500, "INTERNAL")


class SettlesAfterRollback(Broken):
    """A win on a debit that was given back is paid."""

    killed_by = "wallet.credit.after-rollback"

    def win_of(self, call: Call, body: dict[str, Any]) -> None:
        return


class WinsWithoutDebit(Broken):
    """A win needs no debit, though the profile says so."""

    killed_by = "wallet.credit.without-debit"
    win_without_bet = "promo"


class ReleasesToWhoeverAsks(Broken):
    """What one player has set aside is given to the one who asks for it."""

    killed_by = "wallet.rollback.foreign"

    def rollback(self, call: Call, body: dict[str, Any]) -> Any:
        found = self.world.txns.get(self.place(call, body["original_transaction_id"], body))
        player = self.player(call, body["player_id"])
        if found is None or found.kind != "reserve" or found.player == player.id:
            return super().rollback(call, body)
        self.world.players[found.player].held -= found.minor
        player.cash += found.minor
        return self.answer(body["transaction_id"], player)
