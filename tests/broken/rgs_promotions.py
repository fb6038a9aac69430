"""What the toy game server gives and takes note of: free spins, tournaments, jackpots."""

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.broken.http import Call, Refusal, text
from tests.broken.rgs_spins import STUDIO, Grant, Session, Spin, Spins


@dataclass
class Tournament:
    body: dict[str, Any]
    spins: list[Spin] = field(default_factory=list)


class Promotions(Spins):
    """A variant overrides one method."""

    def __init__(self) -> None:
        super().__init__()
        self.tournaments: dict[str, Tournament] = {}
        self.fallen: dict[str, tuple[Any, Any]] = {}
        self.route("POST", "/rgs/v1/free-spins", self.give, write=True)
        self.route("GET", "/rgs/v1/free-spins/{grant_id}", self.read_grant)
        self.route("POST", "/rgs/v1/tournaments", self.make_tournament, write=True)
        board = "/rgs/v1/tournaments/{tournament_id}/leaderboard"
        self.route("GET", board, self.leaderboard)
        self.route("POST", "/rgs/v1/jackpot-wins", self.win_jackpot, write=True)
        self.route("GET", "/rgs/v1/keys", self.keys)

    # --- Free spins -------------------------------------------------------------------------------

    def give(self, call: Call) -> Any:
        name = text(call.body, "grant_id")
        known = self.grants.get(name)
        if known is None:
            known = self.grants[name] = Grant(name, call.body, int(call.body["count"]))
        elif known.body != call.body:
            raise Refusal(409, "DUPLICATE")
        return self.shown_grant(known)

    def shown_grant(self, grant: Grant) -> Any:
        currency = grant.body["bet_size"]["currency"]
        return {
            "grant_id": grant.id,
            "left": grant.left,
            "won": self.money(grant.won, currency),
        }

    def use(self, session: Session, body: dict[str, Any]) -> None:
        if body.get("spin_type") == "free":
            self.consume(session, body)

    def consume(self, session: Session, body: dict[str, Any]) -> None:
        grant = self.grants.get(body.get("grant_id", ""))
        if grant is None or grant.body["player_id"] != session.body["player_id"]:
            raise Refusal(404, "NOT_FOUND")
        self.require_its_game(grant, session)
        if body["stake"] != grant.body["bet_size"]:
            raise Refusal(422, "LIMIT_EXCEEDED")
        if grant.left < 1:
            raise Refusal(409, "INVALID_STATE", reason="used_up")
        self.require_time(grant)
        grant.left -= 1

    def require_its_game(self, grant: Grant, session: Session) -> None:
        if grant.body["game_id"] != session.body["game_id"]:
            raise Refusal(404, "NOT_FOUND")

    def require_time(self, grant: Grant) -> None:
        ends = grant.body.get("expires_at")
        if ends is not None and self.now_s() >= seconds(ends):
            raise Refusal(409, "INVALID_STATE", reason="expired")

    def view(self, spin: Spin) -> dict[str, Any]:
        return {**super().view(spin), "rtp_profile": self.profile_of(spin)}

    def profile_of(self, spin: Spin) -> str:
        given = None if spin.grant is None else self.grants[spin.grant].body.get("rtp_profile")
        return str(given or self.shown(spin.session).get("rtp_profile"))

    def undo(self, spin: Spin) -> None:
        super().undo(spin)
        if spin.grant is not None:
            self.give_back(self.grants[spin.grant])
        if spin.tournament is not None:
            self.unscore(spin, self.tournaments[spin.tournament])

    def give_back(self, grant: Grant) -> None:
        grant.left += 1

    def unscore(self, spin: Spin, race: "Tournament") -> None:
        race.spins.remove(spin)

    def read_grant(self, call: Call) -> Any:
        found = self.grants.get(call.parts["grant_id"])
        if found is None:
            raise Refusal(404, "NOT_FOUND")
        return self.shown_grant(found)

    # --- Tournaments ------------------------------------------------------------------------------

    def make_tournament(self, call: Call) -> Any:
        self.tournaments[text(call.body, "tournament_id")] = Tournament(call.body)
        return call.body

    def require_allowed(self, session: Session, body: dict[str, Any]) -> None:
        super().require_allowed(session, body)
        if body["spin_type"] == "tournament":
            race = self.tournaments.get(body.get("tournament_id", ""))
            if race is None:
                raise Refusal(404, "NOT_FOUND")
            self.require_running(race)
            self.require_game(race, session)

    def require_running(self, race: Tournament) -> None:
        if not seconds(race.body["starts_at"]) <= self.now_s() < seconds(race.body["ends_at"]):
            raise Refusal(409, "INVALID_STATE", reason="not_running")

    def require_game(self, race: Tournament, session: Session) -> None:
        if session.body["game_id"] not in race.body["game_ids"]:
            raise Refusal(409, "INVALID_STATE", reason="another_game")

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
        currency, rows = found.body["currency"], []
        for player in sorted({one.session.body["player_id"] for one in found.spins}):
            own = [one for one in found.spins if one.session.body["player_id"] == player]
            rows.append((self.points(found, own), player, len(own)))
        self.rank(rows)
        items = [
            {
                "rank": rank,
                "player_id": player,
                "spins": spins,
                "score": self.money(points, currency),
            }
            for rank, (points, player, spins) in enumerate(rows, 1)
        ]
        return {"players": len(items), "items": items}

    def points(self, race: Tournament, own: list[Spin]) -> int:
        by_wins = race.body["score"] == "total_win"
        return sum(one.win if by_wins else one.minor for one in own)

    def rank(self, rows: list[tuple[int, str, int]]) -> None:
        rows.sort(key=lambda row: -row[0])

    # --- Jackpots ---------------------------------------------------------------------------------

    def win_jackpot(self, call: Call) -> Any:
        body = call.body
        spin = self.spins.get(text(body, "spin_id"))
        if spin is None:
            raise Refusal(404, "NOT_FOUND")
        asked = (spin.id, body["pool_id"], body["amount"])
        known = self.fallen.get(text(body, "jp_trigger_id"))
        if known is not None:
            return self.known_win(known, asked)
        self.require_shown(spin)
        self.require_currency(spin, body["amount"])
        minor = self.scaled(body["amount"]["amount"], spin.session.currency)
        txn = self.txn(spin.id, "jackpot_win", minor, spin.session.currency)
        spin.txns.append(txn)
        self.tell_txns(spin, [txn])
        self.fallen[body["jp_trigger_id"]] = asked, txn
        return txn

    def known_win(self, known: tuple[Any, Any], asked: Any) -> Any:
        if known[0] != asked:
            raise Refusal(409, "DUPLICATE")
        return known[1]

    def require_shown(self, spin: Spin) -> None:
        if spin.status == "void":
            raise Refusal(409, "INVALID_STATE", reason="void")

    def require_currency(self, spin: Spin, amount: dict[str, Any]) -> None:
        if amount["currency"] != spin.session.currency:
            raise Refusal(422, "CURRENCY_MISMATCH")

    def keys(self, call: Call) -> Any:
        x = base64.urlsafe_b64encode(STUDIO.public_key().public_bytes_raw()).decode().rstrip("=")
        return {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "studio"}]}


def seconds(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()
