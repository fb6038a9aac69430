"""Sub-pools of a network (JP-61): each region's sums, exact after whatever happens, and nothing
else of what happened there."""

from decimal import Decimal
from typing import Any

from simulator.base.rng import Rng
from tests.jackpot.test_draws import HOUR_MS, TIMED
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


async def test_each_region_has_its_size_and_share_of_the_pool() -> None:
    """With the seed, the sizes are the pool's after every contribution, reversal and fall, also of
    a timed pool that goes on; participants are counted where they play, and shares add up to all
    (JP-60, JP-61)."""

    def told(part: dict[str, Any]) -> tuple[Decimal, str, int]:
        share = part["share"]
        return (
            part["size"]["amount"],
            f"{share['numerator']}/{share['denominator']}",
            part["participants"],
        )

    async with hall() as house:
        least = {**TIMED, "min_stake": Decimal(5)}
        await house.open(pool("net", scope="network", members=list(NETWORK), **least))
        await house.contribute("net", 2, name="a", player_id="p_eu")
        await house.contribute("net", 2, name="b", player_id="p_eu")
        await house.contribute("net", 4, name="c", player_id="p_uk", headers=ELSEWHERE)
        found = await regions(house)
        assert told(found["EU"]) == (Decimal("0.04"), "1/2", 1)
        assert told(found["UK"]) == (Decimal("0.04"), "1/2", 1)
        await house.later(2 * HOUR_MS)  # no stake may win it, so it goes on as it is
        await house.reverse("b")
        found = await regions(house)
        assert told(found["EU"]) == (Decimal("0.02"), "1/3", 0)
        assert told(found["UK"]) == (Decimal("0.04"), "2/3", 0)
        assert await house.size("net") == Decimal("10.06")
        await house.contribute("net", 6, name="d", player_id="p_uk", headers=ELSEWHERE)
        await house.require_agreement()
        await house.later(2 * HOUR_MS)
        await house.reverse("a")  # too late to leave the pool
        found = await regions(house)
        assert (told(found["EU"]), told(found["UK"])) == ((Decimal(0), "0/1", 0),) * 2
        assert sums(found["UK"]) == (2, Decimal("0.10"), Decimal("10.12"), 1)
        await house.contribute("net", 2, name="e", player_id="p_eu")
        assert told((await regions(house))["EU"]) == (Decimal("0.02"), "1/1", 1)
        await house.require_agreement()


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


SHARED = {"jp_pool", "jp_subpool", "jp_member", "jp_terms", "jp_watch", "fact", "seal"}
"""Tables in which the regions of a network meet."""


def holding(house: Hall, text: bytes) -> list[tuple[str, bytes]]:
    """Every row of the service's store that has this text in it, with its table; all the bytes of
    its columns, one after the other."""
    found = []
    for (table,) in house.rows("SELECT name FROM sqlite_schema WHERE type = 'table'"):
        for row in house.rows(f"SELECT * FROM {table}"):
            parts = (one if isinstance(one, bytes) else str(one).encode() for one in row)
            whole = b"\x00".join(parts)
            if text in whole:
                found.append((table, whole))
    return found


async def test_what_tells_of_a_player_is_marked_with_the_players_brand() -> None:
    """A network pool is played, won, drawn, paid, rolled back and judged in two regions. In the
    bytes of the store, each row that names a player or one of the player's rounds names that
    player's brand and no other, and the tables in which regions meet name nobody: so it is known of
    every row which region it may never leave (JP-60, JP-61)."""
    async with hall() as house:
        for name, more in (("net", {}), ("timed", TIMED)):
            await house.open(pool(name, scope="network", members=list(NETWORK), **more))
        home: dict[str, tuple[str, dict[str, Any]]] = {
            "ours": ("p_secret_eu", {}),
            "theirs": ("p_secret_uk", {"headers": ELSEWHERE}),
        }
        for name, (player, how) in home.items():
            for n in range(3):
                for pool_id in ("net", "timed"):
                    got = await house.contribute(
                        pool_id, name=f"{name}-{pool_id}-{n}", player_id=player, **how
                    )
                    assert got.status == 201, got.body
            await house.reverse(f"{name}-net-0", **how)
            await house.trigger(f"{name}-net-1", "net", player=player, **how)
        await house.later(3 * HOUR_MS)
        await house.settled()
        for text, brand, other in (
            (b"p_secret_eu", b"brand-42", b"brand-7"),
            (b"r-ours-", b"brand-42", b"brand-7"),
            (b"p_secret_uk", b"brand-7", b"brand-42"),
            (b"r-theirs-", b"brand-7", b"brand-42"),
        ):
            rows = holding(house, text)
            assert len({table for table, _ in rows}) >= 4
            assert {table for table, _ in rows}.isdisjoint(SHARED)
            wrong = [table for table, whole in rows if brand not in whole or other in whole]
            assert wrong == []
        assert {table for table, _ in holding(house, b"brand-42")} & SHARED  # the control
