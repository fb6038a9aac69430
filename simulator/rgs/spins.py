"""Spins: what was staked comes to an outcome, once, that can be played again (RGS-03, RGS-10..12).

The dice follow from the seed, the session, the round and the spin alone; so an outcome does not
depend on what was played before, and parallel spins come out the same in any order.
"""

import msgspec

from simulator.base.clock import iso, iso_or_none
from simulator.base.errors import (
    BuildNotCertified,
    CurrencyMismatch,
    Duplicate,
    InsufficientFunds,
    LimitExceeded,
    RgBlocked,
    ValidationFailed,
)
from simulator.rgs import promotions, rg, rounds, sessions, shown, transactions
from simulator.rgs.builds import MarketBuild
from simulator.rgs.drbg import SpinDice
from simulator.rgs.maths.game import Choice, Dice
from simulator.rgs.maths.game import Outcome as Played
from simulator.rgs.rows import (
    GameData,
    GamePlayer,
    GameRound,
    GameSession,
    Reported,
    SpinRow,
    UsedSeed,
)
from simulator.rgs.studio import Signer, Studio, seed_of
from simulator.rgs.tell import SpinFinished
from simulator.store.listing import asked, own, page
from simulator.store.owned import require_mine
from simulator.store.tx import Again, Query, Reads, Tx
from simulator.wire import json
from simulator.wire import rgs as m
from simulator.wire.events import Event
from simulator.wire.messages import Money, invalid
from simulator.wire.messages import Page as CursorPage


class Made(msgspec.Struct, frozen=True):
    """A spin that was played and is not written yet."""

    build: MarketBuild
    played: Played
    dice: SpinDice
    signer: Signer


def play_spin(tx: Tx, ask: m.Spin, *, studio: Studio) -> m.SpinPlayed | Again | RgBlocked:
    """Play one spin: charged once, and the same outcome whenever it is asked for (RGS-03).

    Raises NotFound, InvalidState, Duplicate, LimitExceeded, CurrencyMismatch, BuildNotCertified,
    InsufficientFunds and RateLimited; RgBlocked is answered, so that its event leaves (RGS-31).
    """
    _require_whole(ask)
    session = sessions.require(tx, ask.session_id)
    player = tx.lock(GamePlayer, (session.tenant, session.player_id))
    known = tx.get(SpinRow, (tx.caller.tenant, ask.spin_id))
    if known is not None:
        return _known(known, ask)
    _require_untold(tx, ask)
    if player is None:
        raise RuntimeError(f"session {session.session_id} is of a player that does not exist")
    sessions.require_open(tx, session)
    build = promotions.build_for(tx, session, ask, studio)
    _require_stake(session, build, ask)
    game_round = rounds.enter(tx, ask.round_id, session)
    promotions.require(tx, session, ask)
    blocked = rg.judge(tx, session, player, build, ask)
    if blocked is not None:
        return blocked
    rg.require_pause(tx, session, build, ask)
    _require_funds(session, ask)
    dice = SpinDice(seed_of(tx), session.session_id, ask.round_id, ask.spin_id)
    played = play(build, ask.mode, ask.stake.minor, dice, ask.choice)
    made = Made(build, played, dice, studio.signer)
    return _finish(tx, session, game_round, ask, made)


def play(
    build: MarketBuild, mode: str, stake_minor: int, dice: Dice, choice: m.SpinChoice | None
) -> Played:
    """One play of a build. Raises ValidationFailed for a choice that the game does not offer."""
    chosen = Choice(target=choice.target) if choice is not None else None
    try:
        return build.game.play(build.profile, mode, stake_minor, dice, chosen)
    except ValidationFailed as wrong:  # stake and mode are good by now
        raise invalid("choice.target", wrong.message) from None


def outcome_of(played: Played, currency: str) -> m.Outcome:
    """An outcome as it is answered."""
    win = Money.of(played.win_minor, currency)
    return m.Outcome(win=win, features=played.features, symbols=played.symbols)


def read_spin(tx: Reads, ask: m.SpinRef) -> m.SpinShown:
    """One spin."""
    return view(require(tx, ask.spin_id))


def list_spins(tx: Reads, ask: m.ListSpins) -> CursorPage:
    """Spins in the order they were played, filtered."""
    terms = own(tx, None) + asked(
        ask, "session_id", "round_id", "player_id", "game_id", "grant_id", "tournament_id"
    )
    return page(tx, Query(SpinRow, tuple(terms), ask.order == "desc"), ask, view)


def require(tx: Reads, spin_id: str) -> SpinRow:
    """The caller's spin. Raises NotFound."""
    return require_mine(tx, tx.get(SpinRow, (tx.caller.tenant, spin_id)), "spin", spin_id)


def view(spin: SpinRow) -> m.SpinShown:
    """A spin as the platform sees it."""
    return m.SpinShown(
        spin_id=spin.spin_id,
        round_id=spin.round_id,
        session_id=spin.session_id,
        player_id=spin.player_id,
        game_id=spin.game_id,
        build_hash=spin.build_hash,
        rtp_profile=spin.rtp_profile,
        spin_type=spin.spin_type,
        mode=spin.mode,
        status=spin.status,
        stake=Money.of(spin.stake, spin.currency),
        outcome=shown.outcome(spin),
        rgs_txns=shown.txns(spin),
        telemetry_ref=spin.telemetry_ref,
        record=record_of(spin),
        played_at=iso(spin.played_ns),
        choice=shown.choice(spin),
        grant_id=spin.grant_id,
        tournament_id=spin.tournament_id,
        voided_at=iso_or_none(spin.voided_ns),
    )


def record_of(spin: SpinRow) -> m.Recorded:
    """What is needed to play it again."""
    return m.Recorded(
        seed_fingerprint=spin.seed_fingerprint,
        nonce=spin.nonce,
        mechanics_version=spin.mechanics_version,
        data_hash=spin.data_hash,
        draws=spin.draws,
    )


def _require_whole(ask: m.Spin) -> None:
    """What the schema cannot say of a spin (RGS-03, RGS-40, RGS-41)."""
    if ask.idempotency_key == ask.round_id:
        raise invalid(
            "idempotency_key",
            "is the round_id; a round may hold several spins, so each has a key of its own",
        )
    if not ask.stake.amount:
        raise invalid("stake.amount", "must be above zero")
    for kind, name, value in (
        ("free", "grant_id", ask.grant_id),
        ("tournament", "tournament_id", ask.tournament_id),
    ):
        if (ask.spin_type == kind) != (value is not None):
            raise invalid(name, f"goes with spin_type {kind}, and only with it")


def _known(spin: SpinRow, ask: m.Spin) -> Again:
    """A spin id that came before: the same spin is answered again, another one refused."""
    same = (
        spin.round_id,
        spin.session_id,
        spin.spin_type,
        spin.mode,
        spin.stake,
        spin.currency,
        spin.choice,
        spin.grant_id,
        spin.tournament_id,
    ) == (
        ask.round_id,
        ask.session_id,
        ask.spin_type,
        ask.mode,
        ask.stake.minor,
        ask.stake.currency,
        json.encode(ask.choice),
        ask.grant_id,
        ask.tournament_id,
    )
    if not same:
        raise Duplicate(
            "Spin already played with another stake or other parameters",
            details={"spin_id": ask.spin_id},
        )
    return Again(spin.op)


def _require_untold(tx: Reads, ask: m.Spin) -> None:
    """Raises Duplicate for a spin that a batch has reported: it would be told of twice (PRV-43)."""
    if tx.get(Reported, (tx.caller.tenant, "spin_finished", ask.spin_id)) is not None:
        raise Duplicate(
            f"spin {ask.spin_id} was played elsewhere: a batch of events has reported it",
            details={"spin_id": ask.spin_id},
        )


def _require_stake(session: GameSession, build: MarketBuild, ask: m.Spin) -> None:
    """A mode that the market allows, in the session's currency, within limits and on the step."""
    if ask.mode not in build.modes or (ask.autoplay and not build.market.autoplay):
        what = f"mode {ask.mode}" if ask.mode not in build.modes else "autoplay"
        raise BuildNotCertified(
            f"{what} is not certified for {session.geo} in this build",
            details={"game_id": session.game_id, "country": session.geo},
        )
    if ask.stake.currency != session.currency:
        raise CurrencyMismatch(
            f"the session is in {session.currency}, the stake in {ask.stake.currency}"
        )
    stake_minor, limits = ask.stake.minor, build.limits(ask.mode, session.currency)
    if limits.allows(stake_minor):
        return
    for name, limit_minor, broken, how in (
        ("max", limits.max_minor, stake_minor > limits.max_minor, "is above"),
        ("min", limits.min_minor, stake_minor < limits.min_minor, "is below"),
        ("step", limits.step_minor, stake_minor % limits.step_minor != 0, "is no multiple of"),
    ):
        if broken:
            limit = Money.of(limit_minor, session.currency)
            raise LimitExceeded(
                f"a stake of {ask.stake.amount} {how} the build's {name} of {limit.amount} "
                f"{limit.currency}",
                details={"limit": name, "value": limit},
            )


def _require_funds(session: GameSession, ask: m.Spin) -> None:
    """Raises InsufficientFunds where the session keeps its money and has less (RGS-06)."""
    balance = session.balance
    if balance is not None and ask.spin_type == "cash" and balance < ask.stake.minor:
        there_is = Money.of(balance, session.currency)
        raise InsufficientFunds(
            f"the session's balance of {there_is.amount} {there_is.currency} does not cover "
            f"{ask.stake.amount}",
            details={"balance": there_is},
        )


def _counted(
    session: GameSession, spin_type: m.SpinType, played: Played, now_ns: int
) -> GameSession:
    """The session with this spin in its sums and, where it keeps one, in its balance (RGS-06)."""
    if spin_type not in rg.PAID:
        return session
    if spin_type != "cash":
        return session.but(paid=session.paid + 1, paid_ns=now_ns)
    stake_minor, win_minor, balance = played.stake_minor, played.win_minor, session.balance
    return session.but(
        paid=session.paid + 1,
        paid_ns=now_ns,
        spins=session.spins + 1,
        staked=session.staked + stake_minor,
        won=session.won + win_minor,
        balance=None if balance is None else balance - stake_minor + win_minor,
    )


def _finish(
    tx: Tx,
    session: GameSession,
    game_round: GameRound,
    ask: m.Spin,
    made: Made,
) -> m.SpinPlayed:
    """Write the spin and everything that it counts in, and tell of it."""
    build, played, dice = made.build, made.played, made.dice
    currency, stake_minor, win_minor = session.currency, played.stake_minor, played.win_minor
    session = tx.put(_counted(session, ask.spin_type, played, tx.now_ns))
    tx.put(
        game_round.but(
            spins=game_round.spins + 1,
            staked=game_round.staked + stake_minor,
            won=game_round.won + win_minor,
        )
    )
    promotions.count(tx, session, ask, win_minor)
    _keep(tx, build, dice)
    outcome = outcome_of(played, currency)
    txns = transactions.of_spin(tx, build, ask, win_minor, made.signer)
    spin = tx.put(
        SpinRow(
            tenant=session.tenant,
            spin_id=ask.spin_id,
            brand=session.brand,
            region=session.region,
            round_id=ask.round_id,
            session_id=session.session_id,
            player_id=session.player_id,
            game_id=session.game_id,
            build_hash=build.build_hash,
            rtp_profile=build.profile,
            spin_type=ask.spin_type,
            mode=ask.mode,
            currency=currency,
            stake=stake_minor,
            win=win_minor,
            choice=json.encode(ask.choice),
            outcome=json.encode(outcome),
            telemetry_ref=tx.mint("evt"),
            seed_fingerprint=dice.seed_fingerprint,
            nonce=dice.nonce,
            mechanics_version=build.game.mechanics_version,
            data_hash=build.game.data_hash,
            draws=played.draws,
            op=tx.position,
            played_ns=tx.now_ns,
            grant_id=ask.grant_id,
            tournament_id=ask.tournament_id,
            txns=json.encode(txns),
        )
    )
    _tell(tx, session, spin, ask, outcome)
    transactions.tell(tx, spin, txns)
    return m.SpinPlayed(
        spin_id=spin.spin_id,
        outcome=outcome,
        rgs_txns=txns,
        telemetry_ref=spin.telemetry_ref,
        rg=m.SpinRg(
            session_time_ms=sessions.time_ms(session, tx.now_ns),
            reminder_id=sessions.reminder_id(session),
            reminder_due_at=iso_or_none(session.reminder_ns),
        ),
        balance=None if session.balance is None else Money.of(session.balance, currency),
    )


def _keep(tx: Tx, build: MarketBuild, dice: SpinDice) -> None:
    """Have the seed and the game's data there for whoever plays this spin again (RGS-11)."""
    game = build.game
    if tx.get(GameData, (game.data_hash,)) is None:
        tx.put(
            GameData(
                data_hash=game.data_hash,
                game_id=game.game_id,
                mechanics_version=game.mechanics_version,
                data=game.canonical,
            )
        )
    if tx.get(UsedSeed, (dice.seed_fingerprint,)) is None:
        tx.put(UsedSeed(fingerprint=dice.seed_fingerprint, seed=seed_of(tx)))


def _tell(tx: Tx, session: GameSession, spin: SpinRow, ask: m.Spin, outcome: m.Outcome) -> None:
    payload = SpinFinished(
        type="spin_finished",
        ts=iso(spin.played_ns),
        spin_id=spin.spin_id,
        round_id=spin.round_id,
        stake=ask.stake.amount,
        win=outcome.win.amount,
        currency=spin.currency,
        game_id=spin.game_id,
        build_hash=spin.build_hash,
        player_id=spin.player_id,
        operator_id=session.operator_id,
        spin_type=spin.spin_type,
        mode=spin.mode,
        rtp_profile=spin.rtp_profile,
        grant_id=spin.grant_id,
        tournament_id=spin.tournament_id,
        target=None if ask.choice is None else ask.choice.target,
        features=[feature["type"] for feature in outcome.features],
    )
    tx.emit(
        Event(
            topic="spin_finished",
            payload=payload,
            player_id=spin.player_id,
            session_id=spin.session_id,
            build_hash=spin.build_hash,
            event_id=spin.telemetry_ref,
        )
    )
