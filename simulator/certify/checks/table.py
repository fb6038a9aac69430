"""Every check there is, in the order in which they are asked."""

from simulator.certify.check import Check
from simulator.certify.checks.wallet import debit_once, debit_parallel_repeat, debit_repeat

WALLET = (
    debit_once.CHECK,
    debit_repeat.CHECK,
    debit_parallel_repeat.CHECK,
)

CHECKS: tuple[Check, ...] = (*WALLET,)
