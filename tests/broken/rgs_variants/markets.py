"""Wrong about market builds, warnings, tournaments and seeds."""

import itertools
from typing import Any

from tests.broken.rgs_markets import Build
from tests.broken.rgs_spins import Session, Spin
from tests.broken.rgs_variants.variant import Broken


class SwitchesNothing(Broken):
    """A switch is confirmed, and the former build stays."""

    killed_by = "rgs.build.switch"

    def activate(self, build: Build, before: Build) -> None:
        return


class PlaysIdleBuilds(Broken):
    """Any certified profile is played, whichever was switched to."""

    killed_by = "rgs.build.certified"

    def require_build(self, body: dict[str, Any]) -> None:
        found = self.builds.get(body["build_hash"])
        if found is None or found.active:
            super().require_build(body)


class TwoActiveBuilds(Broken):
    """The former build stays active beside the new one."""

    killed_by = "rgs.build.switch"

    def activate(self, build: Build, before: Build) -> None:
        build.active = True


class ChangesOpenSessions(Broken):
    """A switch changes the odds of sessions that are open."""

    killed_by = "rgs.build.switch"

    def build_played(self, session: Session) -> Build:
        own = super().build_played(session)
        same = (own.game, own.countries)
        every = self.builds.values()
        return next(one for one in every if one.active and (one.game, one.countries) == same)


class TakesAnyBuild(Broken):
    """A switch to a build that there is not is a 500."""

    killed_by = "rgs.build.switch"

    def switched(self, name: str) -> Build:
        return self.builds[name]


class PlaysUnwarned(Broken):
    """What the client has displayed is taken note of and not looked at."""

    killed_by = "rgs.displayed.required"

    def is_missing(self, wanted: set[str], seen: set[str]) -> bool:
        return False


class OneWarningIsEnough(Broken):
    """Whoever has displayed one of the warnings may play."""

    killed_by = "rgs.displayed.required"

    def is_missing(self, wanted: set[str], seen: set[str]) -> bool:
        return bool(wanted) and not wanted & seen


class NeverWarnedEnough(Broken):
    """Play stays refused after all was displayed."""

    killed_by = "rgs.displayed.required"

    def is_missing(self, wanted: set[str], seen: set[str]) -> bool:
        return bool(wanted)


class EverySpinScores(Broken):
    """Cash spins count in whatever tournament runs."""

    killed_by = "rgs.tournament.counts"

    def score(self, spin: Spin, tournament: str | None) -> None:
        for one in self.tournaments.values():
            one.spins.append(spin)


class NothingScores(Broken):
    """Spins of a tournament are played, and not counted."""

    killed_by = "rgs.tournament.counts"

    def score(self, spin: Spin, tournament: str | None) -> None:
        return


class RepeatsScore(Broken):
    """A repeat of a tournament's spin counts again."""

    killed_by = "rgs.tournament.counts"

    def known(self, spin: Spin, body: dict[str, Any], minor: int) -> Any:
        answer = super().known(spin, body, minor)
        self.score(spin, body.get("tournament_id"))
        return answer


class AnyTournament(Broken):
    """A spin may name a tournament that there is not."""

    killed_by = "rgs.tournament.counts"

    def require_allowed(self, session: Session, body: dict[str, Any]) -> None:
        super().require_allowed(session, {**body, "spin_type": "cash"})

    def score(self, spin: Spin, tournament: str | None) -> None:
        if tournament in self.tournaments:
            super().score(spin, tournament)


class SeedsForgotten(Broken):
    """Play from a seed throws the dice anew."""

    killed_by = "rgs.replay.seed"

    def __init__(self) -> None:
        super().__init__()
        self.throws = itertools.count()

    def drawn_from(self, body: dict[str, Any]) -> bytes:
        return str(next(self.throws)).encode()


class NonceIgnored(Broken):
    """All that is played from one seed comes out alike."""

    killed_by = "rgs.replay.seed"

    def drawn_from(self, body: dict[str, Any]) -> bytes:
        return str(body["seed"]).encode()
