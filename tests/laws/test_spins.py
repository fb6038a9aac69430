"""Spins in any order: the same seed gives the same bytes, and each is charged once (RGS-10..12)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.rgs import spins as spins_module
from simulator.rgs.drbg import SpinDice
from tests.rgs.tools import COMET, FORGE, VAULT, Studio, minor, studio
from tests.server.tools import require_problem

GAMES = (FORGE, VAULT, COMET)


@dataclass(frozen=True)
class Asked:
    """One spin that a platform asks for."""

    number: int
    game: int
    round: int
    stake: int
    kind: str

    @property
    def spin_id(self) -> str:
        return f"spin-{self.number}"

    @property
    def session_id(self) -> str:
        return f"s-{self.game}"

    async def play(self, at: Studio) -> Any:
        """Ask for it, with its own key."""
        more: dict[str, Any] = {}
        if GAMES[self.game] == COMET:
            more["choice"] = {"target": Decimal("1.5")}
        return await at.spin(
            self.spin_id,
            f"{self.stake}.00",
            session_id=self.session_id,
            round_id=f"rnd-{self.game}-{self.round}",
            spin_type=self.kind,
            **more,
        )


ASKED = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 2), st.integers(1, 3), st.sampled_from(["cash", "bonus"])
    ),
    min_size=1,
    max_size=8,
).map(lambda drawn: [Asked(n, *each) for n, each in enumerate(drawn)])

STEPS = st.lists(
    st.tuples(st.sampled_from(["spin", "spin", "replay", "reconnect"]), st.integers(0, 7)),
    max_size=20,
)


async def _open_all(at: Studio) -> None:
    """A session in each game, the same tokens each time."""
    for n, game in enumerate(GAMES):
        await at.open(f"s-{n}", game_id=game, jwt=at.token(jti=f"jti-s-{n}"))


async def _in_order(asked: Sequence[Asked]) -> dict[str, bytes]:
    """Spin → its answer, one after the other in a world of its own."""
    async with studio(seed=11) as at:
        await _open_all(at)
        return {one.spin_id: (await one.play(at)).body for one in asked}


async def _in_disorder(
    asked: Sequence[Asked], steps: Sequence[tuple[str, int]]
) -> dict[str, bytes]:
    """The same in another world, by these steps and then all at once; checks that nothing is
    charged twice."""
    async with studio(seed=11) as at:
        await _open_all(at)
        answers: dict[str, bytes] = {}

        def note(one: Asked, got: Any) -> None:
            assert got.status == 200, got.body
            assert answers.setdefault(one.spin_id, got.body) == got.body

        for step, choice in steps:
            one = asked[choice % len(asked)]
            if step == "spin":
                note(one, await one.play(at))
            elif step == "reconnect":
                session = await at.ok("GET", f"/sessions/{one.session_id}")
                assert session["status"] == "open"
            elif one.spin_id in answers:
                again = await at.ok("GET", f"/spins/{one.spin_id}/replay")
                assert again["same"] is True
            else:
                none = await at.call("GET", f"/spins/{one.spin_id}/replay")
                require_problem(none, 404, "NOT_FOUND")
        twice = [*reversed(asked), *asked]
        for one, got in zip(twice, await asyncio.gather(*(o.play(at) for o in twice)), strict=True):
            note(one, got)
        await _require_charged_once(at, asked)
        return answers


async def _require_charged_once(at: Studio, asked: Sequence[Asked]) -> None:
    for n in range(len(GAMES)):
        cash = [one for one in asked if one.game == n and one.kind == "cash"]
        session = await at.ok("GET", f"/sessions/s-{n}")
        assert session["spins"] == len(cash)
        assert minor(session["staked"]) == sum(one.stake * 100 for one in cash)
    told = [event["payload"]["spin_id"] for event in await at.events("spin_finished")]
    assert sorted(told) == sorted(one.spin_id for one in asked)
    await at.require_sound()


@settings(max_examples=12, deadline=None)
@given(asked=ASKED, steps=STEPS)
def test_any_order_gives_the_same_bytes(asked: list[Asked], steps: list[tuple[str, int]]) -> None:
    """Spins, repeats, replays and reconnects in any order, in parallel too: under one seed each
    spin has one answer, byte for byte, in every world, and is charged once (RGS-10, RGS-11,
    RGS-12, SBX-02)."""

    async def both() -> None:
        assert await _in_disorder(asked, steps) == await _in_order(asked)

    asyncio.run(both())


@pytest.mark.nightly
@settings(max_examples=300, deadline=None)
@given(asked=ASKED, steps=STEPS)
def test_any_order_gives_the_same_bytes_all_night(
    asked: list[Asked], steps: list[tuple[str, int]]
) -> None:
    """The same, with many more orders (RGS-12)."""

    async def both() -> None:
        assert await _in_disorder(asked, steps) == await _in_order(asked)

    asyncio.run(both())


FIVE = [Asked(n, 0, n % 2, 1, "cash") for n in range(5)]


async def test_another_seed_gives_other_outcomes() -> None:
    """The control: it is the seed that the outcomes follow from (RGS-12)."""
    found = []
    for seed in (11, 12):
        async with studio(seed=seed) as at:
            await _open_all(at)
            found.append([(await one.play(at)).json["outcome"]["symbols"] for one in FIVE])
    assert found[0] != found[1]


async def test_dice_that_know_the_order_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with dice that depend on how many spins came before, the two worlds differ, so
    the comparison above can fail."""
    thrown = 0

    def in_turn(seed: int, session_id: str, round_id: str, _spin_id: str) -> SpinDice:
        nonlocal thrown
        thrown += 1
        return SpinDice(seed, session_id, round_id, str(thrown))

    monkeypatch.setattr(spins_module, "SpinDice", in_turn)
    one = await _in_order(FIVE)
    thrown = 0
    other = await _in_order(list(reversed(FIVE)))
    assert one != other
