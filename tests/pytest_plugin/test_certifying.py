"""`certify` as parametrized tests: a check is a test, its verdict the test's."""

import pytest

from simulator.pytest_plugin import Servers
from tests.pytest_plugin.inner import Inner

pytest_plugins = ["pytester"]


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Inner:
    return Inner(pytester, monkeypatch)


def test_each_check_is_a_test_of_its_own(inner: Inner, playmoney: Servers) -> None:
    """SBX-13: checks by id or rule are judged against the sandbox's wallet, under their ids."""
    inner.file(
        """
        @pytest.mark.playmoney_certify("wallet", only=["wallet.debit.once", "WAL-43"])
        def test_my_wallet(sandbox, playmoney_check):
            playmoney_check(target=sandbox.url)
        """
    )
    found = inner.run("-v", on=playmoney)
    found.stdout.fnmatch_lines_random(
        [
            "*test_my_wallet?wallet.debit.once? PASSED*",
            "*test_my_wallet?wallet.rollback.both-first? PASSED*",
        ]
    )
    assert found.ret == 0


def test_a_failure_shows_the_rule_the_exchange_and_the_line_that_asks_again(
    inner: Inner, playmoney: Servers
) -> None:
    """SBX-08: broken is a failed test; what lacks something is a skipped one, with the reason."""
    inner.file(
        """
        import msgspec
        from simulator.certify.config import TEST_WORLD, Hooks

        POOR = msgspec.structs.replace(TEST_WORLD, hooks=Hooks())

        @pytest.mark.playmoney_certify(
            "wallet", only="wallet.rollback.unknown", run="r1", profile="strict-codes"
        )
        def test_another_dialect(sandbox, playmoney_check):
            playmoney_check(target=sandbox.url + "/")

        @pytest.mark.playmoney_certify("wallet", only="wallet.lock.binds")
        def test_without_hooks(sandbox, playmoney_check):
            playmoney_check(target=sandbox.url, config=POOR)
        """
    )
    found = inner.run("-rs", on=playmoney)
    found.assert_outcomes(failed=1, skipped=1)
    found.stdout.fnmatch_lines_random(
        [
            "*WAL-45: A rollback of what nobody knows is answered as the profile says*",
            "*again: playmoney certify wallet --target http*--profile strict-codes*--run r1*",
            "*> POST /v1/wallet/rollback*",
            "*SKIPPED*needs hooks.create_player, hooks.lock_player*",
        ]
    )


@pytest.mark.parametrize(
    ("mark", "error"),
    [
        ('"walet"', "did you mean 'wallet'?"),
        ('"wallet", suit="smoke"', "did you mean 'suite'?"),
        ('"wallet", suite="smok"', "did you mean 'smoke'?"),
        ('"wallet", only="WAL-99"', "no check is meant by only='WAL-99'"),
    ],
    ids=["role", "word", "suite", "only"],
)
def test_a_wrong_word_stops_the_collection(inner: Inner, mark: str, error: str) -> None:
    """A misspelt role or suite asks nothing, so it must not look like a pass."""
    inner.file(
        f"""
        @pytest.mark.playmoney_certify({mark})
        def test_my_wallet(playmoney_check):
            playmoney_check()
        """
    )
    found = inner.run()
    assert found.ret != 0
    assert error in found.stdout.str() + found.stderr.str()
