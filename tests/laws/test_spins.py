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

    async def play(self, at: Studio, **changes: Any) -> Any:
        """Ask for it, with its own key unless told."""
        more: dict[str, Any] = changes
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
    st.tuples(
        st.sampled_from(["spin", "spin", "other key", "replay", "reconnect"]), st.integers(0, 7)
    ),
    max_size=20,
)


MOVED = Decimal(100)
"""What is brought into the session that keeps its money, in which each spin has a twin."""

KEPT = f"s-{len(GAMES)}"


async def _open_all(at: Studio) -> dict[str, Any]:
    """A session in each game, the same tokens each time, and one that keeps its money; session →
    what opened it."""
    opened: dict[str, Any] = {}
    for n, game in enumerate(GAMES):
        token = at.token(jti=f"jti-s-{n}")
        opened[f"s-{n}"] = await at.session_body(f"s-{n}", game_id=game, jwt=token)
    token = at.token(jti=f"jti-{KEPT}")
    opened[KEPT] = await at.session_body(KEPT, jwt=token, wallet="transfer")
    for body in opened.values():
        await at.ok("POST", "/sessions", body)
    money = {"transfer_id": "in-1", "amount": {"amount": MOVED, "currency": "EUR"}}
    await at.ok("POST", f"/sessions/{KEPT}/transfer-in", money)
    return opened


async def _twin(at: Studio, one: Asked) -> Any:
    """The same stake in the session that keeps its money."""
    return await at.spin(
        f"twin-{one.number}", f"{one.stake}.00", session_id=KEPT, round_id=f"kept-{one.round}"
    )


async def _in_order(asked: Sequence[Asked]) -> dict[str, Any]:
    """Spin → its answer, one after the other in a world of its own; and what a replay of it says,
    and its twin's outcome."""
    async with studio(seed=11) as at:
        await _open_all(at)
        answers: dict[str, Any] = {one.spin_id: (await one.play(at)).body for one in asked}
        return answers | await _said_again(at, asked, [await _twin(at, one) for one in asked])


async def _said_again(at: Studio, asked: Sequence[Asked], twins: Sequence[Any]) -> dict[str, Any]:
    """Replays, and outcomes of twins: a balance depends on what came before, they do not."""
    said: dict[str, Any] = {}
    for one, twin in zip(asked, twins, strict=True):
        said[f"twin-{one.number}"] = twin.json["outcome"]
        replayed = await at.call("GET", f"/spins/{one.spin_id}/replay")
        assert replayed.json["same"] is True
        said[f"replay-{one.number}"] = replayed.body
    return said


async def _in_disorder(asked: Sequence[Asked], steps: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """The same in another world, by these steps and then all at once; checks that nothing is
    charged twice."""
    async with studio(seed=11) as at:
        opened = await _open_all(at)
        answers: dict[str, Any] = {}

        def note(one: Asked, got: Any) -> None:
            assert got.status == 200, got.body
            assert answers.setdefault(one.spin_id, got.body) == got.body

        for step, choice in steps:
            one = asked[choice % len(asked)]
            if step == "spin":
                note(one, await one.play(at))
            elif step == "other key":  # the platform forgot it: a played spin is known by its id
                lost = {"idempotency_key": f"{one.spin_id}-forgotten"}
                note(one, await one.play(at, **(lost if one.spin_id in answers else {})))
            elif step == "reconnect":  # with the token that it has; it is a repeat (RGS-02)
                back = await at.call("POST", "/sessions", opened[one.session_id])
                assert (back.status, back.replayed) == (201, True)
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
        twins = await asyncio.gather(*(_twin(at, one) for one in twice))
        for first, again in zip(reversed(twins[: len(asked)]), twins[len(asked) :], strict=True):
            assert (again.status, again.body) == (200, first.body)
        await _require_charged_once(at, asked)
        await _require_kept(at, twins[len(asked) :])
        return answers | await _said_again(at, asked, twins[len(asked) :])


async def _require_kept(at: Studio, twins: Sequence[Any]) -> None:
    """What was brought in, less each stake once, plus each win once (RGS-06)."""
    session = await at.ok("GET", f"/sessions/{KEPT}")
    won = sum(minor(twin.json["outcome"]["win"]) for twin in twins)
    assert (session["spins"], minor(session["won"])) == (len(twins), won)
    assert minor(session["balance"]) == MOVED * 100 - minor(session["staked"]) + won


async def _require_charged_once(at: Studio, asked: Sequence[Asked]) -> None:
    for n in range(len(GAMES)):
        cash = [one for one in asked if one.game == n and one.kind == "cash"]
        session = await at.ok("GET", f"/sessions/s-{n}")
        assert session["spins"] == len(cash)
        assert minor(session["staked"]) == sum(one.stake * 100 for one in cash)
    told = [event["payload"]["spin_id"] for event in await at.events("spin_finished")]
    twins = [f"twin-{one.number}" for one in asked]
    assert sorted(told) == sorted([*(one.spin_id for one in asked), *twins])
    await at.require_sound()


@settings(max_examples=12, deadline=None)
@given(asked=ASKED, steps=STEPS)
def test_any_order_gives_the_same_bytes(asked: list[Asked], steps: list[tuple[str, int]]) -> None:
    """Spins, repeats under the same key and another, replays and reconnects in any order, in
    parallel too: under one seed each spin has one answer and one replay, byte for byte, in every
    world, and is charged once, in either model of the wallet (RGS-02, RGS-06, RGS-10, RGS-11,
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
