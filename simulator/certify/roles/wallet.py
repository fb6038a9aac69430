"""The wallet API as its checks write it: `/v1/wallet`, in the target's format of money."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.certify.check import Need, Unclear
from simulator.certify.drive import Done, Drive
from simulator.certify.exchange import Ask
from simulator.certify.money import NotMoney, read
from simulator.certify.roles import player as players
from simulator.certify.roles.player import Player


@dataclass(frozen=True, slots=True)
class Funds:
    """What a player has, in minor units; cash and bonus are None where the target does not say."""

    available: int
    held: int
    cash: int | None
    bonus: int | None

    def __sub__(self, before: "Funds") -> "Funds":
        """What has moved since."""
        return Funds(
            self.available - before.available,
            self.held - before.held,
            _less(self.cash, before.cash),
            _less(self.bonus, before.bonus),
        )


class Wallet(Drive):
    """Debits, credits, rollbacks and what is left (WAL-01..77)."""

    # --- Players ----------------------------------------------------------------------------------

    async def player(self, cash_minor: int = 10_000, currency: str = "EUR") -> Player:
        """See `roles.player.player`."""
        return await players.player(self, cash_minor, currency)

    def configured(self, kind: str) -> Player:
        """One of `players`."""
        return players.configured(self, kind)

    async def session(self, player: Player) -> str:
        """A game session. Raises Unclear where hooks.create_session does not give one."""
        made = await self.hook(Need.CREATE_SESSION, player_id=player.id, currency=player.currency)
        found = made.get("session_id")
        if not isinstance(found, str):
            raise Unclear(f"hooks.create_session answered no session_id: {made}")
        return found

    async def funds(self, player: Player) -> Funds:
        """What the player has now. Raises Unclear where the target does not say."""
        done = self.given(await self.read_balance(player))
        try:
            return self.read_funds(done)
        except NotMoney as wrong:
            raise Unclear(f"the balance cannot be read: {wrong}; {done}") from None

    async def read_balance(self, player: Player) -> Done:
        """GET the balance."""
        return await self.send(self.ask("GET", f"/v1/wallet/players/{player.id}/balance"))

    def read_funds(self, done: Done, at: str = "balance") -> Funds:
        """The balance in an answer. Raises NotMoney."""
        found = done.at(at)
        if not isinstance(found, Mapping):
            raise NotMoney(f"there is no {at} in {done}")
        form = self.profile.money_format
        parts = {
            name: read(found[name], form).minor if name in found else None
            for name in ("available", "held", "cash", "bonus")
        }
        if parts["available"] is None:
            raise NotMoney(f"there is no {at}.available in {done}")
        return Funds(parts["available"], parts["held"] or 0, parts["cash"], parts["bonus"])

    def balance_is(self, done: Done, expected: Funds) -> None:
        """Judge the balance that an answer carries: what is available and held."""
        try:
            found = self.read_funds(done)
        except NotMoney as wrong:
            self.require(False, str(wrong))
            return
        self.require(
            (found.available, found.held) == (expected.available, expected.held),
            f"the balance in the answer has to be {expected.available} available and "
            f"{expected.held} held (minor units), and {done}",
        )

    async def moved(self, player: Player, before: Funds, *allowed: int) -> int:
        """Judge by how much the available money moved since `before`, in minor units."""
        now = await self.funds(player)
        by = now.available - before.available
        wanted = " or ".join(f"{one:+d}" for one in allowed)
        self.require(
            by in allowed,
            f"the money of {player.id} has to have moved by {wanted} minor units of "
            f"{player.currency}, and it moved by {by:+d} ({before.available} → {now.available})",
        )
        return by

    # --- Requests ---------------------------------------------------------------------------------

    def debit_ask(
        self,
        player: Player,
        minor: int,
        *,
        round_id: str | None = None,
        txn: str | None = None,
        key: str | None = None,
        **over: Any,
    ) -> Ask:
        """`over` replaces or adds fields of the body; None takes one away."""
        body = {
            "transaction_id": txn or self.names.new("t"),
            "player_id": player.id,
            "round_id": round_id or self.names.new("r"),
            "amount": player.money(minor).written(self.profile.money_format),
        }
        return self.ask("POST", "/v1/wallet/debit", _over(body, over), key=key)

    def credit_ask(
        self,
        player: Player,
        minor: int,
        *,
        round_id: str,
        debit: str | None = None,
        txn: str | None = None,
        reason: str = "win",
        key: str | None = None,
        **over: Any,
    ) -> Ask:
        body = {
            "transaction_id": txn or self.names.new("t"),
            "player_id": player.id,
            "round_id": round_id,
            "amount": player.money(minor).written(self.profile.money_format),
            "reason": reason,
        }
        if debit is not None:
            body["debit_transaction_id"] = debit
        return self.ask("POST", "/v1/wallet/credit", _over(body, over), key=key)

    def rollback_ask(
        self,
        player: Player,
        original: str,
        *,
        round_id: str,
        txn: str | None = None,
        key: str | None = None,
        **over: Any,
    ) -> Ask:
        body = {
            "transaction_id": txn or self.names.new("t"),
            "original_transaction_id": original,
            "player_id": player.id,
            "round_id": round_id,
        }
        return self.ask("POST", "/v1/wallet/rollback", _over(body, over), key=key)

    def pair_ask(self, debit: Ask, credit: Ask, key: str | None = None) -> Ask:
        """A debit and its credit in one call (WAL-29)."""
        body = b'{"debit": ' + debit.body + b', "credit": ' + credit.body + b"}"
        return self.ask("POST", "/v1/wallet/debit-and-credit", body, key=key)

    def batch_ask(self, items: Sequence[tuple[str, Ask]], key: str | None = None) -> Ask:
        """Several in one call, each under the name of its kind (WAL-62)."""
        parts = [b'{"' + kind.encode() + b'": ' + ask.body + b"}" for kind, ask in items]
        body = b'{"items": [' + b", ".join(parts) + b"]}"
        return self.ask("POST", "/v1/wallet/batch", body, key=key)

    def reserve_ask(
        self, player: Player, minor: int, *, round_id: str, txn: str, **over: Any
    ) -> Ask:
        debit = self.debit_ask(player, minor, round_id=round_id, txn=txn, **over)
        return self.ask("POST", "/v1/wallet/reserve", debit.body)

    def release_ask(self, player: Player, original: str, *, round_id: str, txn: str) -> Ask:
        rollback = self.rollback_ask(player, original, round_id=round_id, txn=txn)
        return self.ask("POST", "/v1/wallet/release", rollback.body)

    def jackpot_ask(self, player: Player, minor: int, payout: str, **over: Any) -> Ask:
        """A jackpot's credit, whose key is in its body (JP-13, PRV-35)."""
        body = {
            "jp_payout_id": payout,
            "tenant_id": self.config.headers.get("X-Brand-Id", "tenant"),
            "player_id": player.id,
            "pool_id": self.config.pool_id or "grand-eu-01",
            "amount": player.money(minor).written(self.profile.money_format),
            "meta": {"tax_withheld": False, "tier": "grand"},
            "idempotency_key": f"{payout}-key",
        }
        return self.ask("POST", "/v1/wallet/credit", _over(body, over), key="")

    # --- Calls ------------------------------------------------------------------------------------

    async def debit(self, player: Player, minor: int, **how: Any) -> Done:
        """Take a stake; `how` as in `debit_ask`."""
        return await self.send(self.debit_ask(player, minor, **how))

    async def credit(self, player: Player, minor: int, **how: Any) -> Done:
        """Pay; `how` as in `credit_ask`."""
        return await self.send(self.credit_ask(player, minor, **how))

    async def rollback(self, player: Player, original: str, **how: Any) -> Done:
        """Undo; `how` as in `rollback_ask`."""
        return await self.send(self.rollback_ask(player, original, **how))

    async def close(self, round_id: str, outcome: str = "completed") -> Done:
        """End a round."""
        path = f"/v1/wallet/rounds/{round_id}/close"
        return await self.send(self.ask("POST", path, {"outcome": outcome}))

    # --- Judging ----------------------------------------------------------------------------------

    def repeated(self, first: Done, later: Done) -> None:
        """Judge what a repeat is told, by the profile: the first body, the balance of now, or
        DUPLICATE (PRV-30, WAL-06)."""
        if self.profile.duplicate_answer == "duplicate_code" and later.code == "DUPLICATE":
            self.judged += 1
            return
        self.accepted(later, "the repeat of what was accepted")
        if self.profile.duplicate_answer == "same_body":
            self.same(first, later)


def _over(body: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**body, **over}.items() if value is not None}


def _less(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None else now - before
