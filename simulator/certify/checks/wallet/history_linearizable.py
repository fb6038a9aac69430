"""Does what they say fit together?"""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from itertools import count

from simulator.certify.check import Category, Check
from simulator.certify.drive import Done
from simulator.certify.history import UNKNOWN_ENDS, Call, Kind, legal_order
from simulator.certify.money import NotMoney
from simulator.certify.roles.player import Player
from simulator.certify.roles.wallet import Wallet

WORKERS = 4
CALLS = 4


async def _played(
    wallet: Wallet, player: Player, stake: int, round_id: str, bets: list[str]
) -> list[Call]:
    """What several workers did at the same time, each one call after the other."""
    found: list[Call] = []
    clock = count()

    async def work(at: int) -> None:
        for _ in range(CALLS):
            which = wallet.names.number(f"what-{at}", 8)
            name = bets[wallet.names.number(f"bet-{at}", len(bets))]
            begun = next(clock)
            kind, minor, done = await _one(wallet, player, stake, round_id, which, name)
            ended = next(clock)
            if done.lost or done.status >= 500 or done.status == 429:
                found.append(Call(kind, name, minor, begun, UNKNOWN_ENDS, "unknown"))
                continue
            balance = None
            with suppress(NotMoney):
                balance = wallet.read_funds(done).available if done.ok else None
            if kind == "read" and balance is None:
                continue
            known = Call(kind, name, minor, begun, ended, "ok" if done.ok else "refused", balance)
            found.append(known)

    await asyncio.gather(*(work(at) for at in range(WORKERS)))
    made = Counter((one.kind, one.id) for one in found)
    return [  # a repeat is told the balance of the first time
        replace(one, balance=None) if one.kind != "read" and made[one.kind, one.id] > 1 else one
        for one in found
    ]


async def _one(
    wallet: Wallet, player: Player, stake: int, round_id: str, which: int, name: str
) -> tuple[Kind, int, Done]:
    """A call by its number: mostly debits, of an amount that two of them exceed."""
    if which < 4:
        ask = wallet.debit_ask(player, stake, round_id=round_id, txn=name)
        return "debit", stake, await wallet.send(ask)
    if which == 4:
        ask = wallet.rollback_ask(player, name, round_id=round_id)
        return "rollback", stake, await wallet.send(ask)
    return "read", 0, await wallet.read_balance(player)


async def _drive(wallet: Wallet) -> None:
    for _ in range(4):
        player = await wallet.player(1_000)
        before = await wallet.funds(player)
        stake = max(1, before.available * 6 // 10)
        bets = [wallet.names.new("t") for _ in range(3)]
        round_id = wallet.names.new("r")
        history = await _played(wallet, player, stake, round_id, bets)
        now = await wallet.funds(player)
        later = max(one.ended for one in history if one.ended != UNKNOWN_ENDS) + 1
        history.append(Call("read", "", 0, later, later + 1, "ok", now.available))
        wallet.require(
            legal_order(history, before.available) is not None,
            f"no order of these calls, from {before.available}, explains their answers: "
            + "; ".join(map(str, history)),
        )
        if not player.fresh:  # as it was, for the checks that follow
            for bet in bets:
                await wallet.rollback(player, bet, round_id=round_id)


CHECK = Check(
    id="wallet.history.linearizable",
    rules=(
        "WAL-10",
        "WAL-11",
        "WAL-44",
    ),
    category=Category.CONCURRENCY,
    about="Calls at once: there is an order of them that explains every answer.",
    drive=_drive,
)
