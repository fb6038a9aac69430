"""Whatever is done, for longer."""

from dataclasses import replace

from simulator.certify.checks.wallet import machine
from simulator.certify.machines.wallet import played
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    await played(wallet, 300, 16)


CHECK = replace(
    machine.CHECK,
    id="wallet.machine-long",
    level="exhaustive",
    about="The sequences of the short machine, many more of them and longer.",
    drive=_drive,
    limit_s=600,
)
