"""Platforms that do the right thing and tell another."""

from typing import Any

from tests.broken.http import Call
from tests.broken.platforms.variant import Broken
from tests.broken.standing import Player


class LocksAreNotRemembered(Broken):
    """A stake that was refused to a locked player is decided anew under its key."""

    killed_by = "platform.refusal.remembered"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if status != 403:
            super().remember(slot, print_, status, body)


class TracesAreNew(Broken):
    """A remembered refusal has the trace of the call that asked again."""

    killed_by = "platform.refusal.remembered"

    def replayed(self, call: Call, body: bytes) -> bytes:
        front, found, _ = body.partition(b'"trace_id":"')
        return front + found + call.headers["x-trace-id"].encode() + b'"}' if found else body


class PaysInAnyRound(Broken):
    """A win is paid whatever round it names."""

    killed_by = "platform.settle.other-round"

    def settle(self, call: Call) -> Any:
        bet = self.bet(call, call.body["bet_id"])
        call.body["round_id"] = bet.round or call.body["round_id"]
        return super().settle(call)


class NewestFirstSkips(Broken):
    """Pages of the newest first lose one between two of them."""

    killed_by = "platform.list.filtered"

    def page(self, items: list[Any], query: dict[str, str]) -> Any:
        found = super().page(items, query)
        if query.get("order") == "desc" and "next_cursor" in found:
            found["next_cursor"] = str(int(found["next_cursor"]) + 1)
        return found


class FiltersOnce(Broken):
    """Whose events are wanted is forgotten on the second page."""

    killed_by = "platform.list.filtered"

    def list_events(self, call: Call) -> Any:
        query = self.query(call)
        return self.page(self.feed, query) if "cursor" in query else super().list_events(call)


class TellsNetWins(Broken):
    """The event of a settlement has the win without the stake."""

    killed_by = "platform.events.once"

    def tell(self, topic: str, player: str, call: Call, **payload: Any) -> None:
        if topic == "bet.settled":
            payload["win"]["amount"] -= payload["bet"]["amount"]
        super().tell(topic, player, call, **payload)


class FreeBetsAreToldTwice(Broken):
    """The settlement of a bet of nothing has two events."""

    killed_by = "platform.events.once"

    def tell(self, topic: str, player: str, call: Call, **payload: Any) -> None:
        for _ in range(2 if topic == "bet.settled" and not payload["bet"]["amount"] else 1):
            super().tell(topic, player, call, **payload)


class TheLastCloseCounts(Broken):
    """A round that was completed can be cancelled afterwards."""

    killed_by = "platform.round.life"

    def close_round(self, call: Call) -> Any:
        if self.round_states.get(call.parts["round_id"]) in ("completed", "cancelled"):
            self.round_states[call.parts["round_id"]] = "open"
        return super().close_round(call)


class WinsReadAsNothing(Broken):
    """What a bet has won is not in what is read of it."""

    killed_by = "platform.bet.read"

    def read_bet(self, call: Call) -> Any:
        found = super().read_bet(call)
        bet = self.bet(call, found["bet_id"])
        if bet.status == "settled":
            found["win"] = self.money(0, self.world.players[bet.player].currency)
        return found


class StepsAreRounded(Broken):
    """A stake is cut to tens of cents before it is compared with the step."""

    killed_by = "platform.bet.limits"

    def within(self, limits: dict[str, Any], player: Player, minor: int) -> None:
        super().within(limits, player, minor // 10 * 10)


class RepeatsAreOld(Broken):
    """A repeat of what was created is answered 200, and the first time it was 201."""

    killed_by = "platform.session.repeat"

    async def serve(self, call: Call, handler: Any, write: bool) -> tuple[int, bytes]:
        known = len(self.world.keys)
        status, body = await super().serve(call, handler, write)
        return (201 if status == 200 and len(self.world.keys) > known else status), body
