"""Who calls?"""

from simulator.certify import questions
from simulator.certify.check import Category, Check
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    entered = await jackpot.entered(pool)
    contrib = jackpot.names.new("c")
    await questions.without_proof(
        jackpot,
        jackpot.contribute_ask(pool, entered.player, entered.part.stake, contrib=contrib),
        jackpot.trigger_ask(pool, entered.player, entered.round_id),
        jackpot.reverse_ask(entered.contrib),
        jackpot.change_ask(pool, "pause"),
        jackpot.ask("GET", f"/v1/jp/contributions/{entered.contrib}"),
    )
    jackpot.refused(await jackpot.read("contributions", contrib), what="reading what was refused")
    known = jackpot.given(await jackpot.read("contributions", entered.contrib))
    jackpot.require(known.at("status") == "recorded", f"it stands, and {known}")


CHECK = Check(
    id="jackpot.security.no-proof",
    rules=(
        "PRV-10",
        "WAL-70",
    ),
    category=Category.SECURITY,
    level="smoke",
    about="Without proof of who calls, or with a false one, nothing is read, recorded or "
    "triggered.",
    drive=_drive,
)
