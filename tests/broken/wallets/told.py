"""Wallets that do right, and tell it wrongly."""

from typing import Any

from tests.broken.http import Call
from tests.broken.standing import Txn
from tests.broken.wallets.variant import Broken


class NothingIsUndone(Broken):
    """A transaction that was rolled back is told as it was before."""

    killed_by = "wallet.transaction.read"

    def state(self, txn: Txn) -> str:
        return "ok"


class PagesLeaveOneOut(Broken):
    """The first of a page is the second that there is."""

    killed_by = "wallet.transaction.list"

    def next_at(self, at: int, limit: int) -> int:
        return at + limit + 1


class FiltersAreIgnored(Broken):
    """Whose transactions were asked for does not matter."""

    killed_by = "wallet.transaction.list"

    def wanted(self, told: dict[str, Any], query: dict[str, str]) -> bool:
        return super().wanted(told, {**query, "player_id": told["player_id"]})


class TimesAreIgnored(Broken):
    """A list goes back to the beginning, whatever time was asked for."""

    killed_by = "wallet.transaction.list"

    def in_time(self, told: dict[str, Any], query: dict[str, str]) -> bool:
        return True


class ListsEverybody(Broken):
    """A list has the transactions of all tenants."""

    killed_by = "wallet.security.foreign-tenant"

    def list_transactions(self, call: Call) -> Any:
        call.client = "studio-demo"
        return super().list_transactions(call)


class BelievesClaims(Broken):
    """Brand and region are whatever the headers say."""

    killed_by = "wallet.security.foreign-tenant"

    def claimed(self, call: Call, tenant: str) -> None:
        return
