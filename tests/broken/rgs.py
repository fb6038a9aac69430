"""A game server that keeps the rules, in memory: sessions by token, spins, grants, transfers."""

from typing import Any
from urllib.parse import parse_qs

from tests.broken.http import Call, Refusal, decimal, text
from tests.broken.rgs_markets import Markets
from tests.broken.rgs_spins import GAMES, Round, Session
from tests.broken.standing import SCALES


class Rgs(Markets):
    """The reference profile. A variant overrides one method."""

    def __init__(self) -> None:
        super().__init__()
        self.transfers: dict[str, tuple[Any, Any]] = {}
        self.reported: dict[tuple[str, str], Any] = {}
        room = "/rgs/v1/sessions"
        for method, path, handler in (
            ("POST", room, self.open_session),
            ("GET", room + "/{session_id}", self.read_session),
            ("POST", room + "/{session_id}/end", self.end_session),
            ("POST", room + "/{session_id}/transfer-in", self.transfer_in),
            ("POST", room + "/{session_id}/transfer-out", self.transfer_out),
            ("GET", "/rgs/v1/games", self.list_games),
            ("GET", "/rgs/v1/builds", self.list_builds),
            ("POST", "/rgs/v1/spins", self.spin),
            ("GET", "/rgs/v1/spins", self.list_spins),
            ("GET", "/rgs/v1/spins/{spin_id}", self.read_spin),
            ("GET", "/rgs/v1/spins/{spin_id}/replay", self.replay),
            ("POST", "/rgs/v1/spins/{spin_id}/void", self.void),
            ("GET", "/rgs/v1/rounds", self.list_rounds),
            ("GET", "/rgs/v1/rounds/{round_id}", self.read_round),
            ("POST", "/rgs/v1/rounds/{round_id}/end", self.end_round),
            ("POST", "/rgs/v1/players/{player_id}/rg", self.exclude),
            ("POST", "/rgs/v1/events/batch", self.batch),
            ("GET", "/rgs/v1/events", self.list_events),
        ):
            self.route(method, path, handler, write=method == "POST")

    async def serve(self, call: Call, handler: Any, write: bool) -> tuple[int, bytes]:
        if call.path.startswith("/rgs/"):
            self.require_version(call)
        return await super().serve(call, handler, write)

    def require_version(self, call: Call) -> None:
        wanted = [one.partition(";")[0].strip() for one in call.headers["accept"].split(",")]
        spoken = {"application/vnd.rgs.v1+json", "application/json", "*/*"}
        if not spoken & set(wanted):
            raise Refusal(406, "NOT_ACCEPTABLE")

    # --- Catalogue, rounds, the feed --------------------------------------------------------------

    def list_games(self, call: Call) -> Any:
        return {
            "items": [
                {"game_id": name, "kind": "slot", "modes": list(modes)}
                for name, modes in GAMES.items()
            ]
        }

    def list_rounds(self, call: Call) -> Any:
        rows = [
            {"round_id": one.id, "session_id": one.session.id, "status": one.status}
            for one in self.rounds.values()
        ]
        return self.filtered(call, rows, "session_id", "status")

    def list_spins(self, call: Call) -> Any:
        rows = [self.view(one) for one in self.spins.values()]
        return self.filtered(call, rows, "session_id", "round_id")

    def filtered(self, call: Call, rows: list[dict[str, Any]], *names: str) -> Any:
        query = self.query(call)
        wanted = {name: query[name] for name in names if name in query}
        found = [row for row in rows if all(row[name] == one for name, one in wanted.items())]
        if query.get("order") == "desc":
            found.reverse()
        return {"items": found, "has_more": False}

    def read_round(self, call: Call) -> Any:
        found = self.rounds.get(call.parts["round_id"])
        if found is None or not self.mine(call, found.session):
            raise Refusal(404, "NOT_FOUND")
        won = sum(one.win for one in found.spins)
        return {
            "round_id": found.id,
            "status": found.status,
            "spins": len(found.spins),
            "staked": self.money(self.round_stakes(found), found.session.currency),
            "won": self.money(won, found.session.currency),
        }

    def round_stakes(self, found: Round) -> int:
        return sum(one.minor for one in found.spins)

    def end_round(self, call: Call) -> Any:
        found = self.rounds.get(call.parts["round_id"])
        if found is None or not self.mine(call, found.session):
            raise Refusal(404, "NOT_FOUND")
        found.status = "completed"
        return {"round_id": found.id, "status": found.status}

    def list_events(self, call: Call) -> Any:
        return self.filtered(call, self.feed, "player_id", "event_type")

    def query(self, call: Call) -> dict[str, str]:
        return {name: one[0] for name, one in parse_qs(call.target.partition("?")[2]).items()}

    # --- Transfers --------------------------------------------------------------------------------

    def transfer_in(self, call: Call) -> Any:
        return self.transfer(call, 1)

    def transfer_out(self, call: Call) -> Any:
        return self.transfer(call, -1)

    def transfer(self, call: Call, sign: int) -> Any:
        session = self.session(call, call.parts["session_id"])
        name = text(call.body, "transfer_id")
        if session.balance is None:
            raise Refusal(409, "INVALID_STATE", reason="seamless")
        asked = self.minor(call.body) if "amount" in call.body or sign > 0 else None
        known = self.transfers.get(name)
        if known is not None:
            return self.same_transfer(known, (session.id, sign, asked))
        minor = session.balance if asked is None else asked
        self.require_balance(session, sign * minor)
        session.balance += sign * minor
        answer = {
            "transfer_id": name,
            "amount": self.money(minor, session.currency),
            "balance": self.money(session.balance, session.currency),
        }
        self.transfers[name] = (session.id, sign, asked), answer
        return answer

    def same_transfer(self, known: tuple[Any, Any], asked: Any) -> Any:
        if known[0] != asked:
            raise Refusal(409, "DUPLICATE")
        return known[1]

    def require_balance(self, session: Session, by: int) -> None:
        if session.balance is not None and session.balance + by < 0:
            raise Refusal(422, "INSUFFICIENT_FUNDS")

    # --- Items from elsewhere ---------------------------------------------------------------------

    def batch(self, call: Call) -> Any:
        items = call.body.get("events")
        if not isinstance(items, list) or not items:
            raise Refusal(400, "VALIDATION_FAILED")
        results = []
        for index, item in enumerate(items):
            try:
                results.append({"index": index, "status": self.report(item)})
            except Refusal as no:
                error = {"code": no.code, "message": str(no), "retryable": False}
                results.append({"index": index, "status": "refused", "error": error})
        return {"results": results}

    def report(self, item: Any) -> str:
        place = (text(item, "type"), text(item, "spin_id"))
        for name in ("stake", "win"):
            if decimal(item.get(name)).scaleb(SCALES[text(item, "currency")]) < 0:
                raise Refusal(400, "VALIDATION_FAILED")
        if self.is_ours(place):
            return "repeated"
        known = self.reported.setdefault(place, item)
        if known is item:
            return "accepted"
        if known != item:
            raise Refusal(409, "DUPLICATE")
        return "repeated"

    def is_ours(self, place: tuple[str, str]) -> bool:
        return place[0] == "spin_finished" and place[1] in self.spins
