"""Every answer of the suite, beside the contract: the last check of a role (PRV-64, WAL-77)."""

from functools import cache

from simulator.certify.check import Broken, Unclear
from simulator.certify.contract import Contract, document
from simulator.certify.drive import Drive
from simulator.certify.roles.money import MoneyDrive

SHOWN = 5
"""Answers that are told of; the first of each kind."""


@cache
def _ours(role: str) -> Contract:
    return Contract(document(role))


def judge(drive: Drive) -> None:
    """Every exchange that was met. Raises Broken with the first of each kind, Unclear for another
    dialect than the contract's."""
    if drive.dialect.errors != "model":
        raise Unclear(f"is not asked under error_body: {drive.dialect.errors}")
    if isinstance(drive, MoneyDrive) and drive.form != "decimal_number":
        raise Unclear(f"is not asked under money_format: {drive.form}")
    contract = _ours(drive.check.role)
    found: dict[str, str] = {}
    for exchange in drive.target.met:
        wrong = contract.wrong(exchange)
        drive.judged += 1
        what = f"{exchange.ask.method} {exchange.ask.path.partition('?')[0]}"
        kind = wrong.partition(":")[0]
        if wrong and kind not in found and len(found) < SHOWN:
            found[kind] = f"{what}: {wrong}"
            drive.exchanges.append(exchange)
    if found:
        raise Broken("answers have to be as the contract says; " + "; ".join(found.values()))
