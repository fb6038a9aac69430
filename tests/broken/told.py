"""What a toy wallet tells of what has happened."""

from typing import Any
from urllib.parse import parse_qsl

from tests.broken.http import Call, Refusal
from tests.broken.standing import CLIENTS, Standing, Txn


class Told(Standing):
    """Transactions, one by one and in lists. A variant overrides one method."""

    def __init__(self) -> None:
        super().__init__()
        at = "/v1/wallet/transactions"
        self.route("GET", at, self.list_transactions)
        self.route("GET", f"{at}/{{transaction_id}}", self.read_transaction)

    def own(self, call: Call) -> list[Txn]:
        """Those of the caller's tenant, oldest first."""
        tenant = CLIENTS[call.client][2]
        return [txn for place, txn in self.world.txns.items() if place[0] == tenant]

    def read_transaction(self, call: Call) -> Any:
        for txn in self.own(call):
            if txn.id == call.parts["transaction_id"]:
                return self.told(txn)
        raise Refusal(404, "NOT_FOUND")

    def told(self, txn: Txn) -> dict[str, Any]:
        return {
            "transaction_id": txn.id,
            "kind": txn.kind,
            "status": self.state(txn),
            "player_id": txn.player,
            "round_id": txn.round,
            "created_at": txn.at,
        }

    def state(self, txn: Txn) -> str:
        return txn.status

    def list_transactions(self, call: Call) -> Any:
        query = dict(parse_qsl(call.target.partition("?")[2]))
        at, limit = int(query.get("cursor", 0)), int(query.get("limit", 50))
        found = [one for one in map(self.told, self.own(call)) if self.wanted(one, query)]
        if query.get("order") == "desc":
            found.reverse()
        more = at + limit < len(found)
        page = {"items": found[at : at + limit], "has_more": more}
        return {**page, "next_cursor": str(self.next_at(at, limit))} if more else page

    def wanted(self, told: dict[str, Any], query: dict[str, str]) -> bool:
        names = ("player_id", "round_id", "kind", "status")
        same = all(told[name] == query[name] for name in names if name in query)
        return same and self.in_time(told, query)

    def in_time(self, told: dict[str, Any], query: dict[str, str]) -> bool:
        since, until = (query.get(f"occurred_at_{end}") for end in ("from", "to"))
        at = told["created_at"]
        return (since is None or at >= since) and (until is None or at < until)

    def next_at(self, at: int, limit: int) -> int:
        return at + limit
