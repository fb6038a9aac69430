"""Wrong about time, pace and lists."""

from typing import Any

from tests.broken.http import Call
from tests.broken.rgs_spins import Session
from tests.broken.rgs_variants.variant import Broken


class SessionsForEver(Broken):
    """A session has no end of its own."""

    killed_by = "rgs.session.expires"

    def require_fresh(self, session: Session) -> None:
        return


class NoTimeLimit(Broken):
    """A session's time limit is written down, and that is all."""

    killed_by = "rgs.time-limit.binds"

    def require_time_left(self, session: Session) -> None:
        return


class RemindsNobody(Broken):
    """A reminder that is due stops nothing."""

    killed_by = "rgs.reminder.blocks"

    def require_no_reminder(self, session: Session) -> None:
        return


class AnyAcknowledgement(Broken):
    """Whatever is acknowledged, the reminder is gone."""

    killed_by = "rgs.reminder.blocks"

    def require_reminder(self, session: Session, name: str) -> None:
        return


class NoPause(Broken):
    """The least time between two spins is for the client to keep."""

    killed_by = "rgs.market.pace"

    def require_pause(self, passed_s: float, rules: dict[str, Any]) -> None:
        return


class AlwaysAutoplay(Broken):
    """Autoplay is for the client to hide."""

    killed_by = "rgs.market.pace"

    def require_pace(self, session: Session, body: dict[str, Any]) -> None:
        super().require_pace(session, {**body, "autoplay": False})


class ListsEverything(Broken):
    """A list has all there is, whatever was asked for."""

    killed_by = "rgs.list.filtered"

    def filtered(self, call: Call, rows: list[dict[str, Any]], *names: str) -> Any:
        return super().filtered(call, rows, *[name for name in names if name == "player_id"])


class ListsInOneOrder(Broken):
    """Newest first is oldest first."""

    killed_by = "rgs.list.filtered"

    def query(self, call: Call) -> dict[str, str]:
        asked = super().query(call)
        return {name: one for name, one in asked.items() if name != "order"}


class BuildsOfAllCountries(Broken):
    """The builds of a country are those of all."""

    killed_by = "rgs.list.filtered"

    def list_builds(self, call: Call) -> Any:
        call.target = call.path
        return super().list_builds(call)
