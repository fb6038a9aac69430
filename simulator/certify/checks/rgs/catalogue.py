"""Games and builds."""

import re

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs

HASH = re.compile(r"(sha256:)?[0-9a-f]{64}")


async def _drive(rgs: Rgs) -> None:
    games = rgs.accepted(await rgs.listed("games"), "the list of games")
    named = [one.get("game_id") for one in rgs.items(games)]
    listed = rgs.accepted(await rgs.listed("builds"), "the list of builds")
    builds = rgs.items(listed)
    rgs.require(builds, f"there is a build, and {listed}")
    for one in builds:
        rgs.require(one.get("game_id") in named, f"the game of {one} is listed")
        hashed = HASH.fullmatch(str(one.get("build_hash")))
        rgs.require(hashed, f"a build_hash is SHA-256 in hexadecimal, and this one is {one}")
        for name in ("rtp_profile", "countries"):
            rgs.require(one.get(name), f"a build has {name}, and this one is {one}")
    hashes = [str(one.get("build_hash")) for one in builds]
    rgs.require(len(set(hashes)) == len(hashes), f"no two builds have one hash: {hashes}")


CHECK = Check(
    id="rgs.catalogue",
    rules=(
        "RGS-09",
        "RGS-20",
    ),
    category=Category.HAPPY_PATH,
    about="Games and builds are listed: each build is of a listed game, has a SHA-256 hash, a "
    "profile and countries.",
    drive=_drive,
)
