"""Games, builds and markets as they are published, and the one way in which a return changes.

(RGS-09, RGS-13, RGS-14, RGS-21, RGS-22)
"""

from fractions import Fraction

from simulator.base.clock import iso
from simulator.base.errors import Duplicate, InvalidState, NotFound
from simulator.rgs.builds import MarketBuild
from simulator.rgs.maths.game import Game
from simulator.rgs.rows import ActiveBuild, BuildSwitch
from simulator.rgs.sessions import active_build
from simulator.rgs.studio import Studio
from simulator.rgs.tell import BuildSwitched
from simulator.store.tx import Again, Reads, Tx
from simulator.wire import studio as s
from simulator.wire.events import Event
from simulator.wire.messages import Page


def list_games(_tx: Reads, _ask: s.Nothing, *, studio: Studio) -> Page:
    """Every game with its global build and the exact return of each profile and mode."""
    return Page(items=[_game_view(game) for game in studio.builds.games.values()], has_more=False)


def list_builds(tx: Reads, ask: s.ListBuilds, *, studio: Studio) -> Page:
    """The matrix game × country × profile (RGS-22)."""
    wanted = [
        build
        for build in studio.builds.all
        if ask.game_id in (None, build.game.game_id)
        and (ask.country is None or ask.country in build.market.countries)
    ]
    return Page(items=[_build_view(tx, build, studio) for build in wanted], has_more=False)


def list_markets(_tx: Reads, _ask: s.Nothing, *, studio: Studio) -> Page:
    """Every market preset."""
    presets = studio.builds.markets
    return Page(
        has_more=False,
        items=[
            s.Market(
                market=name,
                title=market.title,
                dated=presets.dated,
                countries=market.countries,
                rules=market.rules,
                note=presets.note,
            )
            for name, market in presets.markets.items()
        ],
    )


def read_keys(_tx: Reads, _ask: s.Nothing, *, studio: Studio) -> s.Keys:
    """The public key behind the signatures of `rgs_txns` (RGS-42)."""
    return s.Keys(keys=[studio.signer.jwk()])


def switch_build(tx: Tx, ask: s.SwitchBuild, *, studio: Studio) -> s.Switched | Again:
    """New sessions of the build's market play this build from now on: who, why and from what stays
    in the audit chain (RGS-14, QLT-05)."""
    build = studio.builds.by_hash.get(ask.build_hash)
    if build is None:
        raise NotFound(f"there is no build {ask.build_hash}", details={"field": "build_hash"})
    tenant, game_id = tx.caller.tenant, build.game.game_id
    row = tx.lock(ActiveBuild, (tenant, game_id, build.market_name))
    known = tx.get(BuildSwitch, (tenant, ask.switch_id))
    if known is not None:
        if (known.build_hash, known.reason, known.approved_by) != (
            ask.build_hash,
            ask.reason,
            ask.approved_by,
        ):
            raise Duplicate(
                f"switch {ask.switch_id} is known with other parameters",
                details={"switch_id": ask.switch_id},
            )
        return Again(known.op)
    former = active_build(tx, studio, game_id, build.market_name)
    if former is None or former.build_hash == build.build_hash:
        raise InvalidState(
            "this build is the active one of its market", details={"reason": "already_active"}
        )
    row = row or ActiveBuild(
        tenant=tenant, game_id=game_id, market=build.market_name, build_hash=""
    )
    tx.put(row.but(build_hash=build.build_hash))
    tx.put(
        BuildSwitch(
            tenant=tenant,
            switch_id=ask.switch_id,
            game_id=game_id,
            market=build.market_name,
            former=former.build_hash,
            build_hash=build.build_hash,
            reason=ask.reason,
            approved_by=ask.approved_by,
            op=tx.position,
        )
    )
    payload = BuildSwitched(
        switch_id=ask.switch_id,
        game_id=game_id,
        market=build.market_name,
        former_build_hash=former.build_hash,
        build_hash=build.build_hash,
        former_rtp_profile=former.profile,
        rtp_profile=build.profile,
        reason=ask.reason,
        approved_by=ask.approved_by,
    )
    tx.emit(Event(topic="build.switched", payload=payload, build_hash=build.build_hash))
    return s.Switched(
        switch_id=ask.switch_id,
        game_id=game_id,
        market=build.market_name,
        build_hash=build.build_hash,
        rtp_profile=build.profile,
        former_build_hash=former.build_hash,
        former_rtp_profile=former.profile,
        switched_at=iso(tx.now_ns),
    )


def _game_view(game: Game) -> s.Game:
    return s.Game(
        game_id=game.game_id,
        title=game.title,
        kind=game.kind,
        mechanics_version=game.mechanics_version,
        build_hash=game.data_hash,
        modes=list(game.modes),
        profiles=[
            s.RtpProfile(profile=name, rtp_percent=_percents(game, name, game.modes))
            for name in game.profiles
        ],
    )


def _build_view(tx: Reads, build: MarketBuild, studio: Studio) -> s.Build:
    active = active_build(tx, studio, build.game.game_id, build.market_name)
    return s.Build(
        build_hash=build.build_hash,
        game_id=build.game.game_id,
        global_build_hash=build.game.data_hash,
        market=build.market_name,
        countries=build.market.countries,
        rtp_profile=build.profile,
        rtp_percent=_percents(build.game, build.profile, build.modes),
        modes=list(build.modes),
        languages=build.market.languages,
        rules=build.market.rules,
        certificate=build.certificate,
        active=active is not None and active.build_hash == build.build_hash,
    )


def _percents(game: Game, profile: str, modes: tuple[str, ...]) -> dict[str, str]:
    """Mode → the exact return in percent, jackpots included, cut after four decimals."""
    share = game.profiles[profile].jackpot_share
    return {mode: _percent(game.rtp(profile, mode) + share) for mode in modes}


def _percent(part: Fraction) -> str:
    whole, rest = divmod(part.numerator * 1_000_000 // part.denominator, 10_000)
    return f"{whole}.{rest:04}"
