"""Role → the drive that its checks are given, and the first question, before all others."""

from simulator.certify.check import Category, Check
from simulator.certify.drive import Drive
from simulator.certify.roles.wallet import Wallet


async def _wallet(drive: Wallet) -> None:
    player = drive.configured("rich")
    done = await drive.read_balance(player)
    drive.require(done.ok, f"the first call has to succeed, and {done}")
    drive.require(drive.read_funds(done).available >= 0, "the balance is negative")


DRIVES: dict[str, type[Drive]] = {"wallet": Wallet}

PROBES: dict[str, Check] = {
    "wallet": Check(
        id="wallet.probe",
        rules=("WAL-76",),
        category=Category.PROTOCOL,
        about="The target answers a first call.",
        drive=_wallet,
        limit_s=20,
    )
}
