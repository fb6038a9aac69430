"""Play sessions: what is kept of them, and the decisions of their flows (`entering.py`).

(PRV-20, RGS-01, RGS-06, WAL-64)
"""

from typing import Any

from simulator.base.clock import NS_PER_MS, iso, iso_or_none, parse_iso
from simulator.base.errors import InvalidState
from simulator.play.calls import Way
from simulator.play.rows import PlayRound, PlaySession
from simulator.store.owned import require_mine
from simulator.store.tx import Query, Reads, Tx
from simulator.wire import play as p
from simulator.wire.events import Event
from simulator.wire.messages import Constraints, Message, Money, invalid

TRANSFER = "-transfer"
"""After a session's id: the wallet's round that holds what the session brought."""


class Begun(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A session that is being opened: on whose behalf, under which key, for which operator."""

    way: Way
    key: str
    operator_id: str


class AtWallet(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the platform's answer to a new session."""

    session_id: str
    build_hash: str
    geo: str
    expires_at: str


class Rules(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of a market's rules."""

    warnings: list[str]
    min_spin_interval_ms: int


class AtRgs(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is read of the studio's answer about a session."""

    modes: list[str]
    rules: Rules
    stakes: p.Stakes
    balance: Money | None = None


class Opened(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What platform and studio have said of a new session."""

    ask: p.OpenSession
    way: Way
    wallet: AtWallet
    rgs: AtRgs


class Ending(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A session that is being ended; `session` if it has ended before."""

    way: Way
    model: p.Model
    session_id: str
    player_id: str
    currency: str
    session: p.Session | None = None


class Ended(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A session that is over on both sides, and what it gave back."""

    session_id: str
    taken: Money | None = None


class Looked(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A session that something is done with, and the key of that."""

    way: Way
    key: str
    player_id: str
    model: p.Model
    timing: p.DebitTiming


class Found(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Rounds that wallet or studio hold open."""

    session_id: str
    rounds: list[str]


class Sifted(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The session as it is, its rounds under way, and of what was found what is not ours."""

    session: p.Session
    under_way: list[str]
    strange: list[str]


# Decisions ----------------------------------------------------------------------------------------


def begin(tx: Tx, ask: p.OpenSession) -> Begun:
    """Nothing is written yet: a session has its id from the platform."""
    if (ask.model == "transfer") != (ask.transfer is not None):
        what = "is needed" if ask.model == "transfer" else "goes with model transfer only"
        raise invalid("transfer", what)
    if ask.transfer is not None and ask.transfer.currency != ask.currency:
        raise invalid("transfer", f"is in {ask.transfer.currency}, the session in {ask.currency}")
    if ask.transfer is not None and not ask.transfer.minor:
        raise invalid("transfer", "must be above zero")
    if ask.model == "transfer" and ask.debit_timing != "hold_first":
        raise invalid("debit_timing", "goes with model seamless: a transfer session has the money")
    if ask.model == "transfer" and ask.constraints != Constraints():
        what = (
            "goes with model seamless: the wallet, which keeps to it, sees no spins of the studio"
        )
        raise invalid("constraints", what)
    caller = tx.caller
    return Begun(way=Way.of(caller, ask.game_id), key=tx.mint("ps"), operator_id=caller.brand)


def keep(tx: Tx, opened: Opened) -> p.Session:
    """The session is open on both sides: write it down."""
    ask, wallet, rgs = opened.ask, opened.wallet, opened.rgs
    key = (tx.caller.tenant, wallet.session_id)
    tx.lock(PlaySession, key)
    session = tx.put(
        PlaySession(
            tenant=tx.caller.tenant,
            session_id=key[1],
            brand=tx.caller.brand,
            region=tx.caller.region,
            provider=opened.way.provider,
            player_id=ask.player_id,
            game_id=ask.game_id,
            build_hash=wallet.build_hash,
            geo=wallet.geo,
            currency=ask.currency,
            model=ask.model,
            timing=ask.debit_timing,
            modes=" ".join(rgs.modes),
            warnings=" ".join(rgs.rules.warnings),
            stake_min=rgs.stakes.min.minor,
            stake_max=rgs.stakes.max.minor,
            stake_step=rgs.stakes.step.minor,
            interval_ns=rgs.rules.min_spin_interval_ms * NS_PER_MS,
            opened_op=tx.position,
            opened_ns=tx.now_ns,
            expires_ns=parse_iso(wallet.expires_at),
            brought=None if ask.transfer is None else ask.transfer.minor,
        )
    )
    payload = p.SessionOpened(ask.game_id, ask.model, session.timing)
    _tell(tx, session, "play.session.opened", payload)
    return view(session)


def begin_end(tx: Tx, ask: p.EndSession) -> Ending:
    """From here on no round is opened. One that is being ended may be asked for again: the calls
    are the same, under the same keys. Raises InvalidState while a round is under way."""
    session = require(tx, ask.session_id)
    session = tx.lock(PlaySession, (session.tenant, session.session_id)) or session
    if session.open_rounds:
        raise InvalidState(
            f"session {session.session_id} has {session.open_rounds} round(s) under way",
            details={"reason": "open_rounds", "open_rounds": session.open_rounds},
        )
    if session.status == "open":
        tx.put(session.but(status="ending"))
    return Ending(
        way=_way(tx, session),
        model=session.model,
        session_id=session.session_id,
        player_id=session.player_id,
        currency=session.currency,
        session=view(session) if session.status == "ended" else None,
    )


def keep_end(tx: Tx, ended: Ended) -> p.Session:
    """The session is over on both sides: write it down."""
    session = tx.lock(PlaySession, (tx.caller.tenant, ended.session_id))
    if session is None:
        raise RuntimeError(f"session {ended.session_id} is not there")
    if session.status == "ended":
        return view(session)
    session = tx.put(
        session.but(
            status="ended",
            taken=None if ended.taken is None else ended.taken.minor,
            ended_op=tx.position,
            ended_ns=tx.now_ns,
        )
    )
    staked, won = (Money.of(minor, session.currency) for minor in (session.staked, session.won))
    payload = p.SessionEnded(session.game_id, session.rounds, staked, won)
    _tell(tx, session, "play.session.ended", payload)
    return view(session)


def look(tx: Tx, ask: p.SessionRef) -> Looked:
    """On whose behalf something is done with a session. Raises InvalidState if it is over."""
    session = require(tx, ask.session_id)
    if session.status == "ended":
        raise ended(session)
    return Looked(
        way=_way(tx, session),
        key=tx.mint("pl"),
        player_id=session.player_id,
        model=session.model,
        timing=session.timing,
    )


def show(tx: Tx, ask: p.SessionRef) -> p.Session:
    """A session as it is now."""
    return view(require(tx, ask.session_id))


def sift(tx: Tx, found: Found) -> Sifted:
    """Which rounds are none of ours. Every round of ours was written down before anything of it
    was begun, so what was found elsewhere and is not here now has nobody to drive it."""
    session = require(tx, found.session_id)
    where = (
        ("tenant", "=", session.tenant),
        ("session_id", "=", session.session_id),
        ("status", "=", "open"),
    )
    rounds = tx.page(Query(PlayRound, where), None, session.open_rounds + 1)
    return Sifted(
        session=view(session),
        under_way=[row.round_id for row in rounds if isinstance(row, PlayRound)],
        strange=[one for one in found.rounds if tx.get(PlayRound, (session.tenant, one)) is None],
    )


def read_session(tx: Reads, ask: p.SessionRef) -> p.Session:
    """One session."""
    return view(require(tx, ask.session_id))


# Rows ---------------------------------------------------------------------------------------------


def require(tx: Reads, session_id: str) -> PlaySession:
    """The caller's session, in whatever state. Raises NotFound."""
    return require_mine(
        tx, tx.get(PlaySession, (tx.caller.tenant, session_id)), "session", session_id
    )


def ended(session: PlaySession) -> InvalidState:
    """The refusal of anything that comes after a session's end."""
    return InvalidState(
        f"session {session.session_id} is over",
        details={"reason": "session_ended", "session_id": session.session_id},
    )


def view(session: PlaySession) -> p.Session:
    """A session as the game client sees it."""

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money.of(minor, session.currency)

    low, high, step = map(money, (session.stake_min, session.stake_max, session.stake_step))
    return p.Session(
        session_id=session.session_id,
        player_id=session.player_id,
        game_id=session.game_id,
        build_hash=session.build_hash,
        geo=session.geo,
        currency=session.currency,
        model=session.model,
        debit_timing=session.timing if session.model == "seamless" else None,
        status=session.status,
        modes=session.modes.split(),
        warnings=session.warnings.split(),
        stakes=p.Stakes(min=low, max=high, step=step) if low and high and step else None,
        rounds=session.rounds,
        open_rounds=session.open_rounds,
        staked=Money.of(session.staked, session.currency),
        won=Money.of(session.won, session.currency),
        opened_at=iso(session.opened_ns),
        expires_at=iso(session.expires_ns),
        ended_at=iso_or_none(session.ended_ns),
        transferred_in=money(session.brought),
        transferred_out=money(session.taken),
    )


def _way(tx: Reads, session: PlaySession) -> Way:
    caller = tx.caller
    return Way(
        brand=session.brand,
        region=session.region,
        provider=session.provider,
        trace_id=caller.trace_id,
    )


def _tell(tx: Tx, session: PlaySession, topic: str, payload: Any) -> None:
    tx.emit(
        Event(
            topic=topic,
            payload=payload,
            player_id=session.player_id,
            session_id=session.session_id,
            build_hash=session.build_hash,
        )
    )
