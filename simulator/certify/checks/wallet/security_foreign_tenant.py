"""Somebody else’s player."""

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.credentials import with_headers
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    round_id, bet = wallet.names.new("r"), wallet.names.new("t")
    wallet.given(await wallet.debit(player, 200, round_id=round_id, txn=bet))
    before = await wallet.funds(player)
    theirs = wallet.config.other_client
    if theirs is None:
        raise Unclear("other_client is not configured")
    credentials = wallet.target.other_credentials()
    asks = (
        wallet.ask("GET", f"/v1/wallet/players/{player.id}/balance"),
        wallet.debit_ask(player, 100),
        wallet.credit_ask(player, 500, round_id=round_id, debit=bet),
        wallet.credit_ask(player, 500, round_id=wallet.names.new("r"), reason="promo"),
        wallet.rollback_ask(player, bet, round_id=round_id),
    )
    for ask in asks:
        own = with_headers(ask, theirs.headers)
        done = await wallet.send(own, patient=False, credentials=credentials)
        if ask.path.endswith("rollback") and done.ok:  # a tombstone of their own is no harm
            continue
        wallet.refused(done, what=f"{ask.method} {ask.path} by another tenant")
    await wallet.moved(player, before, 0)
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
    about="Another tenant neither sees nor moves the money of this one.",
    drive=_drive,
)
