"""Played from a seed."""

from typing import Any

from simulator.certify.check import Category, Check
from simulator.certify.drive import Done
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.rgs_asks import Playing

NONCES = 12
"""That all of them come to the same outcome does not happen by chance: a slot has thousands."""

SEED = 42


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.playing()
    before = await rgs.sums(playing)
    nonces = [f"{rgs.names.number('nonce', 2**256):064x}" for _ in range(NONCES)]
    first = rgs.given(await _played(rgs, playing, nonces[0]))
    again = rgs.accepted(await _played(rgs, playing, nonces[0]), "the same seed and nonce again")
    rgs.alike(first, again)
    others = [await _played(rgs, playing, nonce) for nonce in nonces[1:]]
    for one in others:
        rgs.accepted(one, "another nonce")
    outcomes = [str(one.at("outcome")) for one in (first, *others)]
    rgs.require(
        len(set(outcomes)) > 1,
        f"{NONCES} nonces have to come to more than one outcome, and all came to {outcomes[0]}",
    )
    unknown = await _played(rgs, playing, nonces[0], build_hash="sha256:" + "0" * 64)
    rgs.refused(unknown, what="play by a build that there is not")
    await rgs.counted(playing, before)


async def _played(rgs: Rgs, playing: Playing, nonce: str, **over: Any) -> Done:
    body = {
        "seed": SEED,
        "nonce": nonce,
        "build_hash": playing.entry.build,
        "stake": playing.player.money(playing.low).written("decimal_number"),
        **over,
    }
    return await rgs.send(rgs.ask("POST", "/rgs/v1/replays", body))


CHECK = Check(
    id="rgs.replay.seed",
    rules=(
        "RGS-11",
        "RGS-12",
    ),
    category=Category.RECOVERY,
    about="The same seed and nonce come to the same outcome, other nonces to others; nothing of it "
    "counts in a session.",
    blind="whether live spins are drawn the same way: their seed is secret",
    drive=_drive,
)
