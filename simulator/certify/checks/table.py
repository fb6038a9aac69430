"""Every check there is, by role, in the order in which they are asked."""

from simulator.certify.check import Check
from simulator.certify.checks.jackpot.table import JACKPOT
from simulator.certify.checks.platform.table import PLATFORM
from simulator.certify.checks.rgs.table import RGS
from simulator.certify.checks.wallet.table import WALLET

CHECKS: tuple[Check, ...] = (*WALLET, *PLATFORM, *RGS, *JACKPOT)
