"""Game servers that keep the rules and look different."""

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.broken.dialects import InARow, Problems
from tests.broken.http import Call, Refusal
from tests.broken.rgs_spins import Session, Spin, build_of
from tests.broken.rgs_variants.variant import Right


class Reference(Right):
    """As the reference has it."""


class ProblemJson(Problems, Right):
    """Refuses as RFC 9457 has it, and calls exclusion by a word of its own."""

    answers: ClassVar[Mapping[str, Any]] = {
        "errors": "problem_json",
        "codes": {"RG_BLOCKED": ["player-excluded"]},
    }

    def word(self, no: Refusal) -> str:
        return super().word(no).replace("rg-blocked", "player-excluded")


class Queued(InARow, Right):
    """One call after the other, slowly; whoever is excluded does not even come in."""

    def is_excluded(self, flags: dict[str, Any], claims: dict[str, Any]) -> bool:
        if super().is_excluded(flags, claims):
            raise Refusal(403, "RG_BLOCKED")
        return False


class KnowsKeysOnly(Right):
    """A known spin under a new key is 409, whatever it says; the launch tells token and build."""

    def known(self, spin: Spin, body: dict[str, Any], minor: int) -> Any:
        raise Refusal(409, "DUPLICATE")

    def launched(self, token: str) -> Any:
        return {"token": token, "geo": "DE", "build_hash": build_of("toy:reels")}


class Terse(Right):
    """Says no more of a session than it has to, and a balance in each answer to a spin."""

    profile: ClassVar[Mapping[str, str]] = {"duplicate_answer": "current_balance"}

    def shown(self, session: Session) -> dict[str, Any]:
        answer = super().shown(session)
        del answer["modes"]
        return answer

    def play(self, session: Session, body: dict[str, Any], minor: int) -> Any:
        answer = super().play(session, body, minor)
        answer["balance"] = self.money(session.balance or 0, session.currency)
        return answer

    def replayed(self, call: Call, body: bytes) -> bytes:
        return body.replace(b'"telemetry_ref":"evt_', b'"telemetry_ref":"again_')
