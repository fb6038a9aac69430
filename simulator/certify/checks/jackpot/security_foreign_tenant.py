"""Somebody else’s contributions and payouts."""

from simulator.certify import questions
from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    entered, open_one = await jackpot.entered(pool), await jackpot.entered(pool)
    ask = jackpot.trigger_ask(pool, entered.player, entered.round_id)
    fell = jackpot.given(await jackpot.send(ask))
    trigger, payout = fell.at("jp_trigger_id"), fell.at("jp_payout_id")
    contrib, open_name = jackpot.names.new("c"), open_one.contrib
    for done in await questions.by_another_tenant(
        jackpot,
        jackpot.ask("GET", f"/v1/jp/contributions/{entered.contrib}"),
        jackpot.ask("GET", f"/v1/jp/triggers/{trigger}"),
        jackpot.ask("GET", f"/v1/jp/payouts/{payout}"),
        jackpot.contribute_ask(pool, entered.player, entered.part.stake, contrib=contrib),
        jackpot.trigger_ask(pool, open_one.player, open_one.round_id),
        jackpot.decide_ask(str(payout), "release"),
        jackpot.decide_ask(str(payout), "forfeit"),
        jackpot.change_ask(pool, "pause"),
        jackpot.change_ask(pool, "terms", title="Theirs"),
    ):
        jackpot.refused(done, what="what another tenant asks of ours")
    local = [one.id for one in await jackpot.pools() if one.shown.get("scope") == "local"]
    reads = [jackpot.ask("GET", f"/v1/jp/pools/{name}") for name in local[:3]]
    for done in await questions.by_another_tenant(jackpot, *reads):
        jackpot.refused(done, what="a look at a local pool of another brand")
    lists = [
        jackpot.ask("GET", f"/v1/jp/{what}?order=desc&limit=100")
        for what in ("contributions", "triggers", "payouts", "events")
    ]
    for done in await questions.by_another_tenant(jackpot, *lists):
        names = (open_name, entered.contrib, str(trigger), str(payout))
        seen = [name for name in names if name.encode() in done.raw]
        jackpot.require(not seen, f"a list of another tenant has nothing of ours, and {seen}")
    (undone,) = await questions.by_another_tenant(jackpot, jackpot.reverse_ask(open_name))
    jackpot.require(undone.status < 500, f"it is answered for good, and {undone}")
    known = jackpot.given(await jackpot.read("contributions", open_name))
    jackpot.require(known.at("status") == "recorded", f"our contribution stands, and {known}")
    now = await jackpot.pool(pool.id)
    jackpot.require(now.status == "open", f"our pool is open: {dict(now.shown)}")
    owed = jackpot.given(await jackpot.read("payouts", str(payout)))
    jackpot.require(owed.at("status") != "forfeited", f"what is owed stands, and {owed}")


CHECK = Check(
    id="jackpot.security.foreign-tenant",
    rules=(
        "PRV-11",
        "PRV-63",
        "JP-60",
        "JP-61",
    ),
    category=Category.SECURITY,
    needs=(Need.OTHER_CLIENT,),
    about="Another tenant neither sees nor moves contributions, falls and payouts of this "
    "one, nor changes its pools.",
    drive=_drive,
)
