"""What is signed is what is sent."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
    first = jackpot.contribute_ask(pool, player, part.stake, contrib=jackpot.names.new("c"))
    await questions.rightly_signed(jackpot, first)
    contrib = jackpot.names.new("c")
    good = jackpot.contribute_ask(pool, player, part.stake, contrib=contrib)
    flipped = good.body.replace(b'"round_id":"r-', b'"round_id":"q-', 1)
    await questions.altered_after_signing(jackpot, good, flipped, "/v1/jp/candidates")
    jackpot.refused(await jackpot.read("contributions", contrib), what="reading what was refused")


CHECK = Check(
    id="jackpot.security.signature",
    rules=(
        "WAL-70",
        "PRV-10",
    ),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signature covers the raw bytes: another byte, path or key is refused.",
    drive=_drive,
)
