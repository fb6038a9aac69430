"""What the toy game server has beside spins: builds, warnings, tournaments, play from a seed."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

from tests.broken.http import Call, Refusal, text
from tests.broken.rgs_spins import COUNTRIES, GAMES, Session, Spin, Spins, build_of

WARNED = ("SE",)
WARNINGS = ("age_18", "play_safely")


@dataclass
class Build:
    hash: str
    game: str
    countries: tuple[str, ...]
    profile: str
    active: bool
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, game: str, countries: tuple[str, ...], profile: str, **more: Any) -> "Build":
        name = f"{game} {profile} {countries}"
        hashed = hashlib.sha256(name.encode()).hexdigest()
        return cls(f"sha256:{hashed}", game, countries, profile, **more)


@dataclass
class Tournament:
    body: dict[str, Any]
    spins: list[Spin] = field(default_factory=list)


class Markets(Spins):
    """A variant overrides one method."""

    def __init__(self) -> None:
        super().__init__()
        self.tournaments: dict[str, Tournament] = {}
        self.shown_to: dict[str, set[str]] = {}
        made = [
            build
            for game in GAMES
            for build in (
                Build(build_of(game), game, COUNTRIES, "toy_95", active=True),
                Build.of(game, COUNTRIES, "toy_90", active=False),
                Build.of(game, WARNED, "toy_95", active=True, warnings=WARNINGS),
            )
        ]
        self.builds = {build.hash: build for build in made}
        for path, handler in (
            ("builds/switch", self.switch),
            ("replays", self.replay_seed),
            ("sessions/{session_id}/displayed", self.report_displayed),
            ("tournaments", self.make_tournament),
        ):
            self.route("POST", f"/rgs/v1/{path}", handler, write=True)
        board = "/rgs/v1/tournaments/{tournament_id}/leaderboard"
        self.route("GET", board, self.leaderboard)

    # --- Builds -----------------------------------------------------------------------------------

    def list_builds(self, call: Call) -> Any:
        return {"items": [self.build(one) for one in self.builds.values()]}

    def build(self, build: Build) -> dict[str, Any]:
        return {
            "build_hash": build.hash,
            "game_id": build.game,
            "countries": list(build.countries),
            "rtp_profile": build.profile,
            "modes": list(GAMES[build.game]),
            "active": build.active,
            "rules": {"warnings": list(build.warnings)},
        }

    def require_build(self, body: dict[str, Any]) -> None:
        found = self.builds.get(body["build_hash"])
        if found is None or not found.active or found.game != body["game_id"]:
            raise Refusal(422, "BUILD_NOT_CERTIFIED")
        if body["geo"] not in found.countries:
            raise Refusal(422, "BUILD_NOT_CERTIFIED")

    def switch(self, call: Call) -> Any:
        found = self.switched(text(call.body, "build_hash"))
        before = next(
            one
            for one in self.builds.values()
            if one.active and (one.game, one.countries) == (found.game, found.countries)
        )
        if found is before:
            raise Refusal(409, "INVALID_STATE", reason="already_active")
        self.activate(found, before)
        return {"switch_id": call.body["switch_id"], "build_hash": found.hash}

    def switched(self, name: str) -> Build:
        if name not in self.builds:
            raise Refusal(404, "NOT_FOUND")
        return self.builds[name]

    def activate(self, build: Build, before: Build) -> None:
        before.active, build.active = False, True

    def shown(self, session: Session) -> dict[str, Any]:
        build = self.build_played(session)
        return {**super().shown(session), "rtp_profile": build.profile}

    def build_played(self, session: Session) -> Build:
        usual = self.builds[build_of(session.body["game_id"])]
        return self.builds.get(session.body["build_hash"], usual)

    # --- Warnings ---------------------------------------------------------------------------------

    def report_displayed(self, call: Call) -> Any:
        session = self.session(call, call.parts["session_id"])
        self.shown_to.setdefault(session.id, set()).update(call.body["displayed"])
        return self.shown(session)

    def require_allowed(self, session: Session, body: dict[str, Any]) -> None:
        super().require_allowed(session, body)
        seen = self.shown_to.get(session.id, set()) | set(session.body.get("displayed") or ())
        if self.is_missing(set(self.build_played(session).warnings), seen):
            raise Refusal(403, "RG_BLOCKED", reason="warnings_missing")
        if body["spin_type"] == "tournament" and body.get("tournament_id") not in self.tournaments:
            raise Refusal(404, "NOT_FOUND")

    def is_missing(self, wanted: set[str], seen: set[str]) -> bool:
        return not wanted <= seen

    # --- Tournaments ------------------------------------------------------------------------------

    def make_tournament(self, call: Call) -> Any:
        self.tournaments[text(call.body, "tournament_id")] = Tournament(call.body)
        return call.body

    def play(self, session: Session, body: dict[str, Any], minor: int) -> Any:
        answer = super().play(session, body, minor)
        self.score(self.spins[body["spin_id"]], body.get("tournament_id"))
        return answer

    def score(self, spin: Spin, tournament: str | None) -> None:
        if spin.kind == "tournament" and tournament is not None:
            self.tournaments[tournament].spins.append(spin)

    def leaderboard(self, call: Call) -> Any:
        found = self.tournaments.get(call.parts["tournament_id"])
        if found is None:
            raise Refusal(404, "NOT_FOUND")
        currency = found.body["currency"]
        players = sorted({one.session.body["player_id"] for one in found.spins})
        rows = []
        for rank, player in enumerate(players, 1):
            own = [one for one in found.spins if one.session.body["player_id"] == player]
            staked, won = sum(one.minor for one in own), sum(one.win for one in own)
            score = won if found.body["score"] == "total_win" else staked
            money = {"score": score, "staked": staked, "won": won}
            told = {name: self.money(minor, currency) for name, minor in money.items()}
            rows.append({"rank": rank, "player_id": player, "spins": len(own), **told})
        return {"players": len(rows), "items": rows}

    # --- Play from a seed -------------------------------------------------------------------------

    def replay_seed(self, call: Call) -> Any:
        body = call.body
        if body["build_hash"] not in self.builds:
            raise Refusal(404, "NOT_FOUND")
        stake = body["stake"]
        minor = self.scaled(stake["amount"], stake["currency"])
        drawn = hashlib.sha256(self.drawn_from(body)).digest()
        win = self.money(minor * (0, 0, 0, 1, 2)[drawn[0] % 5], stake["currency"])
        outcome = {"win": win, "features": [], "symbols": [one % 9 for one in drawn[1:6]]}
        return {"outcome": outcome, "record": {"nonce": body["nonce"]}}

    def drawn_from(self, body: dict[str, Any]) -> bytes:
        return f"{body['seed']}/{body['nonce']}".encode()
