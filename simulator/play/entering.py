"""Sessions between platform and studio: opened on both sides or on none, ended on both.

Each is a generator of decisions and calls (`store/flow.py`). In the transfer model the money goes
along as one stake that stays open for the whole session, and what is left of it comes back as its
win (RGS-06).
"""

from collections.abc import Generator
from typing import Any
from urllib.parse import quote, urlencode

from simulator.base.errors import BuildNotCertified
from simulator.play import sessions
from simulator.play.calls import Said, Way, read, refusal
from simulator.play.sessions import TRANSFER, AtRgs, AtWallet, Begun, Ended, Ending, Opened
from simulator.store.flow import Decide, Hear, Step
from simulator.wire import play as p
from simulator.wire.calls import Reply
from simulator.wire.messages import Message, Money

Steps = Generator[Step, Any, Any]


class Known(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the platform's answer about a player."""

    country: str


class Build(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a build."""

    build_hash: str
    active: bool


class Builds(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The builds of a game in a country."""

    items: list[Build]


class Launched(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The player's token, signed by the platform for this session (RGS-02)."""

    player_token: str


class Transferred(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the studio's answer to a transfer."""

    amount: Money


# Open ---------------------------------------------------------------------------------------------


def open_session(ask: p.OpenSession) -> Steps:
    """The studio says which build it plays where the player is, the platform whether that one is
    certified there (RGS-22), and names the session; then the studio lets its token in."""
    begun: Begun = yield Decide(sessions.begin, ask)
    way, key = begun.way, begun.key
    geo = ask.geo
    if geo is None:
        reply = yield Hear(way.get("wallet", f"/v1/players/{quote(ask.player_id, safe='')}"))
        geo = read("wallet", reply, Known).country
    query = urlencode({"game_id": ask.game_id, "country": geo})
    reply = yield Hear(way.get("rgs", f"/rgs/v1/builds?{query}"))
    body = {
        "player_id": ask.player_id,
        "game_id": ask.game_id,
        "currency": ask.currency,
        "locale": ask.locale,
        "constraints": ask.constraints,
        "geo": geo,
        "build_hash": _active(read("rgs", reply, Builds), ask.game_id, geo),
    }
    reply = yield Hear(way.post("wallet", "/v1/sessions", f"{key}-session", body))
    wallet = read("wallet", reply, AtWallet)
    session_id = wallet.session_id
    target = f"/v1/sessions/{session_id}/launch"
    reply = yield Hear(way.post("wallet", target, f"{key}-launch"))
    said = refusal("wallet", reply)
    if said is None:
        entry = _entry(begun, ask, wallet, read("wallet", reply, Launched).player_token)
        reply = yield Hear(way.post("rgs", "/rgs/v1/sessions", f"{key}-rgs", entry))
        said = refusal("rgs", reply)
    if said is None and ask.transfer is not None:
        said = yield from _bring(way, session_id, ask.player_id, ask.game_id, ask.transfer)
        if said is not None:
            target = f"/rgs/v1/sessions/{session_id}/end"
            yield Hear(way.post("rgs", target, f"{session_id}-end"))
    if said is not None:
        target = f"/v1/sessions/{session_id}/end"
        yield Hear(way.post("wallet", target, f"{session_id}-end"))
        raise said.problem()
    rgs = read("rgs", reply, AtRgs)
    return (yield Decide(sessions.keep, Opened(ask=ask, way=way, wallet=wallet, rgs=rgs)))


def _active(builds: Builds, game_id: str, geo: str) -> str:
    """The build that new sessions play. Raises BuildNotCertified where there is none."""
    for build in builds.items:
        if build.active:
            return build.build_hash
    raise BuildNotCertified(
        f"{game_id} is not played in {geo}",
        details={"game_id": game_id, "country": geo, "by": "rgs"},
    )


def _entry(begun: Begun, ask: p.OpenSession, wallet: AtWallet, jwt: str) -> dict[str, Any]:
    return {
        "session_id": wallet.session_id,
        "operator_id": begun.operator_id,
        "player_id": ask.player_id,
        "game_id": ask.game_id,
        "build_hash": wallet.build_hash,
        "jwt": jwt,
        "geo": wallet.geo,
        "currency": ask.currency,
        "wallet": ask.model,
        "displayed": ask.displayed,
    }


def _bring(
    way: Way, session_id: str, player_id: str, game_id: str, amount: Money
) -> Generator[Step, Any, Said | None]:
    """Take the money from the wallet and hand it to the studio; where the studio does not take it,
    the wallet gets it back. Who refused, if somebody did."""
    debit = {
        "transaction_id": f"{session_id}-in",
        "player_id": player_id,
        "round_id": f"{session_id}{TRANSFER}",
        "game_id": game_id,
        "amount": amount,
    }
    reply = yield Hear(way.post("wallet", "/v1/wallet/debit", f"{session_id}-debit", debit))
    said = refusal("wallet", reply)
    if said is not None:
        return said
    target = f"/rgs/v1/sessions/{session_id}/transfer-in"
    body = {"transfer_id": f"{session_id}-in", "amount": amount}
    reply = yield Hear(way.post("rgs", target, f"{session_id}-in", body))
    said = refusal("rgs", reply)
    if said is not None:
        back = {
            "transaction_id": f"{session_id}-back",
            "original_transaction_id": f"{session_id}-in",
            "player_id": player_id,
            "round_id": f"{session_id}{TRANSFER}",
        }
        yield Hear(way.post("wallet", "/v1/wallet/rollback", f"{session_id}-back", back))
        yield from _close(way, session_id, "cancelled")
    return said


# End ----------------------------------------------------------------------------------------------


def end_session(ask: p.EndSession) -> Steps:
    """At the studio first, so that nothing is played any more; then what is left comes back, and
    the platform's session ends."""
    ending: Ending = yield Decide(sessions.begin_end, ask)
    if ending.session is not None:
        return ending.session
    way, session_id = ending.way, ending.session_id
    target = f"/rgs/v1/sessions/{session_id}/end"
    reply = yield Hear(way.post("rgs", target, f"{session_id}-end"))
    taken: Money | None = None
    if ending.model == "transfer":
        taken = yield from _take_back(ending, reply)
    target = f"/v1/sessions/{session_id}/end"
    yield Hear(way.post("wallet", target, f"{session_id}-end"))
    return (yield Decide(sessions.keep_end, Ended(session_id=session_id, taken=taken)))


def _take_back(ending: Ending, reply: Reply) -> Generator[Step, Any, Money]:
    """All that the studio has left of what was brought, nothing included."""
    way, session_id = ending.way, ending.session_id
    left = read("rgs", reply, AtRgs).balance
    amount = Money.of(0, ending.currency)
    if left is not None and left.minor:
        target = f"/rgs/v1/sessions/{session_id}/transfer-out"
        body = {"transfer_id": f"{session_id}-out"}
        reply = yield Hear(way.post("rgs", target, f"{session_id}-out", body))
        amount = read("rgs", reply, Transferred).amount
    credit = {
        "transaction_id": f"{session_id}-out",
        "debit_transaction_id": f"{session_id}-in",
        "player_id": ending.player_id,
        "round_id": f"{session_id}{TRANSFER}",
        "amount": amount,
        "reason": "win",
    }
    reply = yield Hear(way.post("wallet", "/v1/wallet/credit", f"{session_id}-credit", credit))
    said = refusal("wallet", reply)
    if said is not None:
        raise said.problem()
    yield from _close(way, session_id, "completed")
    return amount


def _close(way: Way, session_id: str, outcome: str) -> Generator[Step, Any, None]:
    target = f"/v1/rounds/{session_id}{TRANSFER}/close"
    yield Hear(way.post("wallet", target, f"{session_id}-close", {"outcome": outcome}))
