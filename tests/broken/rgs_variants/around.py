"""Wrong about what is beside a spin: voids, grants, transfers, items, the protocol, who calls."""

from typing import Any

from tests.broken.http import Call, Refusal, encode
from tests.broken.rgs_spins import Grant, Round, Session, Spin
from tests.broken.rgs_variants.variant import Broken


class VoidsTwice(Broken):
    """A void spin that is made void again is given back again."""

    killed_by = "rgs.void.once"

    def void(self, call: Call) -> Any:
        spin = self.found(call)
        if spin.status == "void":
            self.count(spin, -1)
            return self.view(spin)
        return super().void(call)


class KeepsContributions(Broken):
    """The jackpot keeps what a void spin has given."""

    killed_by = "rgs.void.once"

    def undo(self, spin: Spin) -> None:
        txns = list(spin.txns)
        super().undo(spin)
        spin.txns = txns


class UnknownVoidIs500(Broken):
    """What it does not know it cannot undo, and falls over."""

    killed_by = "rgs.void.unknown"

    def void(self, call: Call) -> Any:
        if call.parts["spin_id"] not in self.spins:
            raise Refusal(500, "INTERNAL")
        return super().void(call)


class EndlessFreeSpins(Broken):
    """A grant is never used up."""

    killed_by = "rgs.free-spins.once"

    def consume(self, session: Session, body: dict[str, Any]) -> None:
        super().consume(session, body)
        self.grants[body["grant_id"]].left += 1


class FreeSpinsOfAnySize(Broken):
    """A grant of small spins is played at the largest stake."""

    killed_by = "rgs.free-spins.bound"

    def consume(self, session: Session, body: dict[str, Any]) -> None:
        grant = self.grants.get(body.get("grant_id", ""))
        size = body["stake"] if grant is None else grant.body["bet_size"]
        super().consume(session, {**body, "stake": size})


class AnybodysFreeSpins(Broken):
    """Whoever knows a grant plays it."""

    killed_by = "rgs.free-spins.bound"

    def consume(self, session: Session, body: dict[str, Any]) -> None:
        grant = self.grants.get(body.get("grant_id", ""))
        player = session.body["player_id"]
        if grant is not None:
            session.body["player_id"] = grant.body["player_id"]
        try:
            super().consume(session, body)
        finally:
            session.body["player_id"] = player


class ChargesFreeSpins(Broken):
    """A free spin is taken from what the session keeps."""

    killed_by = "rgs.free-spins.unpaid"

    def count(self, spin: Spin, sign: int) -> None:
        super().count(spin, sign)
        if spin.kind == "free" and spin.session.balance is not None:
            spin.session.balance -= sign * spin.minor


class RoundOfTheLastSpin(Broken):
    """A round's stake is that of its last spin."""

    killed_by = "rgs.round.life"

    def round_stakes(self, found: Round) -> int:
        return found.spins[-1].minor if found.spins else 0


class GrantsAddUp(Broken):
    """A grant under a new key gives the spins again."""

    killed_by = "rgs.free-spins.repeat"

    def give(self, call: Call) -> Any:
        known = self.grants.get(call.body["grant_id"])
        if known is not None and known.body == call.body:
            known.left += int(call.body["count"])
        return super().give(call)


class GrantsAnything(Broken):
    """A known grant with another count is taken for the known one."""

    killed_by = "rgs.free-spins.repeat"

    def give(self, call: Call) -> Any:
        known: Grant | None = self.grants.get(call.body["grant_id"])
        return super().give(call) if known is None else self.shown_grant(known)


class LosesWins(Broken):
    """A session that keeps its money keeps no wins."""

    killed_by = "rgs.transfer.conserves"

    def count(self, spin: Spin, sign: int) -> None:
        super().count(spin, sign)
        if spin.session.balance is not None and spin.kind == "cash":
            spin.session.balance -= sign * spin.win


class TransfersByKeyOnly(Broken):
    """A known transfer under a new key moves the money again."""

    killed_by = "rgs.transfer.repeat"

    def same_transfer(self, known: tuple[Any, Any], asked: Any) -> Any:
        answer = super().same_transfer(known, asked)
        session, sign, minor = asked
        self.sessions[session].balance = (self.sessions[session].balance or 0) + sign * minor
        return answer


class PaysOutMore(Broken):
    """More is taken out than there is."""

    killed_by = "rgs.transfer.limits"

    def require_balance(self, session: Session, by: int) -> None:
        return


class AllOrNothing(Broken):
    """One wrong item refuses the batch."""

    killed_by = "rgs.events.batch-items"

    def batch(self, call: Call) -> Any:
        found = super().batch(call)
        if any(one["status"] == "refused" for one in found["results"]):
            raise Refusal(400, "VALIDATION_FAILED")
        return found


class CountsTwice(Broken):
    """A repeated item is a new one."""

    killed_by = "rgs.events.batch-repeat"

    def report(self, item: Any) -> str:
        super().report(item)
        return "accepted"


class LostEvent(Broken):
    """Of a void spin nothing is told."""

    killed_by = "rgs.events.once"

    def tell(self, topic: str, spin: Spin) -> None:
        if topic != "spin_voided":
            super().tell(topic, spin)


class EventWithoutBuild(Broken):
    """Events do not say which build was played."""

    killed_by = "rgs.events.once"

    def tell(self, topic: str, spin: Spin) -> None:
        super().tell(topic, spin)
        del self.feed[-1]["payload"]["build_hash"]


class AnyAccept(Broken):
    """Whatever is asked for, JSON comes."""

    killed_by = "rgs.protocol.accept"

    def require_version(self, call: Call) -> None:
        return


class FallsOver(Broken):
    """What it does not expect is a 500."""

    killed_by = "rgs.protocol.bad-body"

    def refusal(self, call: Call, no: Refusal) -> tuple[int, bytes]:
        if no.code == "VALIDATION_FAILED" and str(no) in ("not JSON", "not an object"):
            no = Refusal(500, "INTERNAL")
        return super().refusal(call, no)


class BareRefusals(Broken):
    """A refusal says its code and nothing more."""

    killed_by = "rgs.protocol.error-model"

    def refusal(self, call: Call, no: Refusal) -> tuple[int, bytes]:
        return no.status, encode({"code": no.code})


class OpenToAll(Broken):
    """Who says nothing of themselves is the platform."""

    killed_by = "rgs.security.no-proof"

    def who(self, call: Call) -> str:
        if "authorization" not in call.headers and "x-signature" not in call.headers:
            return "platform-demo"
        return super().who(call)


class SignsParsedJson(Broken):
    """The signature is checked over what was understood."""

    killed_by = "rgs.security.signature"

    def signed_part(self, call: Call) -> bytes:
        return call.raw.strip()


class StaleNonce(Broken):
    """A nonce is good for ever."""

    killed_by = "rgs.security.replay"

    def use_nonce(self, nonce: str) -> None:
        return


class TenantsAreOne(Broken):
    """Another tenant's session is served."""

    killed_by = "rgs.security.foreign-tenant"

    def mine(self, call: Call, session: Session) -> bool:
        return True
