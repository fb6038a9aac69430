"""Wallets that count in the wrong unit, or lose a part."""

from decimal import Decimal
from typing import Any

from tests.broken.http import Call, Refusal, pause
from tests.broken.standing import SCALES, Player, Txn
from tests.broken.wallets.variant import Broken


class YenHaveCents(Broken):
    """Half a yen is rounded away."""

    killed_by = "wallet.debit.currency-scales"

    def scaled(self, amount: Any, currency: str) -> int:
        if currency == "JPY" and isinstance(amount, Decimal):
            amount = amount.to_integral_value()
        return super().scaled(amount, currency)


class FilsAreLost(Broken):
    """Two decimals are enough for every currency."""

    killed_by = "wallet.debit.currency-scales"

    def amount(self, minor: int, currency: str) -> Any:
        return round(super().amount(minor, currency), min(2, SCALES[currency]))


class CountsIn32Bits(Broken):
    """An amount of more than 32 bits loses the upper ones."""

    killed_by = "wallet.debit.large"

    def scaled(self, amount: Any, currency: str) -> int:
        return super().scaled(amount, currency) % 2**32


class CutsBinaryFractions(Broken):
    """0.29 is 28 cents, and 4.35 is 434."""

    killed_by = "wallet.debit.written"

    def scaled(self, amount: Any, currency: str) -> int:
        super().scaled(amount, currency)
        return int(float(amount) * 10 ** SCALES.get(currency, 2))


class WholeNumbersAreCents(Broken):
    """A number without a point is taken for cents."""

    killed_by = "wallet.debit.written"

    def scaled(self, amount: Any, currency: str) -> int:
        found = super().scaled(amount, currency)
        return found // 10 ** SCALES.get(currency, 2) if isinstance(amount, int) else found


class EveryBalanceIsEuro(Broken):
    """Balances say EUR, whatever they are."""

    killed_by = "wallet.balance.written"

    def money(self, minor: int, currency: str) -> dict[str, Any]:
        return {"amount": self.amount(minor, currency), "currency": "EUR"}


class AmountsAreText(Broken):
    """Balances have text where the profile has numbers."""

    killed_by = "wallet.balance.written"

    def amount(self, minor: int, currency: str) -> Any:
        return str(super().amount(minor, currency))


class PaysAnyCurrency(Broken):
    """A win in another currency is paid one to one."""

    killed_by = "wallet.credit.currency"

    def credit(self, call: Call, body: dict[str, Any]) -> Any:
        player = self.player(call, body["player_id"])
        money = {**body["amount"], "currency": player.currency}
        return super().credit(call, {**body, "amount": money})


class FeeOnRefunds(Broken):
    """A rollback gives back at most what the request says."""

    killed_by = "wallet.rollback.original"

    def give_back(self, found: Txn, player: Player, body: dict[str, Any]) -> None:
        super().give_back(found, player, body)
        if "amount" in body:
            player.cash -= max(0, found.minor - self.minor(body))


class ZeroInRefusals(Broken):
    """INSUFFICIENT_FUNDS says that nothing is there."""

    killed_by = "wallet.debit.insufficient"

    def take(self, player: Player, minor: int) -> None:
        if player.cash < minor:
            nothing = {"available": self.money(0, "EUR"), "held": self.money(0, "EUR")}
            raise Refusal(422, "INSUFFICIENT_FUNDS", balance=nothing)
        super().take(player, minor)


class ReservesMelt(Broken):
    """A smaller debit spends a whole reserve, and the rest is nowhere."""

    killed_by = "wallet.reserve.conserved"

    def spend(self, call: Call, body: dict[str, Any], name: str, minor: int) -> None:
        reserve = self.world.txns[self.place(call, name, body)]
        super().spend(call, body, name, reserve.minor)


class WithdrawsWhatIsHeld(Broken):
    """A withdrawal may take what is held."""

    killed_by = "wallet.deposit.bounds"

    def withdrawal_call(self, call: Call) -> Any:
        player = self.player(call, call.body["player_id"])
        held, player.held = player.held, 0
        player.cash += held
        try:
            return super().withdrawal_call(call)
        finally:
            player.cash -= held
            player.held = held


class LosesWinsAtOnce(Broken):
    """A win is written over the balance that was read before it waited."""

    killed_by = "wallet.credit.parallel-different"

    async def credit_call(self, call: Call) -> Any:
        player = self.player(call, call.body["player_id"])
        before = player.cash
        await pause()
        answer = self.credit(call, call.body)
        player.cash = before + self.minor(call.body)
        return answer


class JackpotsInAnyCurrency(Broken):
    """An amount of a jackpot in another currency counts as one in the player's."""

    killed_by = "wallet.credit.currency"

    def jackpot(self, call: Call, body: dict[str, Any]) -> Any:
        currency = self.player(call, body["player_id"]).currency
        return super().jackpot(call, {**body, "amount": {**body["amount"], "currency": currency}})
