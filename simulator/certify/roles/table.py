"""Role → the drive that its checks are given, and the first question, before all others."""

from collections.abc import Awaitable, Callable
from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.drive import Drive
from simulator.certify.roles.jackpot import Jackpot
from simulator.certify.roles.money import MoneyDrive
from simulator.certify.roles.platform import Platform
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.wallet import Wallet


async def _money(drive: MoneyDrive) -> None:
    """What the configured player has."""
    done = await drive.read_balance(drive.configured("rich"))
    drive.require(done.ok, f"the first call has to succeed, and {done}")
    drive.require(done.body is not None, f"an answer is JSON, and {done}")


async def _games(drive: Rgs) -> None:
    """Which games there are."""
    done = await drive.listed("games")
    drive.require(done.ok, f"the first call has to succeed, and {done}")
    drive.require(done.at("items"), f"there is a game, and {done}")


async def _pools(drive: Jackpot) -> None:
    """Which pools there are."""
    done = await drive.send(drive.ask("GET", "/v1/jp/pools"))
    drive.require(done.ok, f"the first call has to succeed, and {done}")
    drive.require(isinstance(done.at("items"), list), f"a list has items, and {done}")


DRIVES: dict[str, type[Drive]] = {
    "wallet": Wallet,
    "platform": Platform,
    "rgs": Rgs,
    "jackpot": Jackpot,
}

_FIRST: dict[str, tuple[str, Callable[[Any], Awaitable[None]]]] = {
    "wallet": ("WAL-76", _money),
    "platform": ("WAL-76", _money),
    "rgs": ("RGS-09", _games),
    "jackpot": ("JP-14", _pools),
}

PROBES: dict[str, Check] = {
    role: Check(
        id=f"{role}.probe",
        rules=(rule,),
        category=Category.PROTOCOL,
        about="The target answers a first call.",
        drive=first,
        limit_s=20,
    )
    for role, (rule, first) in _FIRST.items()
}
