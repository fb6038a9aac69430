"""Role → the drive that its checks are given, and the first question, before all others."""

from simulator.certify.check import Category, Check
from simulator.certify.drive import Drive
from simulator.certify.roles.money import MoneyDrive
from simulator.certify.roles.platform import Platform
from simulator.certify.roles.wallet import Wallet


async def _money(drive: MoneyDrive) -> None:
    """What the configured player has."""
    done = await drive.read_balance(drive.configured("rich"))
    drive.require(done.ok, f"the first call has to succeed, and {done}")
    drive.require(done.body is not None, f"an answer is JSON, and {done}")


DRIVES: dict[str, type[Drive]] = {"wallet": Wallet, "platform": Platform}

PROBES: dict[str, Check] = {
    role: Check(
        id=f"{role}.probe",
        rules=("WAL-76",),
        category=Category.PROTOCOL,
        about="The target answers a first call.",
        drive=_money,
        limit_s=20,
    )
    for role in ("wallet", "platform")
}
