"""The feed tells what was played as it was played."""

from collections.abc import Mapping
from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.drive import Done
from simulator.certify.money import NotMoney, read, read_amount
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.rgs_asks import OPERATOR, Playing

SPINS = 12
"""Free spins that are played until one wins: of a lost one nothing is seen of its win."""


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.contributing()
    stake, grant = playing.large, rgs.names.new("g")
    size = playing.player.money(stake).written("decimal_number")
    rgs.given(await rgs.send(rgs.grant_ask(playing, SPINS, grant, bet_size=size)))
    played = [("cash", rgs.given(await rgs.spin(playing, stake)))]
    for _ in range(SPINS):
        done = rgs.given(await rgs.spin(playing, stake, spin_type="free", grant_id=grant))
        played.append(("free", done))
        if rgs.minor(done, "outcome.win"):
            break
    void = str(played[0][1].at("spin_id"))
    rgs.given(await rgs.send(rgs.void_ask(void)))
    played.append(("", rgs.given(await rgs.look("spins", void))))
    wanted = {
        (str(txn.get("type")), str(txn.get("txn_id"))): rgs.bare(txn.get("amount"), playing)
        for _, done in played
        for txn in rgs.items(done, "rgs_txns")
    }
    events = await rgs.told(playing.player, lambda found: len(_txns(found)) >= len(wanted))
    feed = [(str(one.get("event_type")), one.get("payload") or {}) for one in events]
    for kind, done in played:
        told = [body for topic, body in feed if (topic, body.get("spin_id")) == _finished(done)]
        rgs.require(told, f"there is a spin_finished of {done.at('spin_id')}")
        if kind:
            _as_played(rgs, playing, told[0], (kind, stake, rgs.minor(done, "outcome.win")))
    for (topic, txn), minor in wanted.items():
        found = [body for kind, body in feed if (kind, body.get("txn_id")) == (topic, txn)]
        rgs.require(len(found) == 1, f"there is one event of {topic} {txn}, and they are {found}")
        rgs.require(
            _minor(found[0].get("amount"), playing) in (minor, None),
            f"it tells {playing.player.money(minor)}, and it is {found[0]}",
        )


def _txns(events: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one for one in events if "txn_id" in (one.get("payload") or {})]


def _finished(done: Done) -> tuple[str, Any]:
    return "spin_finished", done.at("spin_id")


def _as_played(
    rgs: Rgs, playing: Playing, body: Mapping[str, Any], wanted: tuple[str, int, int]
) -> None:
    """Judge what a spin_finished says of what RGS-04 names; what it leaves out is not judged."""
    entry, (kind, stake, win) = playing.entry, wanted
    for name, is_ in (
        ("spin_type", kind),
        ("currency", entry.player.currency),
        ("game_id", entry.game),
        ("build_hash", entry.build),
        ("player_id", entry.player.id),
        ("operator_id", OPERATOR),
    ):
        rgs.require(body.get(name, is_) == is_, f"{name} is {is_}, and it is {body}")
    for name, minor in (("stake", stake), ("win", win)):
        rgs.require(
            _minor(body.get(name), playing) in (minor, None),
            f"{name} is {playing.player.money(minor)}, and it is {body}",
        )


def _minor(amount: Any, playing: Playing) -> int | None:
    """Bare or with its currency; None where it is not told, -1 where it is no amount."""
    currency = playing.player.currency
    if amount is None:
        return None
    try:
        if isinstance(amount, Mapping):
            return read(amount, "decimal_number").minor
        return read_amount(amount, currency, "decimal_number")
    except NotMoney:
        return -1


CHECK = Check(
    id="rgs.events.contents",
    rules=(
        "RGS-04",
        "RGS-42",
    ),
    category=Category.RECOVERY,
    about="A spin_finished tells kind, stake, win and the rest as they were played, and each "
    "transaction beside a spin leaves as an event of its own, once, with its amount.",
    drive=_drive,
)
