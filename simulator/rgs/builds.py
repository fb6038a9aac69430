"""Builds: a game's data and engine, then market and profile on top, each named by its hash.

(RGS-14, RGS-20..23) The platform reads the same matrix game × country × profile from
`contracts/builds.yaml`, which a test holds equal to what is made here.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import msgspec

from simulator.base.errors import BuildNotCertified
from simulator.rgs.markets import Market, Markets, load_markets
from simulator.rgs.maths.catalogue import load_games
from simulator.rgs.maths.game import Game, Limits, canonical


@dataclass(frozen=True)
class MarketBuild:
    """One game in one market with one certified profile: the thing that a certificate is for."""

    game: Game
    market_name: str
    market: Market
    profile: str

    @cached_property
    def build_hash(self) -> str:
        """SHA-256 over the global build, the market's rules and the profile (RGS-20)."""
        parts = {
            "build": self.game.data_hash,
            "market": {"name": self.market_name, **msgspec.to_builtins(self.market)},
            "profile": self.profile,
        }
        return "sha256:" + hashlib.sha256(canonical(parts)).hexdigest()

    @cached_property
    def modes(self) -> tuple[str, ...]:
        """The modes of betting that this market allows (RGS-23)."""
        modes: Mapping[str, Mapping[str, object]] = self.game.data["modes"]
        return tuple(name for name in self.game.modes if self.market.allows(modes[name], name))

    def limits(self, mode: str, currency: str) -> Limits:
        """The stakes of a mode: the game's own, narrowed by the market (RGS-21)."""
        own = self.game.limits(mode)
        cap = self.market.max_stakes.get(currency)
        if cap is None or cap >= own.max_minor:
            return own
        return Limits(own.min_minor, cap - cap % own.step_minor, own.step_minor)

    @property
    def certificate(self) -> str:
        """The illustrative number of its certificate."""
        return f"TEST-{self.market_name.upper()}-{self.build_hash[7:15]}"


class Builds:
    """Every market build of the shipped games."""

    def __init__(self, games: Mapping[str, Game], markets: Markets) -> None:
        self.games = games
        self.markets = markets
        self.all = [
            MarketBuild(game, name, market, profile)
            for game in games.values()
            for name, market in markets.markets.items()
            if game.game_id not in market.games_not
            for profile in _best_first(game)
        ]
        self.by_hash = {build.build_hash: build for build in self.all}
        self.first: dict[tuple[str, str], MarketBuild] = {}
        """Game and market → what is played there before any switch: the profile that pays most."""
        for build in self.all:
            self.first.setdefault((build.game.game_id, build.market_name), build)

    def market_of(self, country: str) -> str | None:
        """The market that a country is in."""
        found = self.markets.markets.items()
        return next((name for name, market in found if country in market.countries), None)

    def with_profile(self, build: MarketBuild, profile: str) -> MarketBuild:
        """The build of the same game and market with another profile. Raises BuildNotCertified."""
        for other in self.all:
            same = (other.game, other.market_name) == (build.game, build.market_name)
            if same and other.profile == profile:
                return other
        raise BuildNotCertified(
            f"{build.game.game_id} has no profile {profile} in market {build.market_name}",
            details={"game_id": build.game.game_id, "rtp_profile": profile},
        )


@cache
def shipped() -> Builds:
    """The builds of this release, made once. Raises ConfigError for wrong data."""
    return Builds(load_games(), load_markets())


def _best_first(game: Game) -> list[str]:
    first = game.default_profile()
    return [first, *(name for name in sorted(game.profiles) if name != first)]
