"""Platforms that are wrong in what stands around a bet: sessions, limits, rounds, the feed."""

from typing import Any

from tests.broken.http import Call, Refusal
from tests.broken.platform import Session
from tests.broken.platforms.variant import Broken
from tests.broken.standing import Player


class NoLimits(Broken):
    """What a session is limited to does not matter."""

    killed_by = "platform.bet.limits"

    def within(self, limits: dict[str, Any], player: Player, minor: int) -> None:
        return


class ZeroIsTooLow(Broken):
    """A free round is below the lowest stake."""

    killed_by = "platform.bet.limits"

    def within(self, limits: dict[str, Any], player: Player, minor: int) -> None:
        if limits.get("min_bet") and not minor:
            raise Refusal(422, "LIMIT_EXCEEDED")
        super().within(limits, player, minor)


class LimitsFromTomorrow(Broken):
    """A stricter limit does not bind at once."""

    killed_by = "platform.limit.binds"

    def below_limit(self, player: Player, minor: int) -> None:
        return


class HeldStakesDoNotCount(Broken):
    """A limit counts what is settled, and not what is held."""

    killed_by = "platform.limit.binds"

    def below_limit(self, player: Player, minor: int) -> None:
        if minor > self.stake_limits.get(player.id, 10**15):
            raise Refusal(422, "LIMIT_EXCEEDED")


class LooserLimitsAtOnce(Broken):
    """A player in the mood to play gets the higher limit there and then."""

    killed_by = "platform.limit.changed"

    def limit_player(self, call: Call) -> Any:
        self.stake_limits.pop(call.parts["player_id"], None)
        return super().limit_player(call)


class RemindsNobody(Broken):
    """A reality check never blocks."""

    killed_by = "platform.reality-check.blocks"

    def reminded(self, session: Session) -> None:
        return


class OverdueHoldsVanish(Broken):
    """A hold that nobody ends is given back, and nobody is told."""

    killed_by = "platform.hold.overdue"

    def advance(self, call: Call) -> Any:
        for bet in self.bets.values():
            if bet.status == "authorized" and int(call.body["by_ms"]) > 86_400_000:
                bet.status = "rolled_back"
                player = self.world.players[bet.player]
                player.cash, player.held = player.cash + bet.minor, player.held - bet.minor
        return super().advance(call)


class EndedSessionsPlayOn(Broken):
    """A session that has ended takes bets."""

    killed_by = "platform.session.life"

    def end_session(self, call: Call) -> Any:
        found = super().end_session(call)
        self.session(call, call.parts["session_id"]).open = True
        return found


class EndOfSessionStopsWins(Broken):
    """A win after the session has ended is refused."""

    killed_by = "platform.session.ended"

    def settle(self, call: Call) -> Any:
        bet = self.bet(call, call.body["bet_id"])
        mine = [one for one in self.open_sessions.values() if one.player == bet.player]
        if mine and not any(one.open for one in mine):
            raise Refusal(409, "INVALID_STATE", reason="session_ended")
        return super().settle(call)


class LockStopsRollbacks(Broken):
    """The rollback for a locked player is refused."""

    killed_by = "platform.lock.binds"

    def rollback(self, call: Call) -> Any:
        bet = self.bets.get(call.body["bet_id"])
        if bet is not None and bet.player and self.world.players[bet.player].locked:
            raise Refusal(403, "RG_BLOCK")
        return super().rollback(call)


class LocksNobody(Broken):
    """A self-excluded player plays on."""

    killed_by = "platform.bet.excluded"

    def may_stake(self, session: Session, player: Player, round_id: str, minor: int) -> None:
        locked, player.locked = player.locked, False
        try:
            super().may_stake(session, player, round_id, minor)
        finally:
            player.locked = locked


class ClosedRoundsPlayOn(Broken):
    """A round that has ended takes bets."""

    killed_by = "platform.round.life"

    def may_stake(self, session: Session, player: Player, round_id: str, minor: int) -> None:
        self.round_states[round_id] = "open"
        super().may_stake(session, player, round_id, minor)


class ForgetsRounds(Broken):
    """A round is forgotten with its session."""

    killed_by = "platform.round.found-again"

    def end_session(self, call: Call) -> Any:
        self.round_states.clear()
        return super().end_session(call)


class LostEvent(Broken):
    """Settlements have no event."""

    killed_by = "platform.events.once"

    def tell(self, topic: str, player: str, call: Call, **payload: Any) -> None:
        if topic != "bet.settled":
            super().tell(topic, player, call, **payload)


class EventOfARefusal(Broken):
    """A refused bet has an event, as if it had happened."""

    killed_by = "platform.events.once"

    def authorize(self, call: Call) -> Any:
        try:
            return super().authorize(call)
        except Refusal:
            session = self.open_sessions.get(call.body.get("session_id", ""))
            if session:
                name = call.body.get("bet_id")
                self.tell("bet.authorized", session.player, call, bet_id=name)
            raise


class PagesSkip(Broken):
    """The first item of each further page is skipped."""

    killed_by = "platform.events.pages"

    def page(self, items: list[Any], query: dict[str, str]) -> Any:
        found = super().page(items, query)
        return found | {"items": found["items"][1:] if "cursor" in query else found["items"]}


class RefusalsAreForgotten(Broken):
    """A late copy of a refused bet succeeds."""

    killed_by = "platform.bet.refused-stays"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if status < 400:
            super().remember(slot, print_, status, body)


class ReplaysTheBalanceOfNow(Broken):
    """A repeat gets a new body under a profile that wants the first."""

    killed_by = "platform.bet.repeat"

    def replayed(self, call: Call, body: bytes) -> bytes:
        return body.replace(b'"held"', b'"held_now"')


class KeyForAnything(Broken):
    """What a key was used for is not compared."""

    killed_by = "platform.bet.altered-under-key"

    def fingerprint(self, call: Call) -> str:
        return call.path


class StaleNonce(Broken):
    """A nonce is good for ever."""

    killed_by = "platform.security.replay"

    def use_nonce(self, nonce: str) -> None:
        return


class SignsParsedJson(Broken):
    """The signature is checked over what was understood."""

    killed_by = "platform.security.signature"

    def signed_part(self, call: Call) -> bytes:
        return call.raw.strip()


class TenantsAreOne(Broken):
    """Another tenant's player is served."""

    killed_by = "platform.security.foreign-tenant"

    def player(self, call: Call, name: str) -> Player:
        found = self.world.players.get(name)
        if found is None:
            raise Refusal(404, "NOT_FOUND")
        return found


class TruthIsAsync(Broken):
    """A yes to a bet that cannot be: the refusal comes later, by nobody."""

    killed_by = "platform.bet.insufficient"

    def hold(self, player: Player, minor: int) -> None:
        if player.cash >= minor:
            super().hold(player, minor)
