"""Somebody else’s player."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    own = wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    before = await wallet.funds(player)
    asks = (
        own.ask,  # with the key of this tenant, whose answer is not for others
        wallet.ask("GET", f"/v1/wallet/players/{player.id}/balance"),
        wallet.ask("GET", f"/v1/wallet/transactions/{bet}"),
        wallet.debit_ask(player, 100),
        wallet.credit_ask(player, 500, round_id=round_id, debit=bet),
        wallet.credit_ask(player, 500, round_id=wallet.names.new("r"), reason="promo"),
        wallet.rollback_ask(player, bet, round_id=round_id),
    )
    *others, rollback = await questions.by_another_tenant(wallet, *asks)
    for done in others:
        wallet.refused(done, what="what another tenant does with this player")
    listing = wallet.ask("GET", "/v1/wallet/transactions?order=desc")
    (listed,) = await questions.by_another_tenant(wallet, listing)
    wallet.require(
        bet.encode() not in listed.raw, f"the list of another tenant has no {bet}, and {listed}"
    )
    await questions.in_anothers_name(wallet, lambda: wallet.debit_ask(player, 100))
    wallet.require(rollback.status < 500, f"it is answered for good, and {rollback}")
    await wallet.moved(player, before, 0)  # a tombstone of their own is no harm
    later = await wallet.rollback(player, bet, round_id=round_id)
    wallet.accepted(later, "the rollback by the tenant whose debit it is")
    await wallet.moved(player, before, 200)


CHECK = Check(
    id="wallet.security.foreign-tenant",
    rules=(
        "PRV-11",
        "PRV-63",
        "WAL-14",
    ),
    category=Category.SECURITY,
    needs=(Need.OTHER_CLIENT,),
    about="Another tenant neither sees nor moves the money of this one; nor do we in its name.",
    drive=_drive,
)
