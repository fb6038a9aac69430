"""A brand and region that is not ours."""

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.credentials import with_headers
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    entered = await jackpot.entered(pool)
    client = jackpot.config.other_client
    claimed = client.headers if client else {}
    if not claimed:
        raise Unclear("other_client has no headers that name its brand and region")
    contrib = jackpot.names.new("c")
    for ask in (
        jackpot.contribute_ask(pool, entered.player, entered.part.stake, contrib=contrib),
        jackpot.trigger_ask(pool, entered.player, entered.round_id),
        jackpot.ask("GET", f"/v1/jp/contributions/{entered.contrib}"),
        jackpot.ask("GET", "/v1/jp/payouts"),
    ):
        done = await jackpot.send(with_headers(ask, claimed))
        jackpot.refused(done, what="what our client asks in the name of another brand and region")
    jackpot.refused(await jackpot.read("contributions", contrib), what="reading what was refused")
    theirs = jackpot.contribute_ask(
        pool, entered.player, entered.part.stake, contrib=contrib, tenant_id="somebody-else"
    )
    jackpot.refused(await jackpot.send(theirs), what="a contribution for another tenant_id")


CHECK = Check(
    id="jackpot.security.foreign-claim",
    rules=(
        "PRV-11",
        "JP-60",
    ),
    category=Category.SECURITY,
    needs=(Need.OTHER_CLIENT,),
    about="A client speaks for its own brand, region and tenant alone, whatever its headers "
    "and bodies claim.",
    drive=_drive,
)
