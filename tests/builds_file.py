"""The matrix game × country × profile for the platform: `python -m tests.builds_file` writes it.

The studio makes builds from its games and market presets; the platform reads which of them is
certified where from `contracts/builds.yaml`, as it would get it from a laboratory (RGS-22).
"""

import sys
from pathlib import Path

from simulator.rgs.builds import Builds, shipped

FILE = Path(__file__).resolve().parents[1] / "contracts" / "builds.yaml"

_HEAD = """\
# Which build of which game is certified where (RGS-22). Written by `make docs` from the games and
# market presets of `simulator/rgs/`; illustrative, not legal advice. Of a game in a country, the
# first build is the one that is played unless the studio has switched (RGS-14).
"""


def text(builds: Builds) -> str:
    """The whole file."""
    lines = [_HEAD, f'dated: "{builds.markets.dated}"', "games:"]
    for game_id, game in sorted(builds.games.items()):
        lines += [f'  - game_id: "{game_id}"', f"    name: {game.title}", f"    kind: {game.kind}"]
        lines.append("    builds:")
        for build in builds.all:
            if build.game.game_id == game_id:
                countries = ", ".join(sorted(build.market.countries))
                lines += [
                    f'      - build_hash: "{build.build_hash}"',
                    f"        market: {build.market_name}",
                    f"        rtp_profile: {build.profile}",
                    f"        countries: [{countries}]",
                ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the file."""
    FILE.write_text(text(shipped()), encoding="utf-8")
    print(f"contracts/{FILE.name}: {len(shipped().all)} builds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
