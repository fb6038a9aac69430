"""Sub-pools of a network (JP-61): each region's sums, exact after whatever happens, and nothing
else of what happened there."""

from decimal import Decimal
from typing import Any

from simulator.base.rng import Rng
from tests.jackpot.tools import ELSEWHERE, NETWORK, Hall, hall, pool


async def regions(house: Hall, pool_id: str = "net", **how: Any) -> dict[str, Any]:
    """Each region's part of a pool."""
    got = await house.call("GET", f"/pools/{pool_id}", **how)
    return {part["region"]: part for part in got.json.get("regions", [])}


def sums(part: dict[str, Any]) -> tuple[int, Decimal, Decimal, int]:
    """Bets, contributions, payouts and hits."""
    return part["bets"], part["contributed"]["amount"], part["paid"]["amount"], part["hits"]


async def test_each_region_has_its_own_sums() -> None:
    """Contributions, reversals and falls count where they happened; both regions see the same."""
    async with hall() as house:
        await house.open(pool("net", scope="network", members=list(NETWORK)))
        nothing = (0, Decimal("0.00"), Decimal("0.00"), 0)
        assert {name: sums(part) for name, part in (await regions(house)).items()} == {
            "EU": nothing,
            "UK": nothing,
        }
        for name in ("a", "b", "c"):
            await house.contribute("net", 4, name=name)
        await house.contribute("net", 10, name="theirs", player_id="p_uk", headers=ELSEWHERE)
        await house.contribute("net", 10, name="theirs", player_id="p_uk", headers=ELSEWHERE)
        await house.reverse("c")
        await house.trigger("theirs", "net", player="p_uk", headers=ELSEWHERE)
        await house.reverse("b")
        found = await regions(house)
        assert sums(found["EU"]) == (3, Decimal("0.12"), Decimal("0.00"), 0)
        assert sums(found["UK"]) == (1, Decimal("0.10"), Decimal("10.18"), 1)
        assert found == await regions(house, headers=ELSEWHERE)
        await house.contribute("net", 4, name="d")
        await house.trigger("d", "net")
        assert sums((await regions(house))["EU"]) == (4, Decimal("0.16"), Decimal("10.04"), 1)
        await house.settled()
        await house.box.require_sound()


async def test_a_reference_leads_nowhere() -> None:
    """Neither round nor player crosses; whoever knows the round can compute the reference, and two
    falls have two."""
    async with hall() as house:
        await house.open(pool("net", scope="network", members=list(NETWORK)))
        seen = []
        for hit, name in enumerate(("secret-1", "secret-2"), 1):
            await house.contribute("net", name=name)
            await house.trigger(name, "net")
            got = await house.call("GET", "/pools/net", headers=ELSEWHERE)
            assert b"secret" not in got.body
            assert b"p_19f3" not in got.body
            (part,) = (one for one in got.json["regions"] if one["region"] == "EU")
            seed = house.box.world.rng.seed
            fields = ("net", hit, "brand-42", f"r-{name}")
            expected = Rng(seed).draw("jackpot_reference", *fields)[:16].hex()
            assert part["last_hit"]["reference"] == expected
            assert part["last_hit"]["amount"]["amount"] == Decimal("10.02")
            seen.append(expected)
        assert len(set(seen)) == 2


async def test_a_local_pool_has_no_regions() -> None:
    """Its brand lives in one."""
    async with hall() as house:
        await house.contribute("vault-minor")
        assert await regions(house, "vault-minor") == {}
        assert house.rows("SELECT count(*) FROM jp_subpool") == [(0,)]
