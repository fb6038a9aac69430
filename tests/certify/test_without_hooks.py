"""A target that can make no players is judged with those that are configured (SBX-08)."""

import msgspec
import pytest

from simulator.certify.config import TEST_WORLD, Hooks
from tests.broken.judging import judged
from tests.broken.platforms import bets, right
from tests.broken.wallets import races
from tests.broken.wallets.right import Reference

WITHOUT = msgspec.structs.replace(TEST_WORLD, hooks=Hooks())


class MakesNoPlayers(Reference):
    """Has no such hook, although the configuration says so."""

    def __init__(self) -> None:
        super().__init__()
        self.routes = [one for one in self.routes if not one[1].pattern.startswith("^/__admin")]


@pytest.mark.parametrize("role", ["wallet", "platform"])
def test_the_configured_players_are_enough_for_what_is_about_money(role: str) -> None:
    """Nothing fails, and what cannot be asked without a hook says which one it needs."""
    app = Reference() if role == "wallet" else right.Reference()
    found, ended = judged(app, role, config=WITHOUT)
    assert [one.check for one in found.values() if one.verdict == "fail"] == []
    unclear = {one.check: one.why for one in found.values() if one.verdict == "inconclusive"}
    assert all("needs hooks." in why for why in unclear.values()), unclear
    assert ended.passed > 45


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
    found, ended = judged(MakesNoPlayers(), "wallet", only=["wallet.debit.once", "wallet.credit"])
    assert {one.verdict for one in found.values()} == {"pass"}
    (note,) = ended.notes
    assert "hooks.create_player" in note
    assert "players.rich plays instead" in note
