"""What is beside stake and win."""

from collections.abc import Mapping
from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.drive import Done
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.rgs_asks import Playing

TYPES = ("jackpot_contribution", "jackpot_reversal", "jackpot_win", "bonus_award")


async def _drive(rgs: Rgs) -> None:
    playing, grant = await rgs.contributing(), rgs.names.new("g")
    size = playing.player.money(playing.large).written("decimal_number")
    rgs.given(await rgs.send(rgs.grant_ask(playing, 3, grant, bet_size=size)))
    seen: list[str] = []
    for number in range(6):
        free = number % 2 == 1
        how: dict[str, Any] = {"spin_type": "free", "grant_id": grant} if free else {}
        done = rgs.given(await rgs.spin(playing, playing.large, **how))
        for txn in rgs.items(done, "rgs_txns"):
            _judge(rgs, playing, done, txn)
            seen.append(str(txn["txn_id"]))
        if free:
            _award(rgs, playing, done)
    rgs.require(len(set(seen)) == len(seen), f"no txn_id is used twice: {seen}")
    rgs.require(True, "and where there are none, none is wrong")


def _judge(rgs: Rgs, playing: Playing, done: Done, txn: Mapping[str, Any]) -> None:
    rgs.require(isinstance(txn.get("txn_id"), str), f"a transaction has a txn_id, and {done}")
    rgs.require(txn.get("type") in TYPES, f"its type is one of {', '.join(TYPES)}, and {done}")
    minor = rgs.bare(txn.get("amount"), playing)
    rgs.require(minor >= 0, f"its amount is not below zero, and {done}")
    small = txn["type"] != "jackpot_contribution" or minor <= playing.large
    rgs.require(small, f"a contribution is no more than the stake, and {done}")


def _award(rgs: Rgs, playing: Playing, done: Done) -> None:
    win = rgs.minor(done, "outcome.win")
    awards = [
        rgs.bare(txn.get("amount"), playing)
        for txn in rgs.items(done, "rgs_txns")
        if txn.get("type") == "bonus_award"
    ]
    rgs.require(sum(awards) == win, f"what a free spin wins is its bonus_award, and {done}")
    gone = rgs.total(playing, done, "jackpot_contribution")
    rgs.require(not gone, f"a free spin contributes to no jackpot, and {done}")


CHECK = Check(
    id="rgs.spin.txns",
    rules=(
        "JP-70",
        "RGS-42",
    ),
    category=Category.HAPPY_PATH,
    about="Transactions beside a spin have ids of their own, a known type and an amount that fits "
    "it; a free spin has its win as bonus_award, and contributes nothing.",
    drive=_drive,
)
