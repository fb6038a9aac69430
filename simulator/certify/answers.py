"""Every answer of the suite, beside the contract: the last check of a role (PRV-64, WAL-77)."""

from functools import cache

from simulator.certify.check import Broken, Category, Check, Unclear
from simulator.certify.contract import Contract, document
from simulator.certify.drive import Drive
from simulator.certify.roles.money import MoneyDrive

SHOWN = 5
"""Answers that are told of; the first of each kind."""


def answers(role: str) -> Check:
    """The check of a role."""

    async def drive(drive: Drive) -> None:
        if drive.config.answers.errors != "model":
            raise Unclear(f"is not asked under answers.errors: {drive.config.answers.errors}")
        if isinstance(drive, MoneyDrive) and drive.form != "decimal_number":
            raise Unclear(f"is not asked under money_format: {drive.form}")
        judge(drive, _ours(role))

    return Check(
        id=f"{role}.contract.answers",
        rules=("PRV-64",),
        category=Category.PROTOCOL,
        about="Of every answer that any check saw, each field that is there is of the contract's "
        "kind: text, number, truth, list or object.",
        blind="fields that are missing, and the form of texts; it judges what the checks before it "
        "have met, so asked for alone it has nothing to judge",
        drive=drive,
    )


@cache
def _ours(role: str) -> Contract:
    return Contract(document(role))


def judge(drive: Drive, contract: Contract) -> None:
    """Every exchange that was met. Raises Broken with the first of each kind."""
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
