"""A player has seen a reality check: told to both who may ask for one (PRV-28, WAL-65, RGS-30).

The wallet blocks stakes by its own clock, the studio spins by its own; a client should not have to
know whose of them it was.
"""

from collections.abc import Generator
from typing import Any

from simulator.base.errors import InvalidState
from simulator.play import sessions
from simulator.play.calls import read, refusal
from simulator.play.sessions import Looked
from simulator.store.flow import Decide, Hear, Step
from simulator.wire import play as p
from simulator.wire.messages import Message


class Reminded(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the studio's clock of a session."""

    reminder_id: str | None = None


class AtRgs(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the studio's session."""

    rg: Reminded


def acknowledge(ask: p.AcknowledgeSession) -> Generator[Step, Any, Any]:
    """The session, and who had something to be acknowledged. Raises InvalidState if nobody had."""
    looked: Looked = yield Decide(sessions.look, ask)
    way, session_id = looked.way, ask.session_id
    told: list[p.Party] = []
    target = f"/v1/sessions/{session_id}/acknowledge"
    reply = yield Hear(way.post("wallet", target, f"{looked.key}-acknowledge"))
    if refusal("wallet", reply) is None:
        told.append("wallet")
    reply = yield Hear(way.get("rgs", f"/rgs/v1/sessions/{session_id}"))
    reminder_id = read("rgs", reply, AtRgs).rg.reminder_id
    if reminder_id is not None:
        target = f"/rgs/v1/sessions/{session_id}/acknowledge"
        body = {"reminder_id": reminder_id}
        reply = yield Hear(way.post("rgs", target, f"{looked.key}-reminder", body))
        if refusal("rgs", reply) is None:
            told.append("rgs")
    if not told:
        raise InvalidState(
            f"session {session_id} has no reality check to acknowledge",
            details={"reason": "no_reminder", "session_id": session_id},
        )
    session = yield Decide(sessions.show, ask)
    return p.Acknowledged(session=session, acknowledged=told)
