"""The wallet API as its checks write it: `/v1/wallet`, in the target's format of money."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from simulator.certify.check import Need, Unclear
from simulator.certify.drive import Done
from simulator.certify.exchange import Ask
from simulator.certify.roles.money import Funds, MoneyDrive, changed
from simulator.certify.roles.player import Player


class Begun(NamedTuple):
    """Where most checks begin: `before` is what the player has once `bet` is taken."""

    player: Player
    round_id: str
    bet: str
    before: Funds


class Wallet(MoneyDrive):
    """Debits, credits, rollbacks and what is left (WAL-01..77)."""

    async def read_balance(self, player: Player) -> Done:
        """GET the balance."""
        return await self.send(self.ask("GET", f"/v1/wallet/players/{player.id}/balance"))

    async def session(self, player: Player) -> str:
        """A game session. Raises Unclear where hooks.create_session does not give one."""
        made = await self.hook(Need.CREATE_SESSION, player_id=player.id, currency=player.currency)
        found = made.get("session_id")
        if not isinstance(found, str):
            raise Unclear(f"hooks.create_session answered no session_id: {made}")
        return found

    async def limited_session(self, player: Player, cash: str) -> str:
        """A game session with no stake above `cash`. Raises Unclear where hooks.limited_session
        does not give one, or does not say that it is limited."""
        who = {"player_id": player.id, "currency": player.currency}
        made = await self.hook(Need.LIMITED_SESSION, **who, cash=cash)
        found, limits = made.get("session_id"), made.get("constraints")
        if not isinstance(found, str) or not isinstance(limits, dict) or "max_bet" not in limits:
            raise Unclear(f"hooks.limited_session answered no limited session: {made}")
        return found

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
            "amount": player.money(minor).written(self.form),
        }
        return self.ask("POST", "/v1/wallet/debit", changed(body, over), key=key)

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
            "amount": player.money(minor).written(self.form),
            "reason": reason,
        }
        if debit is not None:
            body["debit_transaction_id"] = debit
        return self.ask("POST", "/v1/wallet/credit", changed(body, over), key=key)

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
        return self.ask("POST", "/v1/wallet/rollback", changed(body, over), key=key)

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

    def payment_ask(self, kind: str, player: Player, minor: int, payment: str = "") -> Ask:
        """Money from or to the world outside: `kind` is deposits or withdrawals."""
        body = {
            "payment_id": payment or self.names.new("pay"),
            "player_id": player.id,
            "amount": player.money(minor).written(self.form),
        }
        return self.ask("POST", f"/v1/wallet/{kind}", body)

    def every_write(self, begun: Begun) -> tuple[Ask, ...]:
        """One request of each kind that changes something, for a stake that was taken."""
        player, round_id, bet, _ = begun
        stake = self.debit_ask(player, 100, round_id=round_id)
        win = self.credit_ask(player, 500, round_id=round_id, debit=bet)
        paid = self.names.new("pay")
        return (
            stake,
            win,
            self.rollback_ask(player, bet, round_id=round_id),
            self.pair_ask(stake, win),
            self.batch_ask([("credit", win)]),
            self.reserve_ask(player, 100, round_id=round_id, txn=self.names.new("t")),
            self.release_ask(player, bet, round_id=round_id, txn=self.names.new("t")),
            self.ask("POST", f"/v1/wallet/rounds/{round_id}/close", {"outcome": "completed"}),
            self.payment_ask("deposits", player, 100, paid),
            self.payment_ask("withdrawals", player, 100, paid),
        )

    def jackpot_ask(self, player: Player, minor: int, payout: str, **over: Any) -> Ask:
        """A jackpot's credit, whose key is in its body (JP-13, PRV-35)."""
        body = {
            "jp_payout_id": payout,
            "tenant_id": self.config.headers.get("X-Brand-Id", "tenant"),
            "player_id": player.id,
            "pool_id": self.config.pool_id or "grand-eu-01",
            "amount": player.money(minor).written(self.form),
            "meta": {"tax_withheld": False, "tier": "grand"},
            "idempotency_key": f"{payout}-key",
        }
        return self.ask("POST", "/v1/wallet/credit", changed(body, over), key="")

    # --- Calls ------------------------------------------------------------------------------------

    async def begun(self, stake: int) -> Begun:
        """A player with a stake that is taken. Raises Unclear."""
        player = await self.player()
        round_id, bet = self.names.new("r"), self.names.new("t")
        self.given(await self.debit(player, stake, round_id=round_id, txn=bet))
        return Begun(player, round_id, bet, await self.funds(player))

    async def debit(self, player: Player, minor: int, **how: Any) -> Done:
        """Take a stake; `how` as in `debit_ask`."""
        return await self.send(self.debit_ask(player, minor, **how))

    async def stakes_nothing(
        self, player: Player, minor: int, why: str, *, round_id: str, session: str | None = None
    ) -> None:
        """That stake is refused by whatever door; of a batch, which is answered item by item, only
        the money tells, and whoever asks looks at that."""
        how: dict[str, Any] = {"round_id": round_id, "session_id": session}
        debit = self.debit_ask(player, minor, **how)
        pair = self.pair_ask(debit, self.credit_ask(player, 0, round_id=round_id))
        for ask, what in (
            (debit, "a debit"),
            (self.reserve_ask(player, minor, txn=self.names.new("t"), **how), "a reserve"),
            (pair, "a debit and its win in one call"),
        ):
            self.refused(await self.send(ask), what=f"{what} {why}")
        await self.send(self.batch_ask([("debit", debit)]))

    def unbacked(self, done: Done, what: str) -> None:
        """A win without a debit of its own is refused or, by profile, a promo (WAL-24); which of
        these it is there, whoever asks sees by the money."""
        if self.profile.win_without_bet == "refused":
            self.refused(done, what=what)
        else:
            self.require(done.status < 500, f"it is answered for good, and {done}")

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
