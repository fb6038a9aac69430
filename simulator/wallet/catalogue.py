"""The games of the test world, and which build of each is certified where (PRV-20, RGS-22).

Illustrative data, not legal advice. A build's hash is SHA-256 over game, version and market.
"""

import hashlib
from dataclasses import dataclass

from simulator.base.errors import BuildNotCertified, NotFound
from simulator.store.listing import cursor_after
from simulator.store.tx import Reads
from simulator.wire import messages as m

MARKETS: dict[str, tuple[str, ...]] = {
    "eu": ("AT", "BE", "DE", "DK", "ES", "FI", "FR", "IE", "IT", "MT", "NL", "PT", "SE"),
    "uk": ("GB",),
}


@dataclass(frozen=True, slots=True)
class GameInfo:
    """A game of the catalogue."""

    game_id: str
    name: str
    kind: str
    markets: tuple[str, ...]
    version: str = "1.0.0"

    def build_hash(self, market: str) -> str:
        """The hash that names this game's build for one market."""
        text = f"{self.game_id}@{self.version}/{market}"
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


GAMES: dict[str, GameInfo] = {
    game.game_id: game
    for game in (
        GameInfo("studio:classic_3x3", "Copper Cherries", "slot", ("eu", "uk")),
        GameInfo("studio:crash_comet", "Comet", "crash", ("eu",)),
        GameInfo("studio:slot_forge_02", "Forge of Embers", "slot", ("eu", "uk")),
        GameInfo("studio:slot_tidal_ways", "Tidal Ways", "slot", ("eu", "uk")),
        GameInfo("studio:slot_vault_x", "Vault X", "slot", ("eu",)),
    )
}


def certified_build(game_id: str, country: str, wanted: str | None) -> str:
    """The build certified for a country; another wanted one is refused (RGS-22)."""
    game = _require(game_id)
    market = next((name for name in game.markets if country in MARKETS[name]), None)
    build_hash = None if market is None else game.build_hash(market)
    if build_hash is None or wanted not in (None, build_hash):
        raise BuildNotCertified(
            f"{wanted or game_id} is not certified for {country}",
            details={"game_id": game_id, "country": country},
        )
    return build_hash


def read_game(_tx: Reads, ask: m.ReadGame) -> m.Game:
    """One game."""
    return view(_require(ask.game_id))


def list_games(_tx: Reads, ask: m.ListGames) -> m.Page:
    """The games, by their ids."""
    after = cursor_after(ask.cursor)
    games = sorted(GAMES.values(), key=lambda game: game.game_id)
    numbered = [(n, view(game)) for n, game in enumerate(games, 1)]
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


def view(game: GameInfo) -> m.Game:
    """A game as providers see it."""
    return m.Game(
        game_id=game.game_id,
        name=game.name,
        provider_id=game.game_id.split(":")[0],
        kind=game.kind,
        builds=[
            m.Build(build_hash=game.build_hash(market), countries=list(MARKETS[market]))
            for market in game.markets
        ],
    )


def _require(game_id: str) -> GameInfo:
    game = GAMES.get(game_id)
    if game is None:
        raise NotFound(f"there is no game {game_id}", details={"game_id": game_id})
    return game
