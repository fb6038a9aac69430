"""Floor 8, its cellar: who lives in the test world (docs/test-world.md)."""

from decimal import Decimal

from simulator.base.errors import ConfigError
from simulator.jackpot import pools
from simulator.jackpot.rows import PoolRow
from simulator.jackpot.terms import astray, shipped
from simulator.server.clients import BRANDS
from simulator.server.owner import as_owner, owner
from simulator.settings import unknown
from simulator.store.unit import Unit
from simulator.wallet import players, rg
from simulator.wallet.rows import Player, RgLimit
from simulator.wire.messages import Money
from simulator.wire.players import SetLimit

# docs/test-world.md shows this table; a test compares the two.
PLAYERS: tuple[tuple[str, str, str, str, str, str, bool], ...] = (
    # brand, player, country, name, city, cash, self-excluded
    ("brand-42", "p_19f3", "DE", "Mara Lindqvist", "Kiel", "1000.00 EUR", False),
    ("brand-42", "p_usd", "IE", "Owen Tully", "Cork", "1000.00 USD", False),
    ("brand-42", "p_jpy", "NL", "Saskia de Wit", "Delft", "100000 JPY", False),
    ("brand-42", "p_kwd", "FR", "Noor Haddad", "Lyon", "1000.000 KWD", False),
    ("brand-42", "p_poor", "ES", "Iker Ruano", "Vigo", "1.00 EUR", False),
    ("brand-42", "p_excluded", "SE", "Elin Sjöstad", "Lund", "1000.00 EUR", True),
    ("brand-42", "p_excluded_midround", "AT", "Jonas Pichler", "Graz", "1000.00 EUR", False),
    ("brand-42", "p_limit_on_5th", "FI", "Aino Salmela", "Turku", "1000.00 EUR", False),
    ("brand-42", "p_reality_check", "IT", "Chiara Bellandi", "Pavia", "1000.00 EUR", False),
    ("brand-42", "p_session_expires", "PT", "Rui Tavares", "Braga", "1000.00 EUR", False),
    ("brand-7", "p_uk", "GB", "Ada Fenwick", "Hull", "1000.00 GBP", False),
)
"""The well-known test world. Nobody in it is real."""

LIMITED = SetLimit(
    player_id="p_limit_on_5th",
    limit="stake",
    period="day",
    amount=Money(Decimal("4.00"), "EUR"),
)
"""A limit of their own that the fifth stake of 1.00 reaches (RGS-32); the other scripted players
are scripted in `wallet/scripted.py`."""


def settle_players(unit: Unit) -> None:
    """The well-known players with their money, as operations like any other: all in a new store,
    in an older one those that have moved in since."""
    for brand_id, player_id, country, name, city, money, excluded in PLAYERS:
        if unit.get(Player, (BRANDS[brand_id].tenant, player_id)) is not None:
            continue
        amount, currency = money.split()
        message = players.RegisterPlayer(
            player_id=player_id,
            country=country,
            name=name,
            city=city,
            cash=Money(Decimal(amount), currency),
            self_excluded=excluded,
        )
        caller = owner(BRANDS[brand_id], "tr_world")
        as_owner(unit, caller=caller, decide=players.register_player, message=message)


def set_limits(unit: Unit) -> None:
    """The limit that one of them has set; after the players, because it looks at what was played,
    and a decision reads before it writes."""
    brand = BRANDS[LIMITED.brand_id]
    name = (brand.tenant, LIMITED.player_id, LIMITED.limit, LIMITED.period)
    if unit.get(RgLimit, name) is None:
        as_owner(unit, caller=owner(brand, "tr_world"), decide=rg.set_limit, message=LIMITED)


def require_brands() -> None:
    """Raises ConfigError for a pool of a brand that nobody is, or of one from another region; asked
    before anything is written."""
    for pool_id, terms in shipped().items():
        for brand_id in (terms.owner, *(member.brand for member in terms.members)):
            if brand_id not in BRANDS:
                raise unknown(f"pool {pool_id}: members", brand_id, sorted(BRANDS))
        lost = astray(terms, {brand.brand_id: brand.region for brand in BRANDS.values()})
        if lost is not None:
            raise ConfigError(f"pool {pool_id}: {': '.join(lost)}")


def open_pools(unit: Unit) -> None:
    """The pools of the test world, each by its owner, where they are not there yet."""
    for pool_id, terms in shipped().items():
        if unit.get(PoolRow, (pool_id,)) is None:
            caller = owner(BRANDS[terms.owner], "tr_world")
            ask = pools.OpenPool(pool=terms)
            as_owner(unit, caller=caller, decide=pools.open_pool, message=ask)
