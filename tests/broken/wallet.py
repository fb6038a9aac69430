"""A wallet that keeps the rules, in one file and in memory, so that a defect is one method away."""

from decimal import Decimal
from typing import Any

from tests.broken.http import Call, Refusal, read_json, text
from tests.broken.standing import CLIENTS, SCALES, Player, Txn
from tests.broken.told import Told


class Wallet(Told):
    """The reference profile. A variant overrides one method."""

    unknown_rollback = "tombstone"
    win_without_bet = "refused"
    settled_rollback = "refused"
    scope = "tenant"
    duplicate = "same_body"

    def __init__(self) -> None:
        super().__init__()
        for name, currency, cash in (
            ("p_19f3", "EUR", 10_000_000),
            ("p_poor", "EUR", 100),
            ("p_excluded", "EUR", 100_000),
            ("p_usd", "USD", 100_000),
        ):
            self.world.players[name] = Player(name, "brand-42", currency, cash)
        self.world.players["p_excluded"].locked = True
        at = "/v1/wallet"
        self.route("GET", f"{at}/players/{{player_id}}/balance", self.read_balance)
        for name, handler in (
            ("debit", self.debit_call),
            ("credit", self.credit_call),
            ("debit-and-credit", self.pair_call),
            ("batch", self.batch_call),
            ("rollback", self.rollback_call),
            ("reserve", self.reserve_call),
            ("release", self.rollback_call),
            ("deposits", self.deposit_call),
            ("withdrawals", self.withdrawal_call),
            ("rounds/{round_id}/close", self.close_call),
        ):
            self.route("POST", f"{at}/{name}", handler, write=True)
        self.route("POST", "/__admin/players", self.make_player)
        self.route("PATCH", "/__admin/players/{player_id}", self.lock_player)
        self.route("PUT", "/__admin/players/{player_id}/limits", self.limit_player)
        self.route("POST", "/__admin/clock/advance", self.advance)
        self.route("GET", "/__admin/reconcile", self.reconcile)
        self.route("POST", "/v1/sessions", self.make_session)
        self.route("POST", "/v1/sessions/{session_id}/end", self.end_session)

    # --- Finding ------------------------------------------------------------------------------

    def player(self, call: Call, name: str) -> Player:
        found = self.world.players.get(name)
        if found is None or found.tenant != CLIENTS[call.client][2]:
            raise Refusal(404, "NOT_FOUND")
        return found

    def place(self, call: Call, txn: str, body: dict[str, Any]) -> tuple[str, ...]:
        tenant = CLIENTS[call.client][2]
        more = {"tenant": (), "player": (body["player_id"],), "round": (body.get("round_id", ""),)}
        return (tenant, *more[self.scope], txn)

    def known(self, call: Call, txn: Txn, kind: str, minor: int, body: dict[str, Any]) -> Any:
        """A transaction that was met before, under a new key."""
        if txn.kind == "tombstone":
            raise Refusal(409, "INVALID_STATE", reason="tombstone")
        same = (txn.kind, txn.player, txn.minor) == (kind, body["player_id"], minor)
        if not same or txn.round != body.get("round_id", txn.round):
            raise Refusal(409, "DUPLICATE")
        return self.met(call, txn)

    def met(self, call: Call, txn: Txn) -> Any:
        match self.duplicate:
            case "duplicate_code":
                raise Refusal(409, "DUPLICATE", transaction_id=txn.id)
            case "current_balance":
                return self.answer(txn.id, self.player(call, txn.player))
        return txn.answer

    def require_open(self, round_id: str) -> None:
        if self.world.rounds.get(round_id, "open") != "open":
            raise Refusal(409, "INVALID_STATE", reason="round_closed")

    def require_session(self, body: dict[str, Any], minor: int) -> None:
        session = body.get("session_id")
        if session is not None:
            owner, open_ = self.world.sessions.get(session, ("", False))
            if owner != body["player_id"] or not open_:
                raise Refusal(409, "INVALID_STATE", reason="session_expired")
            if minor > self.world.max_bets.get(session, minor):
                raise Refusal(422, "LIMIT_EXCEEDED")

    # --- Debit, credit, rollback --------------------------------------------------------------

    def debit_call(self, call: Call) -> Any:
        return self.debit(call, call.body)

    def debit(self, call: Call, body: dict[str, Any]) -> Any:
        name = text(body, "transaction_id")
        round_id, player = text(body, "round_id"), self.player(call, text(body, "player_id"))
        minor = self.minor(body, player)
        place = self.place(call, name, body)
        if place in self.world.txns:
            return self.known(call, self.world.txns[place], "debit", minor, body)
        if player.locked:
            raise Refusal(403, "RG_BLOCK")
        self.require_session(body, minor)
        self.require_open(round_id)
        reserve = body.get("reserve_transaction_id")
        if reserve is not None:
            self.spend(call, body, reserve, minor)
        else:
            self.below_limit(player, minor)
            self.take(player, minor)
        self.world.rounds.setdefault(round_id, "open")
        return self.kept(place, Txn(name, "debit", player.id, round_id, minor), player)

    def below_limit(self, player: Player, minor: int) -> None:
        own = (one for one in self.world.txns.values() if one.player == player.id)
        if minor + sum(one.minor for one in own if one.kind in ("debit", "reserve")) > player.limit:
            raise Refusal(422, "LIMIT_EXCEEDED")

    def take(self, player: Player, minor: int) -> None:
        if player.cash < minor:
            raise Refusal(422, "INSUFFICIENT_FUNDS", balance=self.balance(player))
        player.cash -= minor

    def spend(self, call: Call, body: dict[str, Any], name: str, minor: int) -> None:
        reserve = self.world.txns.get(self.place(call, name, body))
        if reserve is None or reserve.kind != "reserve" or reserve.status != "ok":
            raise Refusal(409, "INVALID_STATE", reason="no_reserve")
        if (reserve.minor, reserve.player) != (minor, body["player_id"]):
            raise Refusal(409, "INVALID_STATE", reason="other_amount")
        reserve.status = "spent"
        self.world.players[reserve.player].held -= minor

    def kept(self, place: tuple[str, ...], txn: Txn, player: Player, **more: Any) -> Any:
        txn.answer = self.answer(txn.id, player, **more)
        self.world.txns[place] = txn
        return txn.answer

    def credit_call(self, call: Call) -> Any:
        if "jp_payout_id" in call.body:
            return self.jackpot(call, call.body)
        return self.credit(call, call.body)

    def jackpot(self, call: Call, body: dict[str, Any]) -> Any:
        name, player = text(body, "jp_payout_id"), self.player(call, text(body, "player_id"))
        minor = self.minor(body, player)
        place = self.place(call, name, {**body, "round_id": ""})
        if place in self.world.txns:
            return self.known(call, self.world.txns[place], "credit", minor, body)
        self.pay(player, minor)
        return self.kept(place, Txn(name, "credit", player.id, "", minor), player)

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        name, reason = text(body, "transaction_id"), text(body, "reason")
        round_id, player = text(body, "round_id"), self.player(call, text(body, "player_id"))
        minor = self.minor(body, player)
        if reason not in ("win", "promo", "jackpot", "correction"):
            raise Refusal(400, "VALIDATION_FAILED", "no such reason")
        place = self.place(call, name, body)
        if place in self.world.txns:
            return self.known(call, self.world.txns[place], "credit", minor, body)
        self.require_open(round_id)
        if reason == "win":
            self.win_of(call, body)
        self.pay(player, minor)
        return self.kept(place, Txn(name, "credit", player.id, round_id, minor), player)

    def win_of(self, call: Call, body: dict[str, Any]) -> None:
        """The debit that has won is settled by it."""
        debit = body.get("debit_transaction_id")
        found = self.world.txns.get(self.place(call, debit, body)) if debit else None
        if found is None and debit is None:
            found = next((t for t in self.world.txns.values() if t.round == body["round_id"]), None)
        if found is None or not self.fits(found, body):
            if self.win_without_bet == "refused":
                raise Refusal(404, "BET_NOT_FOUND")
            return
        if found.kind != "debit" or found.status == "rolled_back":
            raise Refusal(409, "INVALID_STATE", reason="rolled_back")
        found.status = "settled"

    def fits(self, debit: Txn, body: dict[str, Any]) -> bool:
        """Whether the win is of the debit's player and round."""
        return (debit.player, debit.round) == (body["player_id"], body["round_id"])

    def pay(self, player: Player, minor: int) -> None:
        player.cash += minor

    def pair_call(self, call: Call) -> Any:
        before = self.copy()
        parts = call.body.get("debit"), call.body.get("credit")
        if not all(isinstance(part, dict) for part in parts):
            raise Refusal(400, "VALIDATION_FAILED", "debit and credit are objects")
        try:
            debit = self.debit(call, parts[0])
            return {"debit": debit, "credit": self.credit(call, parts[1])}
        except Refusal:
            self.undo(before)
            raise

    def copy(self) -> Any:
        cash = {name: (one.cash, one.held) for name, one in self.world.players.items()}
        states = {place: txn.status for place, txn in self.world.txns.items()}
        return cash, states, dict(self.world.rounds)

    def undo(self, before: Any) -> None:
        cash, states, rounds = before
        for name, (free, held) in cash.items():
            self.world.players[name].cash, self.world.players[name].held = free, held
        for place in list(self.world.txns):
            if place in states:
                self.world.txns[place].status = states[place]
            else:
                del self.world.txns[place]
        self.world.rounds = rounds

    def batch_call(self, call: Call) -> Any:
        items = call.body.get("items")
        if not isinstance(items, list) or not items:
            raise Refusal(400, "VALIDATION_FAILED", "items are missing")
        return {"items": [self.item(call, item) for item in items]}

    def item(self, call: Call, item: Any) -> Any:
        kinds = {
            "debit": self.debit,
            "credit": self.credit,
            "rollback": self.rollback,
            "reserve": self.reserve,
            "release": self.rollback,
        }
        (kind, body), *_ = item.items()
        try:
            return kinds[kind](call, body)
        except Refusal as no:
            error = {"code": no.code, "message": str(no), "retryable": False}
            return {"transaction_id": body["transaction_id"], "status": "failed", "error": error}

    def rollback_call(self, call: Call) -> Any:
        return self.rollback(call, call.body)

    def rollback(self, call: Call, body: dict[str, Any]) -> Any:
        name, original = text(body, "transaction_id"), text(body, "original_transaction_id")
        player = self.player(call, text(body, "player_id"))
        round_id = text(body, "round_id")
        if "amount" in body:
            self.minor(body, player)
        place = self.place(call, name, body)
        known = self.world.txns.get(place)
        if known is not None:
            if (known.kind, known.original) != ("rollback", original):
                raise Refusal(409, "DUPLICATE")
            return self.met(call, known)
        there = self.place(call, original, body)
        found = self.world.txns.get(there)
        if found is None:
            return self.unknown(call, place, there, body, player)
        if found.player != player.id:
            raise Refusal(404, "NOT_FOUND")
        undone = Txn(name, "rollback", player.id, round_id, 0, original=original)
        if found.kind == "tombstone":
            return self.kept(place, undone, player, tombstone=True)
        if found.status != "rolled_back":
            self.give_back(found, player, body)
        return self.kept(place, undone, player)

    def give_back(self, found: Txn, player: Player, body: dict[str, Any]) -> None:
        self.require_open(found.round)
        if found.kind == "reserve":
            if found.status != "ok":
                raise Refusal(409, "INVALID_STATE", reason="spent")
            player.held -= found.minor
            player.cash += found.minor
        elif found.kind == "debit" and (found.status == "ok" or self.settled_rollback != "refused"):
            player.cash += found.minor
        else:
            raise Refusal(409, "INVALID_STATE", reason="settled")
        found.status = "rolled_back"

    def unknown(
        self,
        call: Call,
        place: tuple[str, ...],
        there: tuple[str, ...],
        body: dict[str, Any],
        player: Player,
    ) -> Any:
        if self.unknown_rollback == "not_found":
            raise Refusal(404, "NOT_FOUND")
        if self.unknown_rollback == "error":
            raise Refusal(409, "INVALID_STATE")
        original = body["original_transaction_id"]
        self.world.txns[there] = Txn(original, "tombstone", player.id, body["round_id"], 0)
        undone = Txn(body["transaction_id"], "rollback", player.id, body["round_id"], 0)
        undone.original = original
        return self.kept(place, undone, player, tombstone=True)

    # --- The rest -----------------------------------------------------------------------------

    def reserve_call(self, call: Call) -> Any:
        return self.reserve(call, call.body)

    def reserve(self, call: Call, body: dict[str, Any]) -> Any:
        name, round_id = text(body, "transaction_id"), text(body, "round_id")
        player = self.player(call, text(body, "player_id"))
        minor = self.minor(body, player)
        place = self.place(call, name, body)
        if place in self.world.txns:
            return self.known(call, self.world.txns[place], "reserve", minor, body)
        if player.locked:
            raise Refusal(403, "RG_BLOCK")
        self.require_session(body, minor)
        self.require_open(round_id)
        self.below_limit(player, minor)
        self.take(player, minor)
        player.held += minor
        self.world.rounds.setdefault(round_id, "open")
        return self.kept(place, Txn(name, "reserve", player.id, round_id, minor), player)

    def deposit_call(self, call: Call) -> Any:
        return self.payment(call, 1)

    def withdrawal_call(self, call: Call) -> Any:
        return self.payment(call, -1)

    def payment(self, call: Call, sign: int) -> Any:
        name = text(call.body, "payment_id")
        player = self.player(call, text(call.body, "player_id"))
        minor = self.minor(call.body, player)
        place = ("payment", name)
        if place in self.world.txns:
            return self.world.txns[place].answer
        if sign < 0:
            self.take(player, minor)
        else:
            self.pay(player, minor)
        answer = {"payment_id": name, "status": "completed", "balance": self.balance(player)}
        self.world.txns[place] = Txn(name, "payment", player.id, "", minor, answer=answer)
        return answer

    def close_call(self, call: Call) -> Any:
        round_id, outcome = call.parts["round_id"], text(call.body, "outcome")
        state = self.world.rounds.get(round_id)
        if state is None:
            raise Refusal(404, "NOT_FOUND")
        if state not in ("open", outcome):
            raise Refusal(409, "INVALID_STATE", reason="round_closed")
        self.world.rounds[round_id] = outcome
        return {"round_id": round_id, "status": outcome}

    def read_balance(self, call: Call) -> Any:
        player = self.player(call, call.parts["player_id"])
        return {"player_id": player.id, "balance": self.balance(player)}

    def make_player(self, call: Call) -> Any:
        name = f"p_{next(self.world.count)}"
        currency = call.body["currency"]
        cash = int(Decimal(call.body["cash"]).scaleb(SCALES[currency]))
        self.world.players[name] = Player(name, "brand-42", currency, cash)
        return {"player_id": name}

    def lock_player(self, call: Call) -> Any:
        self.world.players[call.parts["player_id"]].locked = True
        return {}

    def limit_player(self, call: Call) -> Any:
        player = self.world.players[call.parts["player_id"]]
        cash = Decimal(str(call.body["amount"]["amount"]))
        player.limit = int(cash.scaleb(SCALES[player.currency]))
        return {}

    def make_session(self, call: Call) -> Any:
        name = f"s_{next(self.world.count)}"
        body = read_json(call.raw)
        self.world.sessions[name] = (body["player_id"], True)
        limits = body.get("constraints", {})
        if "max_bet" in limits:
            currency = self.world.players[body["player_id"]].currency
            self.world.max_bets[name] = int(Decimal(limits["max_bet"]).scaleb(SCALES[currency]))
        return {"session_id": name, "constraints": limits}

    def end_session(self, call: Call) -> Any:
        owner, _ = self.world.sessions[call.parts["session_id"]]
        self.world.sessions[call.parts["session_id"]] = owner, False
        return {}

    def advance(self, call: Call) -> Any:
        self.world.now += int(call.body["by_ms"])
        return {}

    def reconcile(self, call: Call) -> Any:
        sound = all(one.cash >= 0 and one.held >= 0 for one in self.world.players.values())
        return {"sound": sound}
