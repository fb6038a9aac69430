"""Platforms that take one thing for another, or forget it too soon."""

from typing import Any

from tests.broken import keys
from tests.broken.http import Call, encode, read_json
from tests.broken.platform import Bet
from tests.broken.platforms.variant import Broken
from tests.broken.standing import Player


class IdsWithoutCase(Broken):
    """The database's collation ignores case."""

    killed_by = "platform.bet.similar-ids"

    def authorize(self, call: Call) -> Any:
        call.body["bet_id"] = call.body["bet_id"].lower()
        return super().authorize(call)


class OneIdPerPlayer(Broken):
    """A bet id of another player is a bet of its own, and the first one is gone."""

    killed_by = "platform.bet.other-player"

    def known(self, bet: Bet, minor: int, round_id: str, player: Player) -> Any:
        if bet.player == player.id:
            return super().known(bet, minor, round_id, player)
        self.hold(player, minor)
        self.bets[bet.id] = Bet(bet.id, round_id, player.id, minor)
        return self.told(self.bets[bet.id], player)


class OneKeyForAll(keys.OneKeyForAll, Broken):
    """The answer is found by the key alone, whatever was called."""

    killed_by = "platform.protocol.key-per-operation"


class RemembersSlips(keys.RemembersSlips, Broken):
    """A 400 is remembered under its key."""

    killed_by = "platform.protocol.mended-body"


class ForgetsUnknownBets(Broken):
    """A win that was refused for want of its bet is tried again under its key."""

    killed_by = "platform.settle.refused-stays"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if status != 404:
            super().remember(slot, print_, status, body)


class ASessionPerCall(Broken):
    """A repeated session is another one."""

    killed_by = "platform.session.repeat"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if slot[1] != "/v1/sessions":
            super().remember(slot, print_, status, body)


class AnySessionUnderAKey(Broken):
    """The session is no part of what a key is bound to."""

    killed_by = "platform.bet.altered-under-key"

    def fingerprint(self, call: Call) -> str:
        whole = call.body
        call.body = {name: one for name, one in whole.items() if name != "session_id"}
        try:
            return super().fingerprint(call)
        finally:
            call.body = whole


class BalanceOfNowInRepeats(Broken):
    """A repeat has the balance of now in it."""

    killed_by = "platform.bet.repeat"

    def replayed(self, call: Call, body: bytes) -> bytes:
        bet = self.bets.get(call.body.get("bet_id", ""))
        if bet is None or not bet.player:
            return body
        return encode({**read_json(body), "balance": self.balance(self.world.players[bet.player])})


class ForgetsAfterAMonth(Broken):
    """Keys and bets that have ended are thrown away after a month."""

    killed_by = "platform.bet.dedupe-lasts"

    def advance(self, call: Call) -> Any:
        if int(call.body["by_ms"]) > 30 * 86_400_000:
            self.world.keys.clear()
            self.bets = {name: one for name, one in self.bets.items() if one.closed is None}
        return super().advance(call)


class TombstonesHoldOnce(Broken):
    """A tombstone is used up by the first late bet."""

    killed_by = "platform.rollback.tombstone-holds"

    def known(self, bet: Bet, minor: int, round_id: str, player: Player) -> Any:
        if bet.status == "tombstone":
            del self.bets[bet.id]
        return super().known(bet, minor, round_id, player)


class YesToWinsOnTombstones(Broken):
    """A win on a bet that was undone before it came is told to be credited."""

    killed_by = "platform.rollback.tombstone-holds"

    def settle(self, call: Call) -> Any:
        bet = self.bets.get(call.body["bet_id"])
        if bet is not None and bet.status == "tombstone":
            return {"status": "credited", "settlement_id": "x", "bet_id": bet.id}
        return super().settle(call)


class TombstonesAreForADay(Broken):
    """Tombstones are thrown away after a day."""

    killed_by = "platform.rollback.tombstone-lasts"

    def advance(self, call: Call) -> Any:
        if int(call.body["by_ms"]) > 86_400_000:
            self.bets = {name: one for name, one in self.bets.items() if one.player}
        return super().advance(call)


class EventsNeedNobody(Broken):
    """One endpoint was forgotten: anybody may read the feed."""

    killed_by = "platform.security.no-proof"

    def who(self, call: Call) -> str:
        return "studio-demo" if call.path == "/v1/events" else super().who(call)


class ListsOfAllTenants(Broken):
    """Bets of another tenant's player are listed."""

    killed_by = "platform.security.foreign-tenant"

    def own(self, call: Call, name: str | None) -> str | None:
        return name


class ToldAgain(Broken):
    """A bet under a new key is told again in the feed."""

    killed_by = "platform.events.once"

    def known(self, bet: Bet, minor: int, round_id: str, player: Player) -> Any:
        answer = super().known(bet, minor, round_id, player)
        first = next(one for one in self.feed if one["payload"].get("bet_id") == bet.id)
        self.feed.append({**first, "event_id": f"e_{next(self.serial)}"})
        return answer


class ClosedReadsOpen(Broken):
    """A round reads open from a copy that lags behind."""

    killed_by = "platform.round.life"

    def read_round(self, call: Call) -> Any:
        return {**super().read_round(call), "status": "open"}


class RemindsOnce(Broken):
    """After the first acknowledgement no reality check is ever due."""

    killed_by = "platform.reality-check.blocks"

    def acknowledge(self, call: Call) -> Any:
        answer = super().acknowledge(call)
        self.session(call, call.parts["session_id"]).seen_ms = 10**15
        return answer
