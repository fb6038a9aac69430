"""A token races itself."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    entry = await rgs.entry()
    names = [rgs.names.new("s") for _ in range(rgs.config.parallel)]
    answers = await rgs.together([rgs.session_ask(entry, session_id=name) for name in names])
    count = [(await rgs.known(done)).ok for done in answers].count(True)
    rgs.require(count <= 1, f"a token opens one session, and it opened {count}")
    there = [(await rgs.look("sessions", name)).ok for name in names].count(True)
    rgs.require(there <= 1, f"a token opens one session, and {there} can be read")


CHECK = Check(
    id="rgs.token.parallel",
    rules=(
        "WAL-63",
        "RGS-02",
    ),
    category=Category.CONCURRENCY,
    about="Of several sessions that one token opens at once, one is open.",
    drive=_drive,
)
