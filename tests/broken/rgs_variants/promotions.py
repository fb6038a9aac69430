"""Wrong about tournaments, grants and jackpots."""

from typing import Any

from tests.broken.http import Call, encode
from tests.broken.rgs_promotions import Tournament
from tests.broken.rgs_spins import Grant, Session, Spin
from tests.broken.rgs_variants.variant import Broken


class TournamentsAreCash(Broken):
    """A tournament's spin is one of the session's too."""

    killed_by = "rgs.tournament.counts"

    def count(self, spin: Spin, sign: int) -> None:
        kind, spin.kind = spin.kind, "cash" if spin.kind == "tournament" else spin.kind
        super().count(spin, sign)
        spin.kind = kind


class WorstLeads(Broken):
    """Who has least leads."""

    killed_by = "rgs.tournament.standings"

    def rank(self, rows: list[tuple[int, str, int]]) -> None:
        rows.sort()


class OnlyStakesScore(Broken):
    """Whatever the tournament says, stakes count."""

    killed_by = "rgs.tournament.standings"

    def points(self, race: Tournament, own: list[Spin]) -> int:
        return sum(one.minor for one in own)


class TournamentsAlwaysRun(Broken):
    """A tournament takes spins before it begins, and after its end."""

    killed_by = "rgs.tournament.bounds"

    def require_running(self, race: Tournament) -> None:
        return


class TournamentsOfAnyGame(Broken):
    """A tournament takes spins of games that it does not name."""

    killed_by = "rgs.tournament.bounds"

    def require_game(self, race: Tournament, session: Session) -> None:
        return


class TournamentsGoOn(Broken):
    """A tournament that has been played in has no end."""

    killed_by = "rgs.tournament.closes"

    def require_running(self, race: Tournament) -> None:
        if not race.spins:
            super().require_running(race)


class VoidsFreeSpinsAway(Broken):
    """A free spin that is void is gone."""

    killed_by = "rgs.void.everywhere"

    def give_back(self, grant: Grant) -> None:
        return


class VoidsKeepTheirPlace(Broken):
    """A void spin still counts in its tournament."""

    killed_by = "rgs.void.everywhere"

    def unscore(self, spin: Spin, race: Tournament) -> None:
        return


class GrantsForEver(Broken):
    """A grant has no end."""

    killed_by = "rgs.free-spins.expire"

    def require_time(self, grant: Grant) -> None:
        return


class GrantsOnTheUsualProfile(Broken):
    """Free spins are played on the session's profile, whatever their grant names."""

    killed_by = "rgs.free-spins.profile"

    def profile_of(self, spin: Spin) -> str:
        spin.grant = None
        return super().profile_of(spin)


class FreeSpinsContribute(Broken):
    """The operator's jackpot takes its part of free spins too."""

    killed_by = "rgs.spin.txns"

    def txns(self, name: str, kind: str, minor: int, win: int, currency: str) -> list[Any]:
        found = super().txns(name, kind, minor, win, currency)
        given = [self.txn(name, "jackpot_contribution", minor // 50, currency)]
        return [*found, *given] if kind == "free" else found


class JackpotsFallAgain(Broken):
    """A known trigger under a new key is another jackpot."""

    killed_by = "rgs.jackpot-win.once"

    def known_win(self, known: tuple[Any, Any], asked: Any) -> Any:
        txn = super().known_win(known, asked)
        self.spins[asked[0]].txns.append({**txn, "txn_id": f"{txn['txn_id']}-again"})
        return txn


class JackpotsOnVoidSpins(Broken):
    """A jackpot falls on a spin that is void."""

    killed_by = "rgs.jackpot-win.once"

    def require_shown(self, spin: Spin) -> None:
        return


class JackpotsInAnyCurrency(Broken):
    """A jackpot's amount is taken for one in the spin's currency."""

    killed_by = "rgs.jackpot-win.once"

    def require_currency(self, spin: Spin, amount: dict[str, Any]) -> None:
        return


class SignsLess(Broken):
    """The signature leaves out which transaction it is."""

    killed_by = "rgs.txns.signed"

    def signed(self, said: str) -> str:
        return super().signed(said.partition("\n")[2])


class TxnsUntold(Broken):
    """Transactions beside a spin stand in its answer alone."""

    killed_by = "rgs.events.contents"

    def tell_txns(self, spin: Spin, txns: list[dict[str, Any]]) -> None:
        return


class FreeWinsUntold(Broken):
    """What a free spin wins is told as nothing."""

    killed_by = "rgs.events.contents"

    def tell(self, topic: str, spin: Spin) -> None:
        super().tell(topic, spin)
        if spin.kind != "cash":
            self.feed[-1]["payload"]["win"] = 0


class ForgetsRefusals(Broken):
    """What was refused is tried again under the same key."""

    killed_by = "rgs.refusal.remembered"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if status < 400:
            super().remember(slot, print_, status, body)


class ForgetsExclusions(Broken):
    """A refusal for self-exclusion is forgotten when the exclusion ends."""

    killed_by = "rgs.refusal.remembered"

    def remember(self, slot: tuple[str, ...], print_: str, status: int, body: bytes) -> None:
        if status != 403:
            super().remember(slot, print_, status, body)


class Discreet(Broken):
    """Nobody is told whom responsible gaming has refused."""

    killed_by = "rgs.excluded.told"

    def feed_of(self, session: Session, topic: str, payload: dict[str, Any]) -> None:
        if topic != "rg_event":
            super().feed_of(session, topic, payload)


class GrantsForAnyGame(Broken):
    """A grant for one game is played in another."""

    killed_by = "rgs.free-spins.bound"

    def require_its_game(self, grant: Grant, session: Session) -> None:
        return


class CountsWhatItHasTold(Broken):
    """Its own spin in somebody's batch is a new one."""

    killed_by = "rgs.events.batch-repeat"

    def is_ours(self, place: tuple[str, str]) -> bool:
        return False


class OneThrowARound(Broken):
    """All spins of a round come to what the first did."""

    killed_by = "rgs.spin.varies"

    def outcome(self, session: Session, round_id: str, spin: str, minor: int) -> tuple[Any, int]:
        return super().outcome(session, round_id, round_id, minor)


class PlaysTheNewBuild(Broken):
    """A session that was open before a switch says its profile, and plays the new one."""

    killed_by = "rgs.build.switch"

    def profile_of(self, spin: Spin) -> str:
        own = self.build_played(spin.session)
        same = [one for one in self.builds.values() if one.active and one.game == own.game]
        return next(one.profile for one in same if one.countries == own.countries)


class RepeatsAreReads(Broken):
    """A repeated grant is answered as it stands by now."""

    killed_by = "rgs.writes.repeat"

    def replayed(self, call: Call, body: bytes) -> bytes:
        return encode(self.give(call)) if call.path == "/rgs/v1/free-spins" else body


class RepeatsHaveAStatusOfTheirOwn(Broken):
    """What is known is answered by 208."""

    killed_by = "rgs.writes.repeat"

    async def once(self, call: Call, handler: Any) -> tuple[int, bytes]:
        known = len(self.world.keys)
        status, body = await super().once(call, handler)
        return (208 if status == 200 and known == len(self.world.keys) else status), body
