"""The feed tells what happened."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.eventually import eventually
from simulator.certify.roles.jackpot import Jackpot


async def _drive(jackpot: Jackpot) -> None:
    pool = await jackpot.by_call()
    player, part = await jackpot.player(currency=pool.currency), await jackpot.part(pool)
    taken, undone, refused = (jackpot.names.new("c") for _ in range(3))
    round_id, trigger = jackpot.names.new("r"), jackpot.names.new("t")
    ask = jackpot.contribute_ask(pool, player, part.stake, contrib=taken, round_id=round_id)
    await jackpot.again(jackpot.given(await jackpot.send(ask)))
    ask = jackpot.contribute_ask(pool, player, part.stake, contrib=undone)
    jackpot.given(await jackpot.send(ask))
    await jackpot.again(jackpot.given(await jackpot.send(jackpot.reverse_ask(undone))))
    ask = jackpot.contribute_ask(pool, player, part.stake, contrib=refused, given=0)
    await jackpot.send(ask)
    ask = jackpot.trigger_ask(pool, player, round_id, trigger=trigger)
    await jackpot.again(jackpot.given(await jackpot.send(ask)))
    payout = str(jackpot.given(await jackpot.read("triggers", trigger)).at("jp_payout_id"))
    status = (await jackpot.settled(payout)).at("status")
    wanted = {
        ("jp.contribution.recorded", taken): 1,
        ("jp.contribution.recorded", undone): 1,
        ("jp.contribution.recorded", refused): 0,
        ("jp.triggered", trigger): 1,
        ("jp.payout.requested", payout): 1,
        ("jp.payout.credited", payout): int(status == "credited"),
    }
    found = await eventually(
        partial(jackpot.pages, "/v1/jp/events", player_id=player.id, order="desc", limit="100"),
        lambda seen: _counts(seen, wanted) >= Counter(wanted),
    )
    counts = _counts(found, wanted)
    for (topic, name), count in wanted.items():
        jackpot.require(
            counts[topic, name] == count,
            f"there has to be {count} {topic} of {name}, and there are {counts[topic, name]}",
        )
    ids = [one.get("event_id") for one in found]
    jackpot.require(len(set(ids)) == len(ids), "no event_id is in the feed twice")


def _counts(
    found: Iterable[Mapping[str, Any]], wanted: Iterable[tuple[str, str]]
) -> Counter[tuple[str, str]]:
    """How many events of a topic tell of a name."""
    told = [(str(one.get("event_type")), str(one.get("payload"))) for one in found]
    return Counter(
        {
            (topic, name): sum(kind == topic and f"'{name}'" in said for kind, said in told)
            for topic, name in wanted
        }
    )


CHECK = Check(
    id="jackpot.events.once",
    rules=(
        "JP-20",
        "PRV-34",
        "PRV-41",
    ),
    category=Category.RECOVERY,
    about="Each contribution, fall and payout has its event, exactly one, also where the "
    "call was repeated; a refusal has none.",
    blind="Events that the target keeps back from this client.",
    drive=_drive,
)
