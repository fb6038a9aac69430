"""Free spins and tournaments: what a spin of theirs needs, and where it counts (RGS-40, RGS-41)."""

from collections.abc import Iterator

from simulator.base.clock import iso, iso_or_none, parse_iso
from simulator.base.currencies import SCALES
from simulator.base.errors import (
    BuildNotCertified,
    Duplicate,
    InvalidState,
    LimitExceeded,
    NotFound,
    RgBlocked,
)
from simulator.base.money import from_minor
from simulator.rgs import players, sessions
from simulator.rgs.builds import MarketBuild
from simulator.rgs.rows import (
    Entry,
    FreeSpins,
    GameSession,
    SpinRow,
    TournamentRow,
)
from simulator.rgs.studio import Studio
from simulator.rgs.tell import FreeSpinsGranted, TournamentOpened
from simulator.store.owned import require_mine
from simulator.store.tx import Again, Query, Reads, Tx
from simulator.wire import rgs as m
from simulator.wire import studio as s
from simulator.wire.events import Event
from simulator.wire.messages import Money, invalid


def build_for(tx: Reads, session: GameSession, ask: m.Spin, studio: Studio) -> MarketBuild:
    """The build that a spin is played on: the session's, or that of the profile which its grant
    names. Raises BuildNotCertified."""
    build = sessions.build_of(session, studio)
    grant = _grant_of(tx, session, ask)
    if grant is None or grant.rtp_profile is None:
        return build
    return studio.builds.with_profile(build, grant.rtp_profile)


def require(tx: Reads, session: GameSession, ask: m.Spin) -> None:
    """Raises InvalidState for a grant without a spin left or out of time, or a tournament that does
    not run; LimitExceeded for another stake than the grant's."""
    grant = _grant_of(tx, session, ask)
    if grant is not None:
        status = _grant_status(grant, tx.now_ns)
        if status != "active":
            raise InvalidState(
                f"grant {grant.grant_id} is {status.replace('_', ' ')}",
                details={"reason": f"grant_{status}", "grant_id": grant.grant_id},
            )
        if (ask.stake.minor, ask.stake.currency) != (grant.bet_size, grant.currency):
            size = Money.of(grant.bet_size, grant.currency)
            raise LimitExceeded(
                f"a free spin of grant {grant.grant_id} is played at {size.amount} {size.currency}",
                details={"limit": "bet_size", "value": size},
            )
    if ask.tournament_id is not None:
        _require_running(tx, require_tournament(tx, ask.tournament_id), session)


def count(tx: Tx, session: GameSession, ask: m.Spin, win_minor: int) -> None:
    """Consume the free spin; add to the player's place (RGS-40, RGS-41)."""
    grant = _grant_of(tx, session, ask)
    if grant is not None:
        tx.put(grant.but(consumed=grant.consumed + 1, won=grant.won + win_minor))
    if ask.tournament_id is not None:
        _enter(tx, ask.tournament_id, session.player_id, 1, ask.stake.minor, win_minor)


def uncount(tx: Tx, spin: SpinRow) -> None:
    """The same for a spin that is void."""
    if spin.grant_id is not None:
        grant = _require_grant(tx, spin.grant_id)
        tx.put(grant.but(consumed=grant.consumed - 1, won=grant.won - spin.win))
    if spin.tournament_id is not None:
        _enter(tx, spin.tournament_id, spin.player_id, -1, -spin.stake, -spin.win)


# Free spins ---------------------------------------------------------------------------------------


def grant_free_spins(
    tx: Tx, ask: s.GrantFreeSpins, *, studio: Studio
) -> s.Grant | Again | RgBlocked:
    """Give a player so many spins of this size (RGS-40). Nothing new for a self-excluded one."""
    caller = tx.caller
    player = players.lock(tx, ask.player_id)
    size_minor, currency = ask.bet_size.minor, ask.bet_size.currency
    expires_ns = _time("expires_at", ask.expires_at)
    known = tx.get(FreeSpins, (caller.tenant, ask.grant_id))
    if known is not None:
        same = (known.player_id, known.game_id, known.granted, known.bet_size, known.currency)
        terms = (known.rtp_profile, known.expires_ns)
        if same != (ask.player_id, ask.game_id, ask.count, size_minor, currency) or terms != (
            ask.rtp_profile,
            expires_ns,
        ):
            raise Duplicate(
                f"grant {ask.grant_id} was given on other terms", details={"grant_id": ask.grant_id}
            )
        return Again(known.op)
    game = studio.builds.games.get(ask.game_id)
    if game is None:
        raise NotFound(f"there is no game {ask.game_id}", details={"game_id": ask.game_id})
    if ask.rtp_profile is not None and ask.rtp_profile not in game.profiles:
        raise BuildNotCertified(
            f"{ask.game_id} has no profile {ask.rtp_profile}",
            details={"game_id": ask.game_id, "rtp_profile": ask.rtp_profile},
        )
    if not game.limits("base").allows(size_minor):
        raise LimitExceeded(
            f"{ask.bet_size.amount} {currency} is no stake of {ask.game_id}",
            details={"limit": "bet_size"},
        )
    if expires_ns is not None and expires_ns <= tx.now_ns:
        raise invalid("expires_at", "lies behind")
    if player is not None and player.excluded:
        return RgBlocked(
            f"player {ask.player_id} is self-excluded; nothing is granted",
            details={"reason": "self_excluded"},
        )
    grant = tx.put(
        FreeSpins(
            tenant=caller.tenant,
            grant_id=ask.grant_id,
            brand=caller.brand,
            region=caller.region,
            player_id=ask.player_id,
            game_id=ask.game_id,
            granted=ask.count,
            bet_size=size_minor,
            currency=currency,
            rtp_profile=ask.rtp_profile,
            granted_ns=tx.now_ns,
            expires_ns=expires_ns,
            op=tx.position,
        )
    )
    payload = FreeSpinsGranted(
        grant_id=grant.grant_id,
        game_id=grant.game_id,
        count=grant.granted,
        bet_size=from_minor(size_minor, currency),
        currency=currency,
        rtp_profile=grant.rtp_profile,
    )
    tx.emit(Event(topic="free_spins.granted", payload=payload, player_id=ask.player_id))
    return _grant_view(grant, tx.now_ns)


def read_free_spins(tx: Reads, ask: s.GrantRef) -> s.Grant:
    """One grant."""
    return _grant_view(_require_grant(tx, ask.grant_id), tx.now_ns)


def _grant_of(tx: Reads, session: GameSession, ask: m.Spin) -> FreeSpins | None:
    """The grant that a spin consumes. Raises NotFound for one of another player or game."""
    if ask.grant_id is None:
        return None
    grant = _require_grant(tx, ask.grant_id)
    if (grant.player_id, grant.game_id) != (session.player_id, session.game_id):
        raise NotFound(
            f"grant {ask.grant_id} is not of this player and game",
            details={"grant_id": ask.grant_id},
        )
    return grant


def _require_grant(tx: Reads, grant_id: str) -> FreeSpins:
    return require_mine(tx, tx.get(FreeSpins, (tx.caller.tenant, grant_id)), "grant", grant_id)


def _grant_status(grant: FreeSpins, now_ns: int) -> s.GrantStatus:
    if grant.consumed == grant.granted:
        return "used_up"
    expired = grant.expires_ns is not None and grant.expires_ns <= now_ns
    return "expired" if expired else "active"


def _grant_view(grant: FreeSpins, now_ns: int) -> s.Grant:
    return s.Grant(
        grant_id=grant.grant_id,
        player_id=grant.player_id,
        game_id=grant.game_id,
        count=grant.granted,
        left=grant.granted - grant.consumed,
        bet_size=Money.of(grant.bet_size, grant.currency),
        won=Money.of(grant.won, grant.currency),
        status=_grant_status(grant, now_ns),
        granted_at=iso(grant.granted_ns),
        rtp_profile=grant.rtp_profile,
        expires_at=iso_or_none(grant.expires_ns),
    )


# Tournaments --------------------------------------------------------------------------------------

ENTRIES = 1_000
"""Players that are read at a time; a leaderboard is made of all there are."""


def create_tournament(tx: Tx, ask: s.CreateTournament, *, studio: Studio) -> s.Tournament | Again:
    """Open a tournament; its spins count in it and nowhere else (RGS-41)."""
    caller = tx.caller
    known = tx.lock(TournamentRow, (caller.tenant, ask.tournament_id))
    starts_ns, ends_ns = _time("starts_at", ask.starts_at), _time("ends_at", ask.ends_at)
    if starts_ns is None or ends_ns is None or starts_ns >= ends_ns:
        raise invalid("ends_at", "is not after starts_at")
    if ask.currency not in SCALES:
        raise invalid("currency", "is no ISO 4217 code of /v1/currencies")
    row = TournamentRow(
        tenant=caller.tenant,
        tournament_id=ask.tournament_id,
        brand=caller.brand,
        region=caller.region,
        title=ask.title,
        games=" ".join(dict.fromkeys(ask.game_ids)),
        currency=ask.currency,
        score=ask.score,
        starts_ns=starts_ns,
        ends_ns=ends_ns,
        op=tx.position,
    )
    if known is not None:
        if known != row.but(n=known.n, op=known.op):
            raise Duplicate(
                f"tournament {ask.tournament_id} was opened with other terms",
                details={"tournament_id": ask.tournament_id},
            )
        return Again(known.op)
    for game_id in ask.game_ids:
        if game_id not in studio.builds.games:
            raise NotFound(f"there is no game {game_id}", details={"game_id": game_id})
    row = tx.put(row)
    payload = TournamentOpened(
        tournament_id=row.tournament_id, starts_at=iso(starts_ns), ends_at=iso(ends_ns)
    )
    tx.emit(Event(topic="tournament.opened", payload=payload))
    return _tournament_view(row, tx.now_ns)


def read_tournament(tx: Reads, ask: s.TournamentRef) -> s.Tournament:
    """One tournament."""
    return _tournament_view(require_tournament(tx, ask.tournament_id), tx.now_ns)


def read_leaderboard(tx: Reads, ask: s.ReadLeaderboard) -> s.Leaderboard:
    """The best players, as of now: more points first, of equal ones who had them first."""
    row = require_tournament(tx, ask.tournament_id)
    entries = [entry for entry in _entries(tx, row) if entry.spins]
    entries.sort(key=lambda entry: (-_points(row, entry), entry.reached_ns, entry.n))
    return s.Leaderboard(
        tournament_id=row.tournament_id,
        score=row.score,
        players=len(entries),
        items=[
            s.Ranked(
                rank=rank,
                player_id=entry.player_id,
                score=Money.of(_points(row, entry), row.currency),
                spins=entry.spins,
                staked=Money.of(entry.staked, row.currency),
                won=Money.of(entry.won, row.currency),
            )
            for rank, entry in enumerate(entries[: ask.limit], 1)
        ],
    )


def require_tournament(tx: Reads, tournament_id: str) -> TournamentRow:
    """The caller's tournament. Raises NotFound."""
    return require_mine(
        tx, tx.get(TournamentRow, (tx.caller.tenant, tournament_id)), "tournament", tournament_id
    )


def _require_running(tx: Reads, row: TournamentRow, session: GameSession) -> None:
    status = _tournament_status(row, tx.now_ns)
    counts = session.game_id in row.games.split() and session.currency == row.currency
    if status != "running" or not counts:
        why = f"is {status}" if status != "running" else "is not of this game and currency"
        raise InvalidState(
            f"tournament {row.tournament_id} {why}",
            details={"reason": "tournament_not_running", "tournament_id": row.tournament_id},
        )


def _entries(tx: Reads, row: TournamentRow) -> Iterator[Entry]:
    """Everybody who has played in it, in the order in which they began."""
    where = (("tenant", "=", row.tenant), ("tournament_id", "=", row.tournament_id))
    after = None
    while found := tx.page(Query(Entry, where), after, ENTRIES):
        yield from (entry for entry in found if isinstance(entry, Entry))
        after = found[-1].n


def _enter(
    tx: Tx, tournament_id: str, player_id: str, spins: int, staked_minor: int, won_minor: int
) -> None:
    """Add to a player's place. The time of it moves with the points alone, and with the first spin:
    one that changes none costs nobody a place among equals."""
    tenant, row = tx.caller.tenant, require_tournament(tx, tournament_id)
    before = tx.get(Entry, (tenant, tournament_id, player_id)) or Entry(
        tenant=tenant, tournament_id=tournament_id, player_id=player_id
    )
    after = before.but(
        spins=before.spins + spins,
        staked=before.staked + staked_minor,
        won=before.won + won_minor,
    )
    moved = not before.spins or _points(row, after) != _points(row, before)
    tx.put(after.but(reached_ns=tx.now_ns) if moved else after)


def _points(row: TournamentRow, entry: Entry) -> int:
    return entry.won if row.score == "total_win" else entry.staked


def _tournament_status(row: TournamentRow, now_ns: int) -> s.TournamentStatus:
    if now_ns < row.starts_ns:
        return "planned"
    return "running" if now_ns < row.ends_ns else "over"


def _tournament_view(row: TournamentRow, now_ns: int) -> s.Tournament:
    return s.Tournament(
        tournament_id=row.tournament_id,
        title=row.title,
        game_ids=row.games.split(),
        currency=row.currency,
        score=row.score,
        status=_tournament_status(row, now_ns),
        starts_at=iso(row.starts_ns),
        ends_at=iso(row.ends_ns),
    )


def _time(field: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return parse_iso(text)
    except ValueError as wrong:
        raise invalid(field, str(wrong)) from None
