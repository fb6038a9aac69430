"""Whatever is done, for longer."""

from dataclasses import replace

from simulator.certify.checks.platform import machine
from simulator.certify.machines.platform import played
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    await played(platform, 300, 16)


CHECK = replace(
    machine.CHECK,
    id="platform.machine-long",
    level="exhaustive",
    about="The sequences of the short machine, many more of them and longer.",
    drive=_drive,
    limit_s=600,
)
