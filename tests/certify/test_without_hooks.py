"""A target that can make no players is judged with those that are configured (SBX-08)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from simulator.certify.config import TEST_WORLD, Hooks
from tests.broken.jackpot import Jackpot
from tests.broken.judging import judged
from tests.broken.platforms import bets, right
from tests.broken.rgs import Rgs
from tests.broken.wallets import races
from tests.broken.wallets.amounts import AmountsAreText
from tests.broken.wallets.right import Reference

WITHOUT = msgspec.structs.replace(TEST_WORLD, hooks=Hooks())


RIGHT: dict[str, Callable[[], Any]] = {
    "wallet": Reference,
    "platform": right.Reference,
    "rgs": Rgs,
    "jackpot": Jackpot,
}


class MakesFew:
    """Makes so many players, and then no more."""

    def __init__(self, system: Any, most: int) -> None:
        self._system, self._left = system, most

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if (scope["method"], scope["path"]) == ("POST", "/__admin/players"):
            self._left -= 1
        spent = self._left < 0 and scope["path"] == "/__admin/players"
        await self._system({**scope, "path": "/nowhere"} if spent else scope, receive, send)


class HasNoHooks:
    """A system without the hooks that the configuration names."""

    def __init__(self, system: Any) -> None:
        self._system = system

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        hidden = scope["path"].startswith("/__admin")
        await self._system({**scope, "path": "/nowhere"} if hidden else scope, receive, send)


@pytest.mark.parametrize("role", ["wallet", "platform"])
def test_the_configured_players_are_enough_for_what_is_about_money(role: str) -> None:
    """Nothing fails, and what cannot be asked without a hook says which one it needs."""
    found, ended = judged(RIGHT[role](), role, config=WITHOUT)
    assert [one.check for one in found.values() if one.verdict == "fail"] == []
    unclear = {one.check: one.why for one in found.values() if one.verdict == "inconclusive"}
    assert all("needs hooks." in why for why in unclear.values()), unclear
    assert ended.passed > 45


@pytest.mark.parametrize("role", RIGHT)
def test_hooks_that_a_target_does_not_have_fail_nothing(role: str) -> None:
    """It is judged by its own URL alone: one player plays everything, and what would lock that one
    is left out. What cannot be asked says which hook failed."""
    found, ended = judged(HasNoHooks(RIGHT[role]()), role)
    assert [f"{one.check}: {one.why}" for one in found.values() if one.verdict == "fail"] == []
    unclear = {one.check: one.why for one in found.values() if one.verdict == "inconclusive"}
    assert all("hooks." in why for why in unclear.values()), unclear
    assert ended.passed > 45


@pytest.mark.parametrize("most", [1, 2])
@pytest.mark.parametrize("role", ["wallet", "platform"])
def test_a_hook_that_fails_later_fails_nothing_either(role: str, most: int) -> None:
    """As a quota would make it: whoever is locked is never the one whom all others play."""
    asked = [f"{role}.refusal.remembered", f"{role}.rollback.parallel"]
    found, _ = judged(MakesFew(RIGHT[role](), most), role, only=asked)
    assert {one.check: one.verdict for one in found.values()} == dict.fromkeys(asked, "pass")


def test_amounts_that_are_text_are_seen_on_a_shared_player_too() -> None:
    """PRV-03: what is judged is how the balance is written, so nobody has to read it before."""
    found, _ = judged(AmountsAreText(), "wallet", only=["wallet.balance.written"], config=WITHOUT)
    assert found["wallet.balance.written"].verdict == "fail"


def test_pages_of_a_shared_player_are_pages() -> None:
    """Asked alone, when no other check has left anything to read."""
    asked = ["platform.events.pages"]
    found, _ = judged(RIGHT["platform"](), "platform", only=asked, config=WITHOUT)
    assert {one.verdict for one in found.values()} == {"pass"}


@pytest.mark.parametrize("role", ["wallet", "platform"])
def test_a_player_who_runs_out_of_money_breaks_no_rule(role: str) -> None:
    """Shared by all checks and seldom refilled: what could not be staked is inconclusive."""
    players = {**TEST_WORLD.players, "rich": TEST_WORLD.players["poor"]}
    config = msgspec.structs.replace(WITHOUT, players=players)
    found, _ = judged(RIGHT[role](), role, config=config)
    assert {one.verdict for one in found.values()} == {"pass", "inconclusive"}
    assert "has less than 50.00 EUR to play with" in found[f"{role}.rollback.parallel"].why


def test_races_are_found_on_a_shared_player_too() -> None:
    """WAL-11: stakes are cut to the balance that there is, and given back afterwards."""
    for app, role, check in (
        (races.NegativeByRace(), "wallet", "wallet.debit.parallel-overdraw"),
        (bets.OverdrawsInARace(), "platform", "platform.bet.parallel-overdraw"),
    ):
        found, _ = judged(app, role, only=[check], config=WITHOUT)
        assert found[check].verdict == "fail"


def test_a_hook_that_fails_is_said_once_and_the_configured_player_plays() -> None:
    """A wrong hook does not make everything inconclusive."""
    found, ended = judged(
        HasNoHooks(Reference()), "wallet", only=["wallet.debit.once", "wallet.credit"]
    )
    assert {one.verdict for one in found.values()} == {"pass"}
    (note,) = ended.notes
    assert "hooks.create_player" in note
    assert "players.rich plays instead" in note
