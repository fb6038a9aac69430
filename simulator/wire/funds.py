"""What players have, as the APIs that move money tell it (`openapi/wallet.yaml`)."""

from simulator.wire.messages import Message, Money


class Funds(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What a player has: `available` is `cash` and `bonus` together, `held` is set aside."""

    available: Money
    held: Money
    cash: Money
    bonus: Money
