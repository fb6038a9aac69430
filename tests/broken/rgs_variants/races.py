"""Wrong when calls come at once, or the caller goes away."""

from typing import Any

from tests.broken.gone import NoticesGone
from tests.broken.http import Call, pause
from tests.broken.rgs_variants.variant import Broken


class PlaysInARace(Broken):
    """Copies of a spin at once are looked up before any is written."""

    killed_by = "rgs.spin.parallel-repeat"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path == "/rgs/v1/spins":
            name, slot = call.body.get("spin_id"), self.slot(call)
            unknown = name not in self.spins and slot not in self.world.keys
            await pause()
            if unknown:
                self.spins.pop(name, None)
                self.world.keys.pop(slot, None)
        return await super().once(call, handler)

    def slot(self, call: Call) -> tuple[str, ...]:
        return (call.client, call.path, call.body.get("idempotency_key"))


class OverdrawsInARace(Broken):
    """What a session keeps is looked at before, and taken later."""

    killed_by = "rgs.spin.parallel-overdraw"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        session = self.sessions.get(call.body.get("session_id", ""))
        if call.path != "/rgs/v1/spins" or session is None or session.balance is None:
            return await super().once(call, handler)
        enough = session.balance >= 100
        await pause()
        lent = 10_000 if enough and session.balance < 100 else 0
        session.balance += lent
        found = await super().once(call, handler)
        session.balance -= lent
        return found


class VoidsInARace(Broken):
    """A spin made void many times at once is given back as often."""

    killed_by = "rgs.void.gives-back"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path.endswith("/void"):
            spin = self.spins.get(call.path.split("/")[4])
            played = spin is not None and spin.status == "played"
            await pause()
            if played and spin is not None and spin.status == "void":
                spin.status = "played"
                self.rounds[spin.round].spins.append(spin)
        return await super().once(call, handler)


class GrantsInARace(Broken):
    """The last free spin is there for all who ask at once."""

    killed_by = "rgs.free-spins.parallel"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        grant = self.grants.get(call.body.get("grant_id", ""))
        if call.path != "/rgs/v1/spins" or grant is None:
            return await super().once(call, handler)
        left = grant.left
        await pause()
        grant.left = left
        return await super().once(call, handler)


class CountsInARace(Broken):
    """An item in many batches at once is new in each."""

    killed_by = "rgs.events.batch-parallel"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        if call.path.endswith("/batch"):
            before = dict(self.reported)
            await pause()
            self.reported = before
        return await super().once(call, handler)


class LosesWhatWasHungUp(NoticesGone, Broken):
    """When the caller goes away after a spin was played, nobody knows of it."""

    killed_by = "rgs.spin.lost-answer"

    def play(self, session: Any, body: dict[str, Any], minor: int) -> Any:
        answer = super().play(session, body, minor)
        if self.gone:
            del self.spins[body["spin_id"]]
        return answer

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if not self.gone:
            super().remember(slot, print_, status, body)
