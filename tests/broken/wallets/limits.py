"""Wallets that let play who or what may not."""

from typing import Any

from tests.broken.http import Call, Refusal
from tests.broken.standing import Player
from tests.broken.wallets.variant import Broken


class NoFundsIsBroken(Broken):
    """No funds and a fault look the same."""

    killed_by = "wallet.debit.insufficient"

    def take(self, player: Player, minor: int) -> None:
        if player.cash < minor:
            raise Refusal(400, "VALIDATION_FAILED", "cannot do this")
        super().take(player, minor)


class YesToRefusedBets(Broken):
    """Says 200 to a stake that was refused."""

    killed_by = "wallet.debit.insufficient"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        try:
            return super().debit(call, body)
        except Refusal as no:
            if no.code != "INSUFFICIENT_FUNDS":
                raise
            return self.answer(body["transaction_id"], self.player(call, body["player_id"]))


class IgnoresCurrency(Broken):
    """An amount in another currency counts as one in the player's."""

    killed_by = "wallet.debit.currency"

    def minor(self, body: dict[str, Any], player: Player | None = None) -> int:
        return super().minor(body)


class LocksNobody(Broken):
    """A self-excluded player plays on."""

    killed_by = "wallet.debit.excluded"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        player = self.player(call, body["player_id"])
        locked, player.locked = player.locked, False
        try:
            return super().debit(call, body)
        finally:
            player.locked = locked


class ReservesBeyondLimits(Broken):
    """The player's own limit is for what is debited, and not for what is set aside."""

    killed_by = "wallet.limit.binds"

    def reserve(self, call: Call, body: dict[str, Any]) -> Any:
        player = self.player(call, body["player_id"])
        limit, player.limit = player.limit, 10**15
        try:
            return super().reserve(call, body)
        finally:
            player.limit = limit


class LockStopsWins(Broken):
    """The win of a locked player is refused."""

    killed_by = "wallet.lock.binds"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        if self.player(call, body["player_id"]).locked:
            raise Refusal(403, "RG_BLOCK")
        return super().credit(call, body)


class SessionStopsWins(Broken):
    """A win in a round whose session is over is refused."""

    killed_by = "wallet.session.expired"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        if any(not open_ for _, open_ in self.world.sessions.values()):
            raise Refusal(409, "INVALID_STATE", reason="session_expired")
        return super().credit(call, body)


class AnySessionWillDo(Broken):
    """Whose session it is does not matter."""

    killed_by = "wallet.session.foreign"

    def require_session(self, body: dict[str, Any], minor: int) -> None:
        session = body.get("session_id")
        if session in self.world.sessions and not self.world.sessions[session][1]:
            raise Refusal(409, "INVALID_STATE", reason="session_expired")


class SessionsLimitDebitsOnly(Broken):
    """What is set aside in a session may be more than its highest stake."""

    killed_by = "wallet.session.limits"

    def reserve(self, call: Call, body: dict[str, Any]) -> Any:
        body = {name: value for name, value in body.items() if name != "session_id"}
        return super().reserve(call, body)


class LocksOutsideOfSessions(Broken):
    """A player who is locked plays on in a session that is open."""

    killed_by = "wallet.lock.binds"

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        player = self.player(call, body["player_id"])
        locked, player.locked = player.locked, player.locked and "session_id" not in body
        try:
            return super().debit(call, body)
        finally:
            player.locked = locked


class PairsOutliveSessions(Broken):
    """A stake and its win in one call are taken in a session that is over."""

    killed_by = "wallet.session.expired"

    def pair_call(self, call: Call) -> Any:
        call.body["debit"].pop("session_id", None)
        return super().pair_call(call)


class ReservesInAnySession(Broken):
    """Whose session it is does not matter to what is set aside."""

    killed_by = "wallet.session.foreign"

    def reserve(self, call: Call, body: dict[str, Any]) -> Any:
        return super().reserve(
            call, {name: value for name, value in body.items() if name != "session_id"}
        )


class CountsReservesTwice(Broken):
    """What is set aside counts against the limit once more when it is spent."""

    killed_by = "wallet.limit.binds"

    def spend(self, call: Call, body: dict[str, Any], name: str, minor: int) -> None:
        self.below_limit(self.player(call, body["player_id"]), minor)
        super().spend(call, body, name, minor)
