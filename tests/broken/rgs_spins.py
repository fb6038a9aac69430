"""Sessions and spins of the toy game server."""

import hashlib
import hmac
import time
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.broken.http import Call, Refusal, text
from tests.broken.rgs_tokens import TokenRoom
from tests.broken.standing import CLIENTS, SCALES

LOW, HIGH, STEP = 100, 2_000, 50
POOL = "toy-pool"
STUDIO = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"the studio's key").digest())
COUNTRIES = ("DE", "FR")
GAMES = {"toy:reels": ("base",), "toy:cards": ("base", "double")}


def build_of(game: str) -> str:
    """The hash of a game's build."""
    return "sha256:" + hashlib.sha256(game.encode()).hexdigest()


@dataclass
class Session:
    id: str
    tenant: str
    body: dict[str, Any]
    excluded: bool
    balance: int | None
    opened_s: int
    status: str = "open"
    reminders: int = 0
    played_s: float | None = None
    spins: int = 0
    staked: int = 0
    won: int = 0
    answer: Any = None

    @property
    def currency(self) -> str:
        found: str = self.body["currency"]
        return found


@dataclass
class Spin:
    id: str
    session: Session
    round: str
    kind: str
    minor: int
    win: int
    outcome: Any
    txns: list[dict[str, Any]]
    grant: str | None = None
    tournament: str | None = None
    status: str = "played"
    answer: Any = None


@dataclass
class Grant:
    id: str
    body: dict[str, Any]
    left: int
    won: int = 0


@dataclass
class Round:
    id: str
    session: Session
    spins: list[Spin] = field(default_factory=list)
    status: str = "open"


class Spins(TokenRoom):
    """Who plays, and what it comes to."""

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, Session] = {}
        self.spins: dict[str, Spin] = {}
        self.rounds: dict[str, Round] = {}
        self.grants: dict[str, Grant] = {}
        self.excluded: set[str] = set()
        self.feed: list[dict[str, Any]] = []

    # --- Sessions ---------------------------------------------------------------------------------

    def open_session(self, call: Call) -> Any:
        body = call.body
        name = text(body, "session_id")
        for field_ in ("player_id", "game_id", "build_hash", "geo", "currency"):
            text(body, field_)
        known = self.sessions.get(name)
        if known is not None:
            return self.same_session(call, known)
        claims = self.claims(text(body, "jwt"))
        self.require_same(claims, body)
        self.require_build(body)
        self.use_token(claims, name)
        flags = body.get("rg_flags") or {}
        session = self.sessions[name] = Session(
            name,
            CLIENTS[call.client][2],
            body,
            self.is_excluded(flags, claims),
            0 if body.get("wallet") == "transfer" else None,
            self.now_s(),
        )
        session.answer = self.shown(session)
        return session.answer

    def is_excluded(self, flags: dict[str, Any], claims: dict[str, Any]) -> bool:
        said = (claims.get("rg_flags") or {}).get("self_excluded")
        return bool(flags.get("self_excluded") or said)

    def same_session(self, call: Call, known: Session) -> Any:
        if known.tenant != CLIENTS[call.client][2] or known.body["jwt"] != call.body.get("jwt"):
            raise Refusal(409, "DUPLICATE")
        return known.answer

    def require_build(self, body: dict[str, Any]) -> None:
        if body["game_id"] not in GAMES or body["build_hash"] != build_of(body["game_id"]):
            raise Refusal(422, "BUILD_NOT_CERTIFIED")
        if body["geo"] not in COUNTRIES:
            raise Refusal(422, "BUILD_NOT_CERTIFIED")

    def session(self, call: Call, name: str) -> Session:
        found = self.sessions.get(name)
        if found is None or not self.mine(call, found):
            raise Refusal(404, "NOT_FOUND")
        return found

    def mine(self, call: Call, session: Session) -> bool:
        return session.tenant == CLIENTS[call.client][2]

    def shown(self, session: Session) -> dict[str, Any]:
        currency = session.currency
        answer = {
            **{name: value for name, value in session.body.items() if name != "jwt"},
            "status": session.status,
            "modes": list(GAMES[session.body["game_id"]]),
            "stakes": {
                name: self.money(minor, currency)
                for name, minor in (("min", LOW), ("max", HIGH), ("step", STEP))
            },
            "spins": session.spins,
            "staked": self.money(session.staked, currency),
            "won": self.money(session.won, currency),
        }
        if session.balance is not None:
            answer["balance"] = self.money(session.balance, currency)
        return answer

    def read_session(self, call: Call) -> Any:
        return self.shown(self.session(call, call.parts["session_id"]))

    def end_session(self, call: Call) -> Any:
        session = self.session(call, call.parts["session_id"])
        session.status = "ended"
        return self.shown(session)

    def exclude(self, call: Call) -> Any:
        player, excluded = call.parts["player_id"], call.body["self_excluded"]
        (self.excluded.add if excluded else self.excluded.discard)(player)
        return {"player_id": player, "self_excluded": excluded}

    # --- Spins ------------------------------------------------------------------------------------

    def spin(self, call: Call) -> Any:
        body = call.body
        name, round_id = text(body, "spin_id"), text(body, "round_id")
        self.require_key(text(body, "idempotency_key"), round_id)
        session = self.session(call, text(body, "session_id"))
        minor = self.minor({"amount": body.get("stake")})
        known = self.spins.get(name)
        if known is not None:
            return self.known(known, body, minor)
        self.require_open(session, round_id)
        self.require_stake(session, body, minor)
        self.require_allowed(session, body)
        self.use(session, body)
        session.played_s = time.monotonic()
        return self.play(session, body, minor)

    def require_key(self, key: str, round_id: str) -> None:
        if key == round_id:
            raise Refusal(400, "VALIDATION_FAILED", "a round_id is no key")

    def known(self, spin: Spin, body: dict[str, Any], minor: int) -> Any:
        asked = (body["session_id"], body["round_id"], body["spin_type"], minor)
        if (spin.session.id, spin.round, spin.kind, spin.minor) != asked:
            raise Refusal(409, "DUPLICATE")
        return spin.answer

    def require_open(self, session: Session, round_id: str) -> None:
        if session.status != "open":
            raise Refusal(409, "INVALID_STATE", reason="session_ended")
        game_round = self.rounds.get(round_id)
        if game_round is not None and game_round.status != "open":
            raise Refusal(409, "INVALID_STATE", reason="round_completed")

    def require_stake(self, session: Session, body: dict[str, Any], minor: int) -> None:
        if body["stake"]["currency"] != session.currency:
            raise Refusal(422, "CURRENCY_MISMATCH")
        if not LOW <= minor <= HIGH or minor % STEP:
            raise Refusal(422, "LIMIT_EXCEEDED")
        paid = body["spin_type"] == "cash"
        if paid and session.balance is not None and session.balance < minor:
            raise Refusal(422, "INSUFFICIENT_FUNDS")

    def require_allowed(self, session: Session, body: dict[str, Any]) -> None:
        if body.get("mode", "base") not in GAMES[session.body["game_id"]]:
            raise Refusal(422, "BUILD_NOT_CERTIFIED")
        blocked = session.excluded or session.body["player_id"] in self.excluded
        if blocked and body["spin_type"] != "free":
            self.feed_of(session, "rg_event", {"reason": "self_excluded"})
            raise Refusal(403, "RG_BLOCKED")

    def use(self, session: Session, body: dict[str, Any]) -> None:
        """What a spin uses up."""

    def play(self, session: Session, body: dict[str, Any], minor: int) -> Any:
        name, round_id, kind = body["spin_id"], body["round_id"], body["spin_type"]
        outcome, win = self.outcome(session, round_id, name, minor)
        grant = body.get("grant_id")
        txns = self.txns(name, kind, minor, win, session.currency)
        race = body.get("tournament_id")
        spin = Spin(name, session, round_id, kind, minor, win, outcome, txns, grant, race)
        self.spins[name] = spin
        self.rounds.setdefault(round_id, Round(round_id, session)).spins.append(spin)
        self.count(spin, 1)
        self.tell("spin_finished", spin)
        self.tell_txns(spin, txns)
        spin.answer = {
            "spin_id": name,
            "outcome": outcome,
            "rgs_txns": list(txns),
            "telemetry_ref": f"evt_{name}",
        }
        return spin.answer

    def outcome(self, session: Session, round_id: str, spin: str, minor: int) -> tuple[Any, int]:
        seen = "/".join((session.id, round_id, spin)).encode()
        drawn = hmac.digest(b"toy", seen, "sha256")
        win = minor * (0, 0, 0, 1, 2)[drawn[0] % 5]
        symbols = [one % 9 for one in drawn[1:6]]
        return {
            "win": self.money(win, session.currency),
            "features": [],
            "symbols": symbols,
        }, win

    def txns(self, name: str, kind: str, minor: int, win: int, currency: str) -> list[Any]:
        if kind == "cash":
            return [self.txn(name, "jackpot_contribution", minor // 50, currency)]
        return [self.txn(name, "bonus_award", win, currency)] if win else []

    def txn(self, name: str, kind: str, minor: int, currency: str) -> dict[str, Any]:
        amount = self.amount(minor, currency)
        lines = (f"{kind}-{name}", name, kind, str(amount), currency, POOL)
        return {
            "txn_id": f"{kind}-{name}",
            "type": kind,
            "amount": amount,
            "pool_id": POOL,
            "signature": self.signed("\n".join(lines)),
        }

    def signed(self, said: str) -> str:
        return STUDIO.sign(said.encode()).hex()

    def count(self, spin: Spin, sign: int) -> None:
        if spin.kind == "free" and spin.grant is not None:
            self.grants[spin.grant].won += sign * spin.win
        if spin.kind != "cash":
            return
        session = spin.session
        session.spins += sign
        session.staked += sign * spin.minor
        session.won += sign * spin.win
        if session.balance is not None:
            session.balance += sign * (spin.win - spin.minor)

    def tell(self, topic: str, spin: Spin) -> None:
        currency, body = spin.session.currency, spin.session.body
        payload = {
            "spin_id": spin.id,
            "round_id": spin.round,
            "spin_type": spin.kind,
            "stake": self.amount(spin.minor, currency),
            "win": self.amount(spin.win, currency),
            "currency": currency,
            **{name: body[name] for name in ("build_hash", "game_id", "player_id", "operator_id")},
        }
        self.feed_of(spin.session, topic, payload)

    def tell_txns(self, spin: Spin, txns: list[dict[str, Any]]) -> None:
        for txn in txns:
            self.feed_of(spin.session, txn["type"], {**txn, "spin_id": spin.id})

    def feed_of(self, session: Session, topic: str, payload: dict[str, Any]) -> None:
        player = session.body["player_id"]
        self.feed.append({"event_type": topic, "player_id": player, "payload": payload})

    def void(self, call: Call) -> Any:
        spin = self.found(call)
        if spin.status == "played":
            self.undo(spin)
        return self.view(spin)

    def undo(self, spin: Spin) -> None:
        spin.status = "void"
        self.count(spin, -1)
        self.rounds[spin.round].spins.remove(spin)
        back = []
        for txn in [one for one in spin.txns if one["type"] == "jackpot_contribution"]:
            minor = int(Decimal(txn["amount"]).scaleb(SCALES[spin.session.currency]))
            back.append(self.txn(spin.id, "jackpot_reversal", minor, spin.session.currency))
        spin.txns += back
        self.tell("spin_voided", spin)
        self.tell_txns(spin, back)

    def found(self, call: Call) -> Spin:
        spin = self.spins.get(call.parts["spin_id"])
        if spin is None or not self.mine(call, spin.session):
            raise Refusal(404, "NOT_FOUND")
        return spin

    def view(self, spin: Spin) -> dict[str, Any]:
        return {
            "spin_id": spin.id,
            "status": spin.status,
            "round_id": spin.round,
            "session_id": spin.session.id,
            "build_hash": spin.session.body["build_hash"],
            "stake": self.money(spin.minor, spin.session.currency),
            "outcome": spin.outcome,
            "rgs_txns": spin.txns,
            "record": self.record(spin),
        }

    def record(self, spin: Spin) -> dict[str, Any]:
        nonce = "/".join((spin.session.id, spin.round, spin.id))
        return {"seed_fingerprint": "f00d", "nonce": nonce, "mechanics_version": "toy-1"}

    def read_spin(self, call: Call) -> Any:
        return self.view(self.found(call))

    def replay(self, call: Call) -> Any:
        spin = self.found(call)
        outcome, _win = self.outcome(spin.session, spin.round, spin.id, spin.minor)
        return {"outcome": outcome, "record": self.record(spin), "same": outcome == spin.outcome}
