"""The caller's players, and the accounts that its brand and provider stand for (PRV-63)."""

from simulator.ledger.book import AccountKey
from simulator.store.owned import require_mine
from simulator.store.tx import Reads
from simulator.wallet.rows import Player


def player_of(tx: Reads, player_id: str) -> Player:
    """The caller's player. Raises NotFound."""
    return require_mine(tx, tx.get(Player, (tx.caller.tenant, player_id)), "player", player_id)


def cash(tx: Reads, player_id: str, currency: str) -> AccountKey:
    """The account of a player's money."""
    return AccountKey(tx.caller.tenant, "player", player_id, currency)


def bonus(tx: Reads, player_id: str, currency: str) -> AccountKey:
    """The account of a player's bonus money."""
    return AccountKey(tx.caller.tenant, "bonus", player_id, currency)


def clearing(tx: Reads, provider: str, currency: str) -> AccountKey:
    """Where a provider's stakes go and its wins come from while their rounds are open."""
    return AccountKey(tx.caller.tenant, "clearing", f"{tx.caller.brand}/{provider}", currency)


def owed(tx: Reads, currency: str) -> AccountKey:
    """Where the payouts of the caller's jackpots come from: what the provider owes the brand."""
    return AccountKey(
        tx.caller.tenant, "provider", f"{tx.caller.brand}/{tx.caller.provider}", currency
    )


def promo(tx: Reads, currency: str) -> AccountKey:
    """What the brand's bonuses cost."""
    return AccountKey(tx.caller.tenant, "promo", tx.caller.brand, currency)


def house(tx: Reads, currency: str) -> AccountKey:
    """What the brand has won or lost: each round's net, once it has ended."""
    return AccountKey(tx.caller.tenant, "house", tx.caller.brand, currency)


def funding(tx: Reads, currency: str) -> AccountKey:
    """Where money from outside the sandbox's world comes from."""
    return AccountKey(tx.caller.tenant, "funding", tx.caller.brand, currency)
