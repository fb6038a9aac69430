"""Playing a spin again: from its record, or from a seed and a nonce (RGS-11). Nothing is stored."""

import hashlib

from simulator.base.errors import ConfigError, InvalidState, LimitExceeded, NotFound
from simulator.rgs import shown, spins
from simulator.rgs.builds import MarketBuild
from simulator.rgs.drbg import SpinDice
from simulator.rgs.maths.catalogue import read_canonical
from simulator.rgs.maths.game import Choice, Game, Outcome
from simulator.rgs.rows import GameData, UsedSeed
from simulator.rgs.studio import Studio
from simulator.store.tx import Reads
from simulator.wire import json
from simulator.wire import rgs as m
from simulator.wire.messages import Money, invalid


def replay_spin(tx: Reads, ask: m.SpinRef, *, studio: Studio) -> m.Replay:
    """What a spin comes to when it is played again with the data, mechanics and seed of then.

    `same` says whether it is, byte for byte, what was answered. Raises InvalidState where this
    release has no engine of that version.
    """
    spin = spins.require(tx, ask.spin_id)
    game = _game(tx, spin.data_hash, studio)
    used = tx.get(UsedSeed, (spin.seed_fingerprint,))
    if used is None:
        raise RuntimeError(f"the seed of spin {spin.spin_id} was not kept")
    choice = shown.choice(spin)
    dice = SpinDice.again(used.seed, spin.nonce)
    chosen = None if choice is None else Choice(choice.target)
    played = game.play(spin.rtp_profile, spin.mode, spin.stake, dice, chosen)
    outcome = spins.outcome_of(played, spin.currency)
    raw = json.encode(outcome)
    return m.Replay(
        spin_id=spin.spin_id,
        outcome=outcome,
        record=_record(dice, game, played),
        steps=played.steps,
        game_id=spin.game_id,
        rtp_profile=spin.rtp_profile,
        mode=spin.mode,
        stake=Money.of(spin.stake, spin.currency),
        outcome_sha256=_sha256(raw),
        same=raw == spin.outcome,
    )


def replay_seed(tx: Reads, ask: m.ReplaySeed, *, studio: Studio) -> m.Replay:
    """What a spin of this seed and nonce comes to, on today's data or on data that was kept."""
    build = studio.builds.by_hash.get(ask.build_hash)
    if build is None:
        raise NotFound(f"there is no build {ask.build_hash}", details={"field": "build_hash"})
    game = build.game if ask.data_hash is None else _game(tx, ask.data_hash, studio)
    if game.game_id != build.game.game_id:
        raise invalid("data_hash", f"is of {game.game_id}, the build of {build.game.game_id}")
    if ask.mode not in game.modes:
        raise invalid("mode", f"is none of {', '.join(game.modes)}")
    stake_minor = ask.stake.minor
    if not game.limits(ask.mode).allows(stake_minor):
        raise LimitExceeded(
            f"{ask.stake.amount} {ask.stake.currency} is no stake of {game.game_id} {ask.mode}",
            details={"limit": "stake"},
        )
    kept = MarketBuild(game, build.market_name, build.market, build.profile)
    dice = SpinDice.again(ask.seed, ask.nonce)
    played = spins.play(kept, ask.mode, stake_minor, dice, ask.choice)
    outcome = spins.outcome_of(played, ask.stake.currency)
    return m.Replay(
        outcome=outcome,
        record=_record(dice, game, played),
        steps=played.steps,
        game_id=game.game_id,
        rtp_profile=build.profile,
        mode=ask.mode,
        stake=ask.stake,
        outcome_sha256=_sha256(json.encode(outcome)),
    )


def _game(tx: Reads, data_hash: str, studio: Studio) -> Game:
    """The game of this hash: as it is shipped, or of the data that was kept."""
    for game in studio.builds.games.values():
        if game.data_hash == data_hash:
            return game
    kept = tx.get(GameData, (data_hash,))
    if kept is None:
        raise NotFound(f"no spin was played with {data_hash}", details={"field": "data_hash"})
    try:
        return read_canonical(kept.data)
    except ConfigError as gone:
        raise InvalidState(
            f"mechanics version {kept.mechanics_version} is not carried any more: {gone}",
            details={"reason": "mechanics_gone"},
        ) from None


def _record(dice: SpinDice, game: Game, played: Outcome) -> m.Recorded:
    record = dice.record(game.mechanics_version)
    return m.Recorded(
        seed_fingerprint=record.seed_fingerprint,
        nonce=record.nonce,
        mechanics_version=record.mechanics_version,
        data_hash=game.data_hash,
        draws=played.draws,
    )


def _sha256(raw: bytes) -> str:
    return "sha256:" + hashlib.sha256(raw).hexdigest()
