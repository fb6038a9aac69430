"""What the toy game server has beside spins: builds, warnings, limits of time, play from a seed."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from tests.broken.http import Call, Refusal, text
from tests.broken.rgs_promotions import Promotions
from tests.broken.rgs_spins import COUNTRIES, GAMES, Session, build_of

SESSION_S = 3_600
REMINDER_MIN = 30
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


class Markets(Promotions):
    """A variant overrides one method."""

    def __init__(self) -> None:
        super().__init__()
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
            ("sessions/{session_id}/acknowledge", self.acknowledge),
        ):
            self.route("POST", f"/rgs/v1/{path}", handler, write=True)

    # --- Builds -----------------------------------------------------------------------------------

    def list_builds(self, call: Call) -> Any:
        country = parse_qs(call.target.partition("?")[2]).get("country")
        found = [
            self.build(one)
            for one in self.builds.values()
            if country is None or country[0] in one.countries
        ]
        return {"items": found}

    def build(self, build: Build) -> dict[str, Any]:
        return {
            "build_hash": build.hash,
            "game_id": build.game,
            "countries": list(build.countries),
            "rtp_profile": build.profile,
            "modes": list(GAMES[build.game]),
            "active": build.active,
            "rules": self.rules(build),
        }

    def rules(self, build: Build) -> dict[str, Any]:
        strict = bool(build.warnings)
        return {
            "warnings": list(build.warnings),
            "min_spin_interval_ms": 1_000 if strict else 0,
            "autoplay": not strict,
            **({"reminder_min": REMINDER_MIN} if strict else {}),
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
        moments: dict[str, Any] = {"expires_at": iso(session.opened_s + SESSION_S)}
        rules, left_s = self.rules(build), (session.reminders + 1) * REMINDER_MIN * 60
        if "reminder_min" in rules:
            name = f"{session.id}/{session.reminders}"
            due = {"reminder_id": name, "reminder_due_at": iso(session.opened_s + left_s)}
            moments = {**moments, "rg": due}
        return {**super().shown(session), **moments, "rules": rules, "rtp_profile": build.profile}

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
        if body["spin_type"] != "free":
            self.require_time_left(session)
            self.require_no_reminder(session)
        self.require_pace(session, body)

    def is_missing(self, wanted: set[str], seen: set[str]) -> bool:
        return not wanted <= seen

    # --- Time -------------------------------------------------------------------------------------

    def require_open(self, session: Session, round_id: str) -> None:
        super().require_open(session, round_id)
        self.require_fresh(session)

    def require_fresh(self, session: Session) -> None:
        if self.now_s() >= session.opened_s + SESSION_S:
            raise Refusal(409, "INVALID_STATE", reason="session_expired")

    def require_time_left(self, session: Session) -> None:
        limit = (session.body.get("rg_flags") or {}).get("time_limit_min")
        if limit is not None and self.now_s() >= session.opened_s + limit * 60:
            raise Refusal(403, "RG_BLOCKED", reason="time_limit")

    def require_no_reminder(self, session: Session) -> None:
        every = self.rules(self.build_played(session)).get("reminder_min")
        due_s = session.opened_s + (session.reminders + 1) * REMINDER_MIN * 60
        if every is not None and self.now_s() >= due_s:
            raise Refusal(403, "RG_BLOCKED", reason="reminder")

    def acknowledge(self, call: Call) -> Any:
        session = self.session(call, call.parts["session_id"])
        self.require_reminder(session, text(call.body, "reminder_id"))
        session.reminders += 1
        return self.shown(session)

    def require_reminder(self, session: Session, name: str) -> None:
        if name != f"{session.id}/{session.reminders}":
            raise Refusal(409, "INVALID_STATE", reason="no_reminder")

    def require_pace(self, session: Session, body: dict[str, Any]) -> None:
        rules = self.rules(self.build_played(session))
        if body.get("autoplay") and not rules["autoplay"]:
            raise Refusal(422, "BUILD_NOT_CERTIFIED")
        if session.played_s is not None:
            self.require_pause(time.monotonic() - session.played_s, rules)

    def require_pause(self, passed_s: float, rules: dict[str, Any]) -> None:
        if passed_s * 1000 < rules["min_spin_interval_ms"]:
            raise Refusal(429, "RATE_LIMITED")

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


def iso(moment_s: int) -> str:
    return datetime.fromtimestamp(moment_s, UTC).isoformat(timespec="milliseconds")
