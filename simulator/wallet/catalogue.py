"""The games, and which build of each is certified where: `contracts/builds.yaml` (PRV-20, RGS-22).

Illustrative data, not legal advice. The studio's own data is never read here: what is certified is
told to the platform by that file, which a test holds equal to what the studio makes.
"""

from functools import cache

import msgspec

from simulator.base.errors import BuildNotCertified, ConfigError, NotFound
from simulator.base.source import NotYaml, plain
from simulator.store.listing import cursor_after
from simulator.store.tx import Reads
from simulator.wire import messages as m
from simulator.wire.files import find


class CertifiedBuild(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One build: a game in a market with a profile."""

    build_hash: str
    market: str
    rtp_profile: str
    countries: list[str]


class CertifiedGame(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A game of the catalogue; of a country's builds the first is played unless one is named."""

    game_id: str
    name: str
    kind: str
    builds: list[CertifiedBuild]


class Certified(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    dated: str
    games: list[CertifiedGame]


@cache
def games() -> dict[str, CertifiedGame]:
    """Every game by its id. Raises ConfigError where the file cannot be read."""
    path = find("contracts", "builds.yaml")
    try:
        found = msgspec.convert(plain(path.read_bytes()), Certified)
    except (NotYaml, msgspec.ValidationError) as wrong:
        raise ConfigError(f"{path.name}: {wrong}") from wrong
    return {game.game_id: game for game in found.games}


def certified_build(game_id: str, country: str, wanted: str | None) -> str:
    """The build to play in a country: the wanted one if it is certified there, else the first that
    is (RGS-22). Raises NotFound, BuildNotCertified."""
    builds = [build for build in _require(game_id).builds if country in build.countries]
    hashes = [build.build_hash for build in builds]
    if not hashes or wanted not in (None, *hashes):
        raise BuildNotCertified(
            f"{wanted or game_id} is not certified for {country}",
            details={"game_id": game_id, "country": country},
        )
    return wanted or hashes[0]


def read_game(_tx: Reads, ask: m.ReadGame) -> m.Game:
    """One game."""
    return view(_require(ask.game_id))


def list_games(_tx: Reads, ask: m.ListGames) -> m.Page:
    """The games, by their ids."""
    after = cursor_after(ask.cursor)
    numbered = [(n, view(games()[game_id])) for n, game_id in enumerate(sorted(games()), 1)]
    if ask.order == "desc":
        numbered = [(n, game) for n, game in reversed(numbered) if after is None or n < after]
    else:
        numbered = [(n, game) for n, game in numbered if after is None or n > after]
    shown = numbered[: ask.limit]
    more = len(numbered) > len(shown)
    return m.Page(
        items=[game for _, game in shown],
        has_more=more,
        next_cursor=f"{shown[-1][0]:x}" if more else None,
    )


def view(game: CertifiedGame) -> m.Game:
    """A game as providers see it."""
    return m.Game(
        game_id=game.game_id,
        name=game.name,
        provider_id=game.game_id.split(":")[0],
        kind=game.kind,
        builds=[
            m.Build(
                build_hash=build.build_hash,
                countries=build.countries,
                market=build.market,
                rtp_profile=build.rtp_profile,
            )
            for build in game.builds
        ],
    )


def _require(game_id: str) -> CertifiedGame:
    game = games().get(game_id)
    if game is None:
        raise NotFound(f"there is no game {game_id}", details={"game_id": game_id})
    return game
