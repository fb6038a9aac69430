"""What players have, as the APIs that move money tell it (`openapi/wallet.yaml`)."""

from typing import Literal

from simulator.wire.messages import Message, Money

PaymentKind = Literal["fund", "deposit", "withdrawal"]
"""`fund` is what the sandbox's owner gives; no limit judges it."""


class Funds(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a player has: `available` is `cash` and `bonus` together, `held` is set aside."""

    available: Money
    held: Money
    cash: Money
    bonus: Money


class Deposit(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Money in from outside (PRV-05)."""

    payment_id: str
    player_id: str
    amount: Money


class Withdraw(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Money out, of cash (PRV-05)."""

    payment_id: str
    player_id: str
    amount: Money


class PaymentMade(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A payment that has happened, and the balance after it."""

    payment_id: str
    status: Literal["completed"]
    balance: Funds
