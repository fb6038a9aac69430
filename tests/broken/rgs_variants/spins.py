"""Wrong about spins: keys, stakes, outcomes, replay."""

import itertools
from decimal import Decimal
from typing import Any

from tests.broken.http import Call, Refusal
from tests.broken.rgs_markets import Build
from tests.broken.rgs_spins import Session, Spin
from tests.broken.rgs_variants.variant import Broken


class RollsAgain(Broken):
    """A repeat is a new throw of the dice."""

    killed_by = "rgs.spin.repeat"

    def __init__(self) -> None:
        super().__init__()
        self.throws = itertools.count()

    def outcome(self, session: Session, round_id: str, spin: str, minor: int) -> tuple[Any, int]:
        return super().outcome(session, round_id, f"{spin}{next(self.throws)}", minor)

    def replayed(self, call: Call, body: bytes) -> bytes:
        return body.replace(b'"symbols":[', b'"symbols":[0,')


class KnowsKeysOnly(Broken):
    """A known spin under a new key is played again."""

    killed_by = "rgs.spin.new-key"

    def known(self, spin: Spin, body: dict[str, Any], minor: int) -> Any:
        super().known(spin, body, minor)
        return self.play(spin.session, body, minor)


class AnswersAlteredSpins(Broken):
    """A known spin is answered whatever else is asked."""

    killed_by = "rgs.spin.altered-id"

    def known(self, spin: Spin, body: dict[str, Any], minor: int) -> Any:
        return spin.answer


class KeyForAnything(Broken):
    """What comes under a used key is not looked at."""

    killed_by = "rgs.spin.altered-under-key"

    def fingerprint(self, call: Call) -> str:
        return call.path


class RoundIsAKey(Broken):
    """A round's id is as good a key as any."""

    killed_by = "rgs.spin.round-key"

    def require_key(self, key: str, round_id: str) -> None:
        return


class OneSpinPerRound(Broken):
    """A second spin in a round is refused."""

    killed_by = "rgs.round.life"

    def require_open(self, session: Session, round_id: str) -> None:
        super().require_open(session, round_id)
        if round_id in self.rounds:
            raise Refusal(409, "INVALID_STATE")


class EndedRoundsPlayOn(Broken):
    """Spins are played in a round that has ended."""

    killed_by = "rgs.round.life"

    def require_open(self, session: Session, round_id: str) -> None:
        super().require_open(session, "")


class EndedSessionsPlayOn(Broken):
    """Spins are played in a session that has ended."""

    killed_by = "rgs.session.ended"

    def end_session(self, call: Call) -> Any:
        session = self.session(call, call.parts["session_id"])
        return {**self.shown(session), "status": "ended"}


class ForgetsRounds(Broken):
    """Open rounds are listed nowhere."""

    killed_by = "rgs.round.found-again"

    def list_rounds(self, call: Call) -> Any:
        return {"items": []}


class AnyStake(Broken):
    """Limits are for the client to keep."""

    killed_by = "rgs.stake.limits"

    def require_stake(self, session: Session, body: dict[str, Any], minor: int) -> None:
        super().require_stake(session, body, 100 if minor else 0)


class OffTheStep(Broken):
    """The step of stakes is a recommendation."""

    killed_by = "rgs.stake.limits"

    def require_stake(self, session: Session, body: dict[str, Any], minor: int) -> None:
        super().require_stake(session, body, minor - minor % 50)


class Converts(Broken):
    """Another currency is taken one to one."""

    killed_by = "rgs.stake.currency"

    def require_stake(self, session: Session, body: dict[str, Any], minor: int) -> None:
        stake = {**body["stake"], "currency": session.currency}
        super().require_stake(session, {**body, "stake": stake}, minor)


class RoundsMoney(Broken):
    """More decimals than the currency has are rounded."""

    killed_by = "rgs.stake.bad-amount"

    def scaled(self, amount: Any, currency: str) -> int:
        if isinstance(amount, Decimal) and amount.is_finite():
            amount = round(amount, 2)
        return super().scaled(amount, currency)


class AnyMode(Broken):
    """A mode that the build does not have is played as the base game."""

    killed_by = "rgs.mode.uncertified"

    def require_allowed(self, session: Session, body: dict[str, Any]) -> None:
        super().require_allowed(session, {**body, "mode": "base"})


class WinsAreNotCounted(Broken):
    """A session's sums have the stakes only."""

    killed_by = "rgs.spin.once"

    def count(self, spin: Spin, sign: int) -> None:
        super().count(spin, sign)
        spin.session.won = 0


class ShowsAnotherOutcome(Broken):
    """What is kept of a spin is not what was answered."""

    killed_by = "rgs.spin.read"

    def view(self, spin: Spin) -> dict[str, Any]:
        return {**super().view(spin), "outcome": {**spin.outcome, "symbols": [0, 0, 0, 0, 0]}}


class KeepsNoRecord(Broken):
    """Nothing is noted by which a spin could be played again."""

    killed_by = "rgs.spin.read"

    def record(self, spin: Spin) -> dict[str, Any]:
        return {"seed_fingerprint": "", "nonce": "", "mechanics_version": ""}


class AlwaysTheSame(Broken):
    """The dice are not thrown."""

    killed_by = "rgs.spin.varies"

    def outcome(self, session: Session, round_id: str, spin: str, minor: int) -> tuple[Any, int]:
        return super().outcome(session, "r", "spin", minor)


class ReplaysAnother(Broken):
    """A replay is a new throw of the dice."""

    killed_by = "rgs.replay.same"

    def replay(self, call: Call) -> Any:
        spin = self.found(call)
        outcome, _win = self.outcome(spin.session, spin.round, f"{spin.id}x", spin.minor)
        return {"outcome": outcome, "record": self.record(spin)}


class ReplaysCount(Broken):
    """A replay counts as a spin."""

    killed_by = "rgs.replay.same"

    def replay(self, call: Call) -> Any:
        self.count(self.found(call), 1)
        return super().replay(call)


class OneTxnId(Broken):
    """Contributions of a session share one id."""

    killed_by = "rgs.spin.txns"

    def txn(self, name: str, kind: str, minor: int, currency: str) -> dict[str, Any]:
        return {**super().txn(name, kind, minor, currency), "txn_id": kind}


class NoAwards(Broken):
    """What free spins win is in no transaction."""

    killed_by = "rgs.spin.txns"

    def txns(self, name: str, kind: str, minor: int, win: int, currency: str) -> list[Any]:
        return super().txns(name, kind, minor, 0, currency)


class BuildWithoutHash(Broken):
    """Builds have version numbers instead of hashes."""

    killed_by = "rgs.catalogue"

    def build(self, build: Build) -> dict[str, Any]:
        return {**super().build(build), "build_hash": f"{build.game}-{build.profile}"}
