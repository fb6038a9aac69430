"""Wins that arrive together."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player, round_id, bet, before = await wallet.begun(100)
    wins = [100 + n for n in range(wallet.config.parallel)]
    asks = [wallet.credit_ask(player, win, round_id=round_id, debit=bet) for win in wins]
    found = [await wallet.known(done) for done in await wallet.together(asks)]
    landed = [win for win, done in zip(wins, found, strict=True) if done.ok]
    wallet.require(landed, f"of {len(wins)} wins at once one at least lands: {found[0]}")
    await wallet.moved(player, before, sum(landed))


CHECK = Check(
    id="wallet.credit.parallel-different",
    rules=("WAL-10", "WAL-23"),
    category=Category.CONCURRENCY,
    about="Different wins at the same moment: each that was accepted is in the balance.",
    drive=_drive,
)
