"""The worked exchanges of the studio at two servers that share a PostgreSQL database."""

from tests.contract.test_worked_rgs import send, whole_ids
from tests.laws.over_postgres import paired
from tests.rgs.tools import Studio, minor


async def test_the_exchanges_run_twice_as_once(postgres: str) -> None:
    """Each call at the next server, each of them twice: session, spin and batch are taken as the
    specification writes them, a repeat is the same bytes, and it was one session, spin and item
    (RGS-01, RGS-03, RGS-04, RGS-50)."""
    async with paired(postgres) as pair:
        at = Studio(pair)
        ids = await whole_ids(at)
        for name in ("01-create-session.json", "02-spin.json", "03-events-batch.json"):
            first, again = [await send(at, name, ids) for _ in range(2)]
            assert first.status < 300, first.body
            assert (again.status, again.body) == (first.status, first.body)
        session = await at.ok("GET", "/sessions/s-7f01")
        assert (session["spins"], minor(session["staked"])) == (1, 100)
        (played,) = (await at.ok("GET", "/spins"))["items"]
        assert (await at.ok("GET", f"/spins/{played['spin_id']}/replay"))["same"] is True
        assert len(await at.events("spin_finished")) == 1
        await at.require_sound()
