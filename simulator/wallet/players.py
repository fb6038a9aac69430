"""Players: registered and funded by the sandbox's owner, read by providers under a pseudonym.

(PRV-01, PRV-24, SBX-16)
"""

import msgspec

from simulator.base.clock import parse_iso
from simulator.base.errors import Duplicate
from simulator.store.listing import page
from simulator.store.tx import Again, Query, Reads, Tx
from simulator.wallet import funds, payments, rg
from simulator.wallet.access import funding, player_of
from simulator.wallet.rows import Player
from simulator.wire import messages as m
from simulator.wire import players as p
from simulator.wire.events import Event, PlayerRegistered
from simulator.wire.messages import Money
from simulator.wire.wallet import PayoutBlock


class RegisterPlayer(m.Message, frozen=True, kw_only=True, omit_defaults=True):
    """A new player with everything known of them, and the money they come with."""

    player_id: str
    country: str
    name: str
    city: str
    cash: Money
    self_excluded: bool = False


class FundPlayer(m.Message, frozen=True, kw_only=True, omit_defaults=True):
    """Money from outside; one `payment_id` is one payment."""

    payment_id: str
    player_id: str
    amount: Money


class ChangePlayer(m.Message, frozen=True, kw_only=True, omit_defaults=True):
    """Lock or unlock a player, let them take time out, or stop what jackpots pay to them."""

    player_id: str
    self_excluded: bool | None = None
    status: m.PlayerStatus | None = None
    payout_block: PayoutBlock | None = None
    time_out_until: str | None = None


class AdminPlayer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A player as the sandbox's owner sees them. The personal data is made up (SBX-16)."""

    player_id: str
    tenant_id: str
    brand_id: str
    region: str
    country: str
    name: str
    city: str
    currency: str
    status: m.PlayerStatus
    self_excluded: bool
    payout_block: PayoutBlock
    available: Money
    held: Money
    time_out_until: str | None = None


class Funded(m.Message, frozen=True, kw_only=True, omit_defaults=True):
    """A payment that is in the player's account."""

    payment_id: str
    player_id: str
    available: Money
    held: Money


def register_player(tx: Tx, ask: RegisterPlayer) -> AdminPlayer:
    """A new player, with their opening balance posted from outside. Raises Duplicate."""
    caller = tx.caller
    if tx.lock(Player, (caller.tenant, ask.player_id)) is not None:
        raise Duplicate(
            f"player {ask.player_id} exists already", details={"player_id": ask.player_id}
        )
    currency = ask.cash.currency
    player = tx.put(
        Player(
            tenant=caller.tenant,
            player_id=ask.player_id,
            brand=caller.brand,
            region=caller.region,
            country=ask.country,
            currency=currency,
            name=ask.name,
            city=ask.city,
            self_excluded=int(ask.self_excluded),
        )
    )
    funds.credit(tx, player.player_id, currency, ask.cash.minor, funding(tx, currency))
    payload = PlayerRegistered(country=ask.country, currency=currency)
    tx.emit(Event(topic="player.registered", payload=payload, player_id=player.player_id))
    return admin_view(tx, player)


def fund_player(tx: Tx, ask: FundPlayer) -> Funded | Again:
    """Post a payment once, however often it is sent."""
    player, known = payments.find(tx, "fund", ask.payment_id, ask.player_id, ask.amount)
    if known is not None:
        return Again(known.op)
    payer = funding(tx, player.currency)
    funds.credit(tx, player.player_id, player.currency, ask.amount.minor, payer)
    payments.record(tx, "fund", ask.payment_id, player, ask.amount)
    balance = funds.total(tx, player.player_id, player.currency)
    return Funded(
        payment_id=ask.payment_id,
        player_id=player.player_id,
        available=balance.available,
        held=balance.held,
    )


def change_player(tx: Tx, ask: ChangePlayer) -> AdminPlayer:
    """Lock or unlock; bets are refused from the next one on (WAL-13)."""
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    time_out_ns = player.time_out_ns
    if ask.time_out_until is not None:
        time_out_ns = rg.time_out(player, _time(ask.time_out_until), tx.now_ns)
    changed = player.but(
        time_out_ns=time_out_ns,
        status=ask.status or player.status,
        self_excluded=(
            player.self_excluded if ask.self_excluded is None else int(ask.self_excluded)
        ),
        payout_block=ask.payout_block or player.payout_block,
    )
    return admin_view(tx, tx.put(changed))


def read_player(tx: Reads, ask: p.ReadPlayer) -> p.Player:
    """One player, without name or address."""
    player = player_of(tx, ask.player_id)
    balance = funds.total(tx, player.player_id, player.currency)
    return p.Player(
        player_id=player.player_id,
        brand_id=player.brand,
        region=player.region,
        country=player.country,
        currency=player.currency,
        status=player.status,
        rg=rg.view(tx, player),
        available=balance.available,
        held=balance.held,
    )


def list_players(tx: Reads, ask: m.Listing) -> m.Page:
    """Every player of the sandbox, whatever the brand."""
    return page(tx, Query(Player, (), ask.order == "desc"), ask, lambda row: admin_view(tx, row))


def admin_view(tx: Reads, player: Player) -> AdminPlayer:
    """A player with their (made up) personal data."""
    balance = funds.total(tx, player.player_id, player.currency, player.tenant)
    return AdminPlayer(
        player_id=player.player_id,
        tenant_id=player.tenant,
        brand_id=player.brand,
        region=player.region,
        country=player.country,
        name=player.name,
        city=player.city,
        currency=player.currency,
        status=player.status,
        self_excluded=bool(player.self_excluded),
        payout_block=player.payout_block,
        available=balance.available,
        held=balance.held,
        time_out_until=rg.view_time_out(player, tx.now_ns),
    )


def _time(text: str) -> int:
    try:
        return parse_iso(text)
    except ValueError as wrong:
        raise m.invalid("time_out_until", str(wrong)) from None
