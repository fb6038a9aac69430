"""Whatever a provider does with transactions, in whatever order, again and at once: the money adds
up."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.laws.provider import (
    LONG,
    PLAYERS,
    Ask,
    Call,
    Mortal,
    Provider,
    asks,
    minor_of,
    money,
    run,
)
from tests.laws.stores import OnFile, OnPostgres, Place
from tests.postgres import Server
from tests.support import Got

KINDS = ("debit", "credit", "rollback", "reserve", "release")
PATHS = {kind: f"/v1/wallet/{kind}" for kind in KINDS}
WHOSE = {f"r{i}": player for i, player in enumerate(sorted(PLAYERS))}
"""Whose a round is, unless a call has gone astray."""

wins = st.sampled_from([0, 1, 5_000])
reasons = st.sampled_from(["win", "win", "win", "promo", "correction"])
endings = st.sampled_from(["completed", "cancelled"])


@dataclass
class Round:
    """A round that a stake has opened."""

    player: str
    status: str = "open"
    closed: bytes = b""
    open_bets: int = 0
    settled: int = 0
    won: int = 0
    loose_wins: int = 0


@dataclass
class Txn:
    """A transaction that has happened, or the tombstone of one that never will."""

    kind: str
    player: str
    round_id: str
    amount: int | None = None
    original: str | None = None
    status: str = "ok"
    reason: str = ""
    first: bytes = field(default=b"", repr=False)


class WalletMachine(Provider):
    """Balance and holds are what a few integers say, after any mixture of debits, credits,
    rollbacks, reserves and releases, of their repeats, altered or parallel, of lost answers, closed
    rounds and passing time; a repeat answers the first bytes; at the end the books are sound, and
    every effect and every refused debit or credit has exactly one event.

    (PRV-30..32, PRV-34, PRV-40, WAL-01, 02, 06..08, 16, 20..25, 40..45, 47..49, 60, 72)
    """

    def __init__(self) -> None:
        super().__init__()
        self.rounds: dict[str, Round] = {}
        self.txns: dict[str, Txn] = {}

    async def close_the_books(self) -> None:
        await super().close_the_books()
        listed = (await self.box.call("GET", "/v1/wallet/transactions?limit=200")).json["items"]
        shown = {txn["transaction_id"]: (txn["kind"], txn["status"]) for txn in listed}
        assert shown == {name: (txn.kind, txn.status) for name, txn in self.txns.items()}

    # What a provider does -------------------------------------------------------------------------

    @rule(ask=asks)
    def debit(self, ask: Ask) -> None:
        self.say(self._stake_call("debit", ask))

    @rule(ask=asks)
    def reserve(self, ask: Ask) -> None:
        self.say(self._stake_call("reserve", ask))

    @rule(ask=asks, whole=st.booleans())
    def spend(self, ask: Ask, whole: bool) -> None:
        """A debit of what a reserve has set aside, or of another amount."""
        kept = self._about(ask, "reserve")
        call = self._stake_call("debit", ask, of=kept)
        txn = self.txns.get(kept)
        if whole and txn is not None and txn.amount is not None and call.body is not None:
            currency = PLAYERS[call.body["player_id"]][0]
            call.body["amount"] = money(txn.amount, currency)
        self.say(call)

    @rule(ask=asks, win=wins, reason=reasons, named=st.booleans())
    def credit(self, ask: Ask, win: int, reason: str, named: bool) -> None:
        self.say(self._credit_call(ask, win, reason, named=named))

    @rule(ask=asks, kind=st.sampled_from(["rollback", "rollback", "release"]))
    def undo(self, ask: Ask, kind: str) -> None:
        """Before what it undoes, after it, or after its end."""
        self.say(self._undo_call(kind, self._about(ask, None), ask))

    @rule(round_id=st.sampled_from(sorted(WHOSE)), outcome=endings, end_bets=st.booleans())
    def close_round(self, round_id: str, outcome: str, end_bets: bool) -> None:
        """With its reserves released first, or not."""
        for name in [n for n, txn in self.txns.items() if _is_held(txn, round_id)]:
            if end_bets:
                self.say(self._take_back(name, "release"))
        got = self.send(self.call(f"/v1/wallet/rounds/{round_id}/close", {"outcome": outcome}))
        found = self.rounds.get(round_id)
        if found is None:
            assert (got.status, got.code) == (404, "NOT_FOUND"), got.body
        elif found.status == outcome:
            assert (got.status, got.body) == (200, found.closed)
        elif (
            found.status != "open"
            or found.open_bets
            or (outcome == "cancelled" and (found.settled or found.won))
        ):
            assert (got.status, got.code) == (409, "INVALID_STATE"), got.body
        else:
            assert (got.status, got.json["status"]) == (200, outcome), got.body
            found.status, found.closed = outcome, got.body

    # What must then be true -----------------------------------------------------------------------

    def named(self, event: dict[str, Any]) -> str:
        payload = event["payload"]
        return str(payload.get("transaction_id") or payload["bet_id"])

    def repeats(self, call: Call) -> bool:
        return call.path in PATHS.values()

    def recall(self, call: Call) -> Call:
        return self._take_back((call.body or {})["transaction_id"], "rollback", call.body)

    def judge(self, call: Call, got: Got) -> None:
        body = call.body or {}
        kind = call.path.rpartition("/")[2]
        name = body["transaction_id"]
        original = body.get("original_transaction_id") or body.get(
            "debit_transaction_id" if kind == "credit" else "reserve_transaction_id"
        )
        amount = minor_of(body["amount"]) if "amount" in body else None
        asked = Txn(kind, body["player_id"], body["round_id"], amount, original)
        asked.reason = body.get("reason", "")
        known = self.txns.get(name)
        if known is not None:
            code = self._repeated(known, asked)
        elif kind in ("debit", "reserve"):
            code = self._staked(asked)
        elif kind == "credit":
            code = self._credited(asked)
        else:
            code = self._undone(name, asked)
        if code:
            assert got.code == code, (got.body, code)
            if kind in ("debit", "credit"):
                self.events[f"wallet.{kind}.failed", name] += 1
            return
        assert got.status == 200, got.body
        if known is not None:
            assert got.body == known.first
            return
        asked.first = got.body
        self.txns[name] = asked
        if kind in ("debit", "credit"):
            self.events[f"wallet.{kind}.ok", name] += 1
        assert got.json.get("tombstone", False) == (asked.amount is None)

    def _repeated(self, known: Txn, asked: Txn) -> str:
        """What a known id is answered: the code of a refusal, or nothing (WAL-07, WAL-08)."""
        if known.kind == "tombstone":
            return "INVALID_STATE"
        if asked.kind in ("rollback", "release"):
            asked.amount = known.amount
        for fact in ("kind", "player", "round_id", "amount", "original"):
            if getattr(known, fact) != getattr(asked, fact):
                return "DUPLICATE"
        return "INVALID_STATE" if known.status in ("rolled_back", "released") else ""

    def _staked(self, asked: Txn) -> str:
        found = self.rounds.get(asked.round_id)
        if found is not None and found.player != asked.player:
            return "DUPLICATE"
        if found is not None and found.status != "open":
            return "INVALID_STATE"
        amount = asked.amount or 0
        if asked.original is not None:
            kept = self.txns.get(asked.original)
            if kept is None:
                return "NOT_FOUND"
            whole = ("reserve", asked.player, asked.round_id, amount, "ok")
            if (kept.kind, kept.player, kept.round_id, kept.amount, kept.status) != whole:
                return "INVALID_STATE"
            kept.status = "spent"
            self.move(asked.player, available=0, held=-amount)
            self.rounds[asked.round_id].open_bets -= 1
            self.rounds[asked.round_id].settled += 1
            return ""
        if amount > self.available[asked.player]:
            return "INSUFFICIENT_FUNDS"
        found = self.rounds.setdefault(asked.round_id, Round(asked.player))
        if asked.kind == "reserve":
            found.open_bets += 1
            self.move(asked.player, available=-amount, held=amount)
        else:
            found.settled += 1
            self.move(asked.player, available=-amount)
        return ""

    def _credited(self, asked: Txn) -> str:
        found = self.rounds.get(asked.round_id)
        if found is not None and (found.player != asked.player or found.status != "open"):
            return "INVALID_STATE"
        amount = asked.amount or 0
        if asked.reason == "win":
            debit = self.txns.get(asked.original or "")
            if debit is not None:
                fits = (debit.player, debit.round_id) == (asked.player, asked.round_id)
                if debit.kind != "debit" or not fits or debit.status == "rolled_back":
                    return "INVALID_STATE"
            if found is None or not found.open_bets + found.settled:
                return "BET_NOT_FOUND"
            if asked.original is not None and debit is None:
                return "BET_NOT_FOUND"
            found.won += amount
            found.loose_wins += debit is None
            if debit is not None:
                debit.status = "settled"
        self.move(asked.player, available=amount)
        return ""

    def _undone(self, name: str, asked: Txn) -> str:
        if asked.original == name:
            return "INVALID_STATE"
        found = self.rounds.get(asked.round_id)
        original = self.txns.get(asked.original or "")
        if original is not None and (original.player, original.round_id) != (
            asked.player,
            asked.round_id,
        ):
            return "INVALID_STATE"
        astray = original is None and found is not None and found.player != asked.player
        if astray or (found is not None and found.status != "open"):
            return "INVALID_STATE"
        if original is None:
            stone = Txn("tombstone", asked.player, asked.round_id, status="rolled_back")
            self.txns[asked.original or ""] = stone
            self.events["bet.rolled_back", asked.original or ""] += 1
            return ""
        if original.kind == "tombstone":
            return ""
        may = {"debit": ("rollback",), "reserve": ("rollback", "release")}
        if original.kind == "credit" and asked.kind == "rollback":
            return "INVALID_STATE"  # a win that was paid is not taken back (WAL-47)
        if asked.kind not in may.get(original.kind, ()):
            return "INVALID_STATE"
        return self._given_back(asked, original, found)

    def _given_back(self, asked: Txn, original: Txn, found: Round | None) -> str:
        assert found is not None
        if original.status in ("rolled_back", "released"):
            asked.amount = 0
            return ""
        if original.status in ("spent", "settled") or (
            original.kind == "debit" and found.loose_wins
        ):
            return "INVALID_STATE"
        asked.amount = amount = original.amount or 0
        if original.kind == "reserve":
            original.status = "released"
            found.open_bets -= 1
            self.move(asked.player, available=amount, held=-amount)
        else:
            original.status = "rolled_back"
            found.settled -= 1
            self.move(asked.player, available=amount)
            self.events["bet.rolled_back", asked.original or ""] += 1
        return ""

    # Calls ----------------------------------------------------------------------------------------

    def call_of(self, ask: Ask) -> Call:
        kind = KINDS[ask.kind % len(KINDS)]
        if kind in ("debit", "reserve"):
            return self._stake_call(kind, ask)
        if kind == "credit":
            return self._credit_call(ask, ask.pick, "win", named=ask.which != "any")
        return self._undo_call(kind, self._about(ask, None), ask)

    def _stake_call(self, kind: str, ask: Ask, of: str | None = None) -> Call:
        ids = self._ids(f"{kind[0]}{ask.name}", of, ask)
        body = {**ids, "amount": self.stake(ids["player_id"], ask.amount)}
        return self.call(PATHS[kind], {**body, "reserve_transaction_id": of} if of else body)

    def _credit_call(self, ask: Ask, win: int, reason: str, *, named: bool) -> Call:
        debit = self._about(ask, "debit") if named else None
        ids = self._ids(f"c{ask.name}", debit, ask)
        body = {**ids, "reason": reason, "amount": money(win, PLAYERS[ids["player_id"]][0])}
        return self.call(
            PATHS["credit"], {**body, "debit_transaction_id": debit} if debit else body
        )

    def _undo_call(self, kind: str, of: str, ask: Ask) -> Call:
        ids = self._ids(f"x{ask.name}", of, ask)
        return self.call(PATHS[kind], {**ids, "original_transaction_id": of})

    def _take_back(self, of: str, kind: str, about: dict[str, Any] | None = None) -> Call:
        """A new transaction that undoes one; of one that never came, as it was asked for."""
        txn = self.txns.get(of)
        asked = about or {}
        ids = {
            "transaction_id": f"back-{self.keys}",
            "original_transaction_id": of,
            "player_id": txn.player if txn else asked["player_id"],
            "round_id": txn.round_id if txn else asked["round_id"],
        }
        return self.call(PATHS[kind], ids)

    def _ids(self, name: str, of: str | None, ask: Ask) -> dict[str, str]:
        """Of whom and in which round: those of what it is about, but for some that go astray."""
        txn = self.txns.get(of or "")
        round_id = ask.round_id if txn is None or ask.astray else txn.round_id
        whose = "r0" if ask.astray and ask.pick % 2 else round_id
        player = WHOSE[whose] if txn is None or ask.astray else txn.player
        return {"transaction_id": name, "player_id": player, "round_id": round_id}

    def _about(self, ask: Ask, kind: str | None) -> str:
        """The id of a transaction from the same few, so that calls meet."""
        fresh = f"{(kind or 'debit')[0]}{ask.name}"
        if ask.which == "new" or not self.txns:
            return fresh
        names = [n for n, txn in self.txns.items() if kind in (None, txn.kind)]
        open_ones = [n for n in names if self.txns[n].status == "ok"]
        among = open_ones if ask.which == "open" and open_ones else names
        return among[ask.pick % len(among)] if among else fresh


class DurableWalletMachine(Mortal, WalletMachine):
    """The same law in memory, on files and in PostgreSQL at once, which answer the same bytes and
    end in the same state, also where their servers crash. (WAL-74)"""


def _is_held(txn: Txn, round_id: str) -> bool:
    return (txn.kind, txn.status, txn.round_id) == ("reserve", "ok", round_id)


@LONG
def test_transactions() -> None:
    """The law of `WalletMachine`, in memory."""
    run(WalletMachine, lambda: [Place("reference")], examples=500, nightly=50_000)


@LONG
def test_transactions_on_file() -> None:
    """The law of `DurableWalletMachine`, in memory and on files."""
    run(
        DurableWalletMachine,
        lambda: [Place("reference"), OnFile("reference")],
        examples=20,
        nightly=5_000,
    )


@LONG
def test_transactions_in_every_store(postgres_server: Server) -> None:
    """The law of `DurableWalletMachine`, in memory, on files and in PostgreSQL."""
    run(
        DurableWalletMachine,
        lambda: [
            Place("reference"),
            OnFile("reference"),
            OnPostgres("reference", postgres_server),
        ],
        examples=2,
        nightly=500,
    )
