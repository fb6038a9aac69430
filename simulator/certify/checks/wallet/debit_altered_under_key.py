"""A key is bound to what it was used for."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    key, txn, round_id = (wallet.names.new(kind) for kind in "ktr")
    wallet.given(await wallet.debit(player, 200, key=key, txn=txn, round_id=round_id))
    before = await wallet.funds(player)
    other_round = wallet.debit_ask(player, 200, key=key, txn=txn, round_id=wallet.names.new("r"))
    other_amount = wallet.debit_ask(player, 300, key=key, txn=txn, round_id=round_id)
    other_txn = wallet.debit_ask(player, 200, key=key, round_id=round_id)
    for ask, what in (
        (other_amount, "another amount"),
        (other_round, "another round"),
        (other_txn, "another transaction"),
    ):
        wallet.refused(await wallet.send(ask), what=f"{what} under a known key")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.debit.altered-under-key",
    rules=(
        "WAL-07",
        "PRV-31",
    ),
    category=Category.IDEMPOTENCY,
    about="The same key with another amount, player or round is refused and never applied.",
    blind="Which field the target compares beyond those that are altered here.",
    drive=_drive,
)
