"""Sessions: opened by a token that the platform signed, ended by a call or by time.

(RGS-01, RGS-02, RGS-21, RGS-22, RGS-33)
"""

import hashlib

import msgspec

from simulator.base.clock import NS_PER_MS, NS_PER_S, iso, iso_or_none
from simulator.base.currencies import SCALES
from simulator.base.errors import (
    AuthFailed,
    BuildNotCertified,
    Duplicate,
    InvalidState,
    NotFound,
)
from simulator.rgs import players, practice
from simulator.rgs.builds import MarketBuild
from simulator.rgs.rows import ActiveBuild, GamePlayer, GameSession, PlayerToken
from simulator.rgs.studio import Studio
from simulator.rgs.tell import SessionTold, tell
from simulator.store.owned import mine, require_mine
from simulator.store.tx import Again, Reads, Tx
from simulator.wire import json
from simulator.wire import rgs as m
from simulator.wire.messages import Money, invalid

SESSION_TTL_NS = 3_600 * NS_PER_S
"""An hour, as the platform's own sessions."""

NS_PER_MIN = 60 * NS_PER_S


def create_session(tx: Tx, ask: m.CreateSession, *, studio: Studio) -> m.Session | Again:
    """Let a player in, once for each token (RGS-01, RGS-02).

    Raises AuthFailed for a token that is not good for this, NotFound for an unknown game or another
    brand's player, BuildNotCertified for a build that is not the country's active one.
    """
    player = players.lock(tx, ask.player_id)
    known = tx.get(GameSession, (tx.caller.tenant, ask.session_id))
    if known is not None:
        return _known(tx, known, ask)
    claims = _claims(tx, ask, studio)
    build = _certified(tx, ask, studio)
    if ask.currency not in SCALES:
        raise invalid("currency", "is no ISO 4217 code of /v1/currencies")
    flags = (ask.rg_flags, claims.rg_flags)
    limits = [flag.time_limit_min for flag in flags if flag.time_limit_min is not None]
    if player is None or any(flag.self_excluded for flag in flags):
        player = _player(tx, ask.player_id, player, any(flag.self_excluded for flag in flags))
    every = build.market.reminder_min
    every_ns = None if every is None else every * NS_PER_MIN
    session = tx.put(
        GameSession(
            tenant=tx.caller.tenant,
            session_id=ask.session_id,
            brand=tx.caller.brand,
            region=tx.caller.region,
            operator_id=ask.operator_id,
            player_id=ask.player_id,
            game_id=ask.game_id,
            build_hash=build.build_hash,
            geo=ask.geo,
            currency=ask.currency,
            wallet=ask.wallet,
            market=build.market_name,
            rtp_profile=build.profile,
            terms=json.encode(_terms(build, ask.currency)),
            time_limit_min=min(limits, default=None),
            reminder_every_ns=every_ns,
            token_hash=_hash(ask.jwt),
            op=tx.position,
            created_ns=tx.now_ns,
            expires_ns=tx.now_ns + SESSION_TTL_NS,
            displayed=_joined("", ask.displayed),
            balance=0 if ask.wallet == "transfer" else None,
            reminder_ns=None if every_ns is None else tx.now_ns + every_ns,
        )
    )
    tx.put(PlayerToken(tenant=tx.caller.tenant, jti=claims.jti, session_id=ask.session_id))
    tell(tx, session, "rgs.session.started", _told(session))
    return view(tx, session, player)


def read_session(tx: Reads, ask: m.SessionRef) -> m.Session:
    """One session."""
    return show(tx, require(tx, ask.session_id))


def end_session(tx: Tx, ask: m.EndSession) -> m.Session:
    """End a session; one that has ended is answered as it is. What it keeps can be taken out still
    (RGS-06)."""
    session = require(tx, ask.session_id)
    tx.lock(GamePlayer, (session.tenant, session.player_id))
    if session.ended_ns is None:
        session = tx.put(session.but(ended_ns=tx.now_ns))
        tell(tx, session, "rgs.session.ended", _told(session))
    return show(tx, session)


def report_displayed(tx: Tx, ask: m.ReportDisplayed) -> m.Session:
    """The client has shown these warnings and age labels too (RGS-33)."""
    session = require(tx, ask.session_id)
    tx.lock(GamePlayer, (session.tenant, session.player_id))
    session = tx.put(session.but(displayed=_joined(session.displayed, ask.displayed)))
    return show(tx, session)


def require(tx: Reads, session_id: str) -> GameSession:
    """The caller's session, in whatever state. Raises NotFound."""
    return require_mine(
        tx, tx.get(GameSession, (tx.caller.tenant, session_id)), "session", session_id
    )


def require_open(tx: Reads, session: GameSession) -> None:
    """Raises InvalidState for a session that has ended or expired."""
    status = _status(session, tx.now_ns)
    if status != "open":
        raise InvalidState(
            f"session {session.session_id} has {status}",
            details={"reason": f"session_{status}", "session_id": session.session_id},
        )


def build_of(session: GameSession, studio: Studio) -> MarketBuild:
    """The build that a session plays, whatever was switched since (RGS-10). Raises
    BuildNotCertified where this release has it no more."""
    build = studio.builds.by_hash.get(session.build_hash)
    if build is None:
        raise BuildNotCertified(
            f"{session.build_hash} is no build of this release; open a new session",
            details={"game_id": session.game_id, "country": session.geo},
        )
    return build


def active_build(tx: Reads, studio: Studio, game_id: str, market: str) -> MarketBuild | None:
    """What new sessions of a market play: the first certified build, or what was switched to."""
    switched = tx.get(ActiveBuild, (tx.caller.tenant, game_id, market))
    build = None if switched is None else studio.builds.by_hash.get(switched.build_hash)
    return build or studio.builds.first.get((game_id, market))


def time_ms(session: GameSession, now_ns: int) -> int:
    """How long a session has been going on (RGS-30)."""
    return ((session.ended_ns or now_ns) - session.created_ns) // NS_PER_MS


def reminder_id(session: GameSession) -> str | None:
    """The reminder that comes next, or waits."""
    if session.reminder_ns is None:
        return None
    return f"{session.session_id}/{session.reminder}"


def show(tx: Reads, session: GameSession) -> m.Session:
    """A session as it is now."""
    return view(tx, session, tx.get(GamePlayer, (session.tenant, session.player_id)))


def view(tx: Reads, session: GameSession, player: GamePlayer | None) -> m.Session:
    """A session as the platform sees it."""
    terms = msgspec.convert(json.decode(session.terms), m.SessionTerms)
    currency = session.currency
    return m.Session(
        session_id=session.session_id,
        operator_id=session.operator_id,
        player_id=session.player_id,
        game_id=session.game_id,
        build_hash=session.build_hash,
        market=session.market,
        rtp_profile=session.rtp_profile,
        geo=session.geo,
        currency=currency,
        wallet=session.wallet,
        status=_status(session, tx.now_ns),
        modes=terms.modes,
        rules=terms.rules,
        stakes=terms.stakes,
        rg=m.SessionRg(
            self_excluded=bool(player and player.excluded),
            session_time_ms=time_ms(session, tx.now_ns),
            time_limit_min=session.time_limit_min,
            reminder_id=reminder_id(session),
            reminder_due_at=iso_or_none(session.reminder_ns),
        ),
        displayed=session.displayed.split(),
        spins=session.spins,
        staked=Money.of(session.staked, currency),
        won=Money.of(session.won, currency),
        created_at=iso(session.created_ns),
        expires_at=iso(session.expires_ns),
        balance=None if session.balance is None else Money.of(session.balance, currency),
        ended_at=iso_or_none(session.ended_ns),
    )


def _terms(build: MarketBuild, currency: str) -> m.SessionTerms:
    """What a build allows in a currency (RGS-21, RGS-23)."""
    limits = build.limits("base", currency)
    return m.SessionTerms(
        modes=list(build.modes),
        rules=build.market.rules,
        stakes=m.Stakes(
            min=Money.of(limits.min_minor, currency),
            max=Money.of(limits.max_minor, currency),
            step=Money.of(limits.step_minor, currency),
        ),
    )


def _known(tx: Tx, session: GameSession, ask: m.CreateSession) -> Again:
    """A session id that came before: the same again, or refused (RGS-02)."""
    same = (
        session.token_hash,
        session.operator_id,
        session.player_id,
        session.game_id,
        session.build_hash,
        session.geo,
        session.currency,
        session.wallet,
    ) == (
        _hash(ask.jwt),
        ask.operator_id,
        ask.player_id,
        ask.game_id,
        ask.build_hash,
        ask.geo,
        ask.currency,
        ask.wallet,
    )
    if mine(tx, session) is None or not same:
        raise Duplicate(
            f"session {ask.session_id} was opened with another token or other parameters",
            details={"session_id": ask.session_id},
        )
    return Again(session.op)


def _claims(tx: Reads, ask: m.CreateSession, studio: Studio) -> m.PlayerClaims:
    """What the token says, where it speaks of this player here and was not used (RGS-02)."""
    claims = studio.tokens.read_player(ask.jwt, tx.now_ns)
    brand = tx.caller.brand
    for name, said, asked in (
        ("sub", claims.sub, ask.player_id),
        ("geo", claims.geo, ask.geo),
        ("brand_id", claims.brand_id or brand, brand),
    ):
        if said != asked:
            raise AuthFailed(
                f"the player's token is for {name} {said[:80]}, not {asked}",
                details={"reason": name},
            )
    used = tx.get(PlayerToken, (tx.caller.tenant, claims.jti))
    if used is not None:
        raise AuthFailed("this token opened another session", details={"reason": "jti"})
    return claims


def _certified(tx: Reads, ask: m.CreateSession, studio: Studio) -> MarketBuild:
    """The wanted build, if it is the one to be played in this country (RGS-20, RGS-22)."""
    if ask.game_id not in studio.builds.games:
        raise NotFound(f"there is no game {ask.game_id}", details={"game_id": ask.game_id})
    market = studio.builds.market_of(ask.geo)
    active = None if market is None else active_build(tx, studio, ask.game_id, market)
    if active is None or active.build_hash != ask.build_hash:
        raise BuildNotCertified(
            f"{ask.build_hash} is not the build of {ask.game_id} that is certified for {ask.geo}"
            + ("" if active is None else f"; that is {active.build_hash}"),
            details={"game_id": ask.game_id, "country": ask.geo},
        )
    return active


def _player(tx: Tx, player_id: str, player: GamePlayer | None, excluded: bool) -> GamePlayer:
    """The player's state; an exclusion stays until the platform takes it back (RGS-31)."""
    if player is not None:
        return tx.put(player.but(excluded=int(excluded), changed_ns=tx.now_ns))
    caller = tx.caller
    return tx.put(
        GamePlayer(
            tenant=caller.tenant,
            player_id=player_id,
            brand=caller.brand,
            region=caller.region,
            excluded=int(excluded),
            changed_ns=tx.now_ns,
        )
    )


def _status(session: GameSession, now_ns: int) -> m.SessionStatus:
    if session.ended_ns is not None:
        return "ended"
    if practice.session_expires(session) or now_ns >= session.expires_ns:
        return "expired"
    return "open"


def _told(session: GameSession) -> SessionTold:
    return SessionTold(
        game_id=session.game_id,
        operator_id=session.operator_id,
        geo=session.geo,
        currency=session.currency,
    )


def _joined(before: str, more: list[str]) -> str:
    return " ".join(dict.fromkeys([*before.split(), *more]))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
