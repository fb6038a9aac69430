"""The requests of the jackpot API (`/v1/jp`)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from simulator.certify.exchange import Ask
from simulator.certify.money import Format
from simulator.certify.roles.money import MoneyDrive, changed
from simulator.certify.roles.player import Player
from simulator.certify.roles.pools import Pool


class JackpotAsks(MoneyDrive):
    """What is asked of a jackpot service; not yet proven or sent (JP-02..40, WAL-90..97)."""

    stakes = False

    @property
    def form(self) -> Format:
        """`/v1/jp` has decimal numbers under every profile (PRV-03)."""
        return "decimal_number"

    @property
    def tenant(self) -> str:
        """Ours."""
        return self.config.headers.get("X-Brand-Id", "tenant")

    def contribute_ask(
        self,
        pool: Pool,
        player: Player,
        stake: int | Mapping[str, Any],
        *,
        contrib: str | None = None,
        round_id: str | None = None,
        bet: str | None = None,
        key: str | None = None,
        given: int | None = None,
        **over: Any,
    ) -> Ask:
        """Put a bet's part into a pool; its key is in its body (JP-10). A stake is minor units,
        or whatever else stands for it; `over` replaces or adds fields of the body; None takes one
        away."""
        body = {
            "jp_contrib_id": contrib or self.names.new("c"),
            "tenant_id": self.tenant,
            "pool_id": pool.id,
            "round_id": round_id or self.names.new("r"),
            "bet_id": bet or self.names.new("b"),
            "player_id": player.id,
            "bet": pool.money(stake).written(self.form) if isinstance(stake, int) else stake,
            "contribution": None if given is None else pool.money(given).written(self.form),
            "idempotency_key": key or self.names.new("k"),
        }
        return self.ask("POST", "/v1/jp/contributions", changed(body, over), key="")

    def same_contribution(
        self, pool: Pool, player: Player, contrib: str | None = None
    ) -> Callable[..., Ask]:
        """Asks, of a stake and perhaps a key, that are one contribution of one bet."""
        return partial(
            self.contribute_ask,
            pool,
            player,
            contrib=contrib or self.names.new("c"),
            round_id=self.names.new("r"),
            bet=self.names.new("b"),
        )

    def reverse_ask(self, contrib: str, key: str | None = None) -> Ask:
        """The bet was rolled back."""
        path = f"/v1/jp/contributions/{contrib}/reverse"
        return self.ask("POST", path, {"reason": "rolled_back"}, key=key)

    def candidate_ask(
        self, pool: Pool, player: Player, stake: int, *, round_id: str | None = None, **over: Any
    ) -> Ask:
        """May this bet win?"""
        body = {
            "tenant_id": self.tenant,
            "pool_id": pool.id,
            "round_id": round_id or self.names.new("r"),
            "bet_id": self.names.new("b"),
            "player_id": player.id,
            "stake": pool.money(stake).written(self.form),
        }
        return self.ask("POST", "/v1/jp/candidates", changed(body, over))

    def trigger_ask(
        self,
        pool: Pool,
        player: Player,
        round_id: str,
        *,
        trigger: str | None = None,
        key: str | None = None,
        **over: Any,
    ) -> Ask:
        """The pool falls on this round."""
        body = {
            "jp_trigger_id": trigger or self.names.new("t"),
            "pool_id": pool.id,
            "reason": "random",
            "selection": {"player_id": player.id, "round_id": round_id},
        }
        return self.ask("POST", "/v1/jp/triggers", changed(body, over), key=key)

    def decide_ask(self, payout: str, what: str, decision: str | None = None) -> Ask:
        """A person releases or forfeits a payout."""
        return self._decision_ask(f"/v1/jp/payouts/{payout}/{what}", decision)

    def cancel_ask(self, trigger: str) -> Ask:
        """A person ends what a fall owes, before it is paid."""
        return self._decision_ask(f"/v1/jp/triggers/{trigger}/cancel")

    def _decision_ask(self, path: str, decision: str | None = None) -> Ask:
        body = {
            "decision_id": decision or self.names.new("d"),
            "reason": "a check of the contract",
            "approved_by": "certify",
        }
        return self.ask("POST", path, body)

    def change_ask(self, pool: Pool, what: str, **terms: Any) -> Ask:
        """A person pauses or resumes a pool, or makes the next version of its terms."""
        body = {
            "change_id": self.names.new("x"),
            "reason": "a check of the contract",
            "approved_by": "certify",
            **terms,
        }
        return self.ask("POST", f"/v1/jp/pools/{pool.id}/{what}", body)
