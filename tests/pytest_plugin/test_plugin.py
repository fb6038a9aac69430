"""The plugin, by pytest in pytest: markers, options, isolation, what a failure says (SBX-13)."""

import subprocess
import sys
from pathlib import Path

import pytest

from simulator.pytest_plugin import Servers
from tests.processes import ROOT, clean_environment
from tests.pytest_plugin.inner import Inner

pytest_plugins = ["pytester"]


OTHERS = tuple(
    word
    for name in ("schemathesis", "hypothesispytest", "faker", "anyio", "asyncio", "timeout")
    for word in ("-p", f"no:{name}")
)
"""Plugins that a process of its own does without: they cost more than what is tested."""


@pytest.fixture
def inner(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Inner:
    return Inner(pytester, monkeypatch)


def test_each_test_has_a_world_of_its_own(inner: Inner, playmoney: Servers) -> None:
    """The same seed gives the same ids, and nothing of one test is seen in another (SBX-02,
    SBX-04); another seed gives others."""
    inner.file(
        """
        seen = {}

        @pytest.mark.parametrize("turn", (1, 2))
        def test_same(sandbox, turn):
            assert sandbox.journal.count(operation="authorizeBet") == 0
            answer = bet(sandbox)
            assert answer.json["balance"]["available"]["amount"] == 998
            seen[turn] = (answer.json["hold_id"], sandbox.url, sandbox.clock.now())

        @pytest.mark.playmoney(seed=7)
        def test_other_seed(sandbox):
            assert sandbox.seed == 7
            seen["other"] = bet(sandbox).json["hold_id"]

        def test_compared():
            assert seen[1][0] == seen[2][0] != seen["other"]
            assert seen[1][1] != seen[2][1]
            assert seen[1][2] == seen[2][2]

        def test_gone(sandbox):
            import urllib.error, urllib.request
            for url in (seen[1][1], seen[2][1]):
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(url + "/__admin/health")
            urllib.request.urlopen(sandbox.url + "/__admin/health").close()
        """
    )
    inner.run(on=playmoney).assert_outcomes(passed=5)


def test_a_marker_says_how_a_sandbox_begins(inner: Inner, playmoney: Servers) -> None:
    """Seed, clock, chaos; the nearest marker counts for each word by itself."""
    inner.file(
        """
        import datetime
        from simulator.pytest_plugin import NoAnswer

        @pytest.mark.playmoney(seed=3, clock="2030-06-01T12:00:00Z")
        class TestNested:
            @pytest.mark.playmoney(seed=4)
            def test_nearest(self, sandbox):
                assert sandbox.seed == 4
                assert sandbox.clock.now().year == 2030 and sandbox.clock.mode == "frozen"

            @pytest.mark.playmoney(clock="wall")
            def test_wall(self, sandbox):
                assert sandbox.seed == 3 and sandbox.clock.mode == "wall"

        @pytest.mark.playmoney(clock="accelerated:60")
        def test_accelerated(sandbox):
            assert sandbox.clock.mode == "accelerated"

        @pytest.mark.playmoney(
            chaos=[{"at": "wallet.authorizeBet", "when": {"attempts": [1]}, "fault": "lose_reply"}]
        )
        def test_chaos(sandbox):
            with pytest.raises(NoAnswer):
                bet(sandbox)
            assert bet(sandbox).status == 200
            assert sandbox.chaos.coverage()[0]["fired"] == 1

        async def test_async(sandbox):
            assert bet(sandbox).status == 200
        """
    )
    inner.run("-o", "asyncio_mode=auto", on=playmoney).assert_outcomes(passed=5)


def test_a_word_that_is_none_fails_its_test(inner: Inner, playmoney: Servers) -> None:
    """With the nearest one, whether or not the test uses its sandbox; the others run."""
    inner.file(
        """
        @pytest.mark.playmoney(sed=1)
        def test_word(): pass

        @pytest.mark.playmoney(7)
        def test_place(): pass

        @pytest.mark.playmoney(seed="7")
        def test_seed(): pass

        @pytest.mark.playmoney(clock="frozn")
        def test_clock(): pass

        @pytest.mark.playmoney(chaos={"fault": "reset"})
        def test_list(): pass

        @pytest.mark.playmoney(books=1)
        def test_books(): pass

        @pytest.mark.playmoney(profile=None)
        def test_profile(): pass

        @pytest.mark.playmoney(chaos=["reset", {"at": "wallet.authorizeBt", "fault": "reset"}])
        def test_rule(sandbox): pass

        @pytest.mark.playmoney(profile="strict-cods")
        def test_unknown_profile(sandbox): pass

        @pytest.mark.playmoney()
        def test_right(sandbox): pass
        """
    )
    result = inner.run(on=playmoney)
    result.assert_outcomes(passed=1, errors=9)
    for said in (
        "playmoney: 'sed' is not 'seed', *; did you mean 'seed'?",
        "playmoney(7): name it, as in playmoney(seed=7)",
        "playmoney(seed=…): '7' is no seed; it is a whole number from 0 on",
        "playmoney(clock=…): 'frozn' is not 'wall', 'frozen', *; did you mean 'frozen'?",
        "playmoney(chaos=…): {'fault': 'reset'} is no list of rules; *",
        "playmoney(books=…): 1 is neither True nor False",
        "playmoney(profile=…): None is no name; *",
        "playmoney: chaos[[]1[]]: at: *did you mean 'wallet.authorizeBet'?",
        "playmoney: the sandbox did not start: --profile: *did you mean 'strict-codes'?",
    ):
        result.stdout.fnmatch_lines([f"*{said}"])
    assert "Traceback" not in result.stdout.str()


def test_a_failure_says_what_the_sandbox_saw_and_how_to_see_it_again(
    inner: Inner, playmoney: Servers
) -> None:
    """Seed, chaos, the last exchanges, and a line that fails in the same way."""
    inner.file(
        """
        @pytest.mark.playmoney(
            chaos=[{"at": "wallet.*Bet", "fault": "latency", "with": {"ms": 1}, "name": "slow"}]
        )
        @pytest.mark.parametrize("player", ["p_poor"])
        def test_rich(sandbox, player):
            assert bet(sandbox, player=player).status == 200

        @pytest.fixture
        def failing(sandbox):
            assert not bet(sandbox).json

        def test_setup(failing): pass

        @pytest.mark.playmoney(seed=8)
        def test_nothing_called(sandbox):
            assert False
        """
    )
    result = inner.run(on=playmoney)
    result.assert_outcomes(failed=2, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*- playmoney -*",
            "seed 42, clock frozen at 2026-01-01T00:00:00.*Z, profile reference",
            "*POST /v1/bets/authorize key=key-b-1 → 200",
            "*- playmoney -*",
            "seed 42, clock frozen at 2026-01-01T00:00:00.*Z, profile reference",
            "chaos: slow has struck 1 of 1 calls",
            "last exchanges:",
            "  #* POST /v1/sessions key=open-p_poor → 201",
            '     > {"player_id":"p_poor",*',
            "  #* POST /v1/bets/authorize key=key-b-1 → 422 [[]latency;rule=slow;*[]]",
            '     < {"code":"INSUFFICIENT_FUNDS",*',
            "sandbox: http://127.0.0.1:*/s/*",
            "again: pytest 'test_a_failure*.py::test_rich[[]p_poor[]]' --playmoney-seed 42",
            "*- playmoney -*",
            "seed 8, *",
            "no exchange with any party",
            "again: pytest test_a_failure*.py::test_nothing_called",
        ]
    )
    (line,) = [line for line in result.outlines if line.startswith("again: pytest 'test_")]
    name, *options = line.removeprefix("again: pytest ").split()
    again = inner.run(name.strip("'"), *options, on=playmoney)
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["  #* POST /v1/bets/authorize key=key-b-1 → 422 *"])


BOOKS = """
    def test_broken(sandbox):
        sandbox.players.fund("p_19f3", "7.77")

    def test_sound(sandbox):
        sandbox.players.fund("p_19f3", "7.78")

    @pytest.mark.playmoney(books=False)
    def test_not_asked(sandbox):
        sandbox.players.fund("p_19f3", "7.77")
        from simulator.pytest_plugin import BooksUnsound
        with pytest.raises(BooksUnsound, match="player:p_19f3:EUR") as caught:
            sandbox.ledger.reconcile()
        assert caught.value.breaks[0]["party"] == "wallet"
"""


def test_books_that_broke_fail_their_test(inner: Inner, playmoney: Servers) -> None:
    """A cent that no entry knows is found after the test, and named; the marker can leave the
    books alone. On a server that is right the same tests pass (SBX-11)."""
    inner.file(BOOKS)
    inner.run("-k", "broken or sound", on=playmoney).assert_outcomes(passed=2, deselected=1)
    command = (sys.executable, "-m", "tests.pytest_plugin.broken_server", "serve")
    with Servers(command=command) as broken:
        result = inner.run(on=broken)
    result.assert_outcomes(passed=3, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_broken*",
            "the books are not sound: * broken",
            "  wallet accounts equal the fold of their entries: player:p_19f3:EUR: *",
            "*- playmoney -*",
            "again: pytest *::test_broken --playmoney-seed 42",
        ]
    )


def test_options_say_seed_and_server(inner: Inner, playmoney: Servers) -> None:
    """`--playmoney-url` takes a running server, if it plays the profile that is asked for;
    `--playmoney-seed` counts where the test names none; what is wrong stops the run or its test."""
    with playmoney.sandbox() as box:
        url = box.url.partition("/s/")[0]
    inner.file(
        f"""
        def test_seed(sandbox):
            assert sandbox.seed == 99 and sandbox.url.startswith("{url}/s/")
            assert sandbox.clock.mode == "frozen"

        @pytest.mark.playmoney(profile="strict-codes")
        def test_profile(sandbox): pass
        """
    )
    result = inner.run("--playmoney-url", url, "--playmoney-seed", "99")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*plays profile reference, and this test asks for strict-codes*"])

    result = inner.run("--playmoney-url", "http://127.0.0.1:9", "-k", "test_seed")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*--playmoney-url http://127.0.0.1:9: no answer*"])

    result = inner.run("--playmoney-seed", "-1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--playmoney-seed: -1 is no seed*"])


WORKERS = """
    import os, pathlib
    from simulator.pytest_plugin import Sandbox

    @pytest.mark.parametrize("n", range(4))
    def test_one(sandbox, n):
        assert bet(sandbox).status == 200
        where = sandbox.url.partition("/s/")[0]
        pathlib.Path(os.environ["PYTEST_XDIST_WORKER"] + "." + str(n)).write_text(where)
"""


def test_each_worker_has_a_server_and_leaves_none(inner: Inner, pytester: pytest.Pytester) -> None:
    """Under xdist: one server for each worker that needs one, none of them there afterwards."""
    inner.file(WORKERS)
    arguments = (*OTHERS, "-p", "no:cacheprovider", "-n", "2", "--dist", "each")
    result = pytester.runpytest_subprocess(*arguments, timeout=120)
    result.assert_outcomes(passed=8)
    servers: dict[str, set[str]] = {"gw0": set(), "gw1": set()}
    for file in pytester.path.glob("gw*"):
        servers[file.stem].add(file.read_text())
    (one,), (other,) = servers.values()
    assert one != other
    for url in (one, other):
        with pytest.raises(Exception, match="Connection refused"):
            Servers(url=url).sandbox()


DORMANT = """
import sys, pytest

class Look:
    def pytest_unconfigure(self):
        print("loaded:", sorted(m for m in sys.modules if m.startswith("simulator")))

sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[Look()]))
"""


def test_projects_that_do_not_use_it_pay_nothing(tmp_path: Path) -> None:
    """pytest loads the plugin in every project: the one file, and nothing of the server."""
    (tmp_path / "test_it.py").write_text("def test_it(): pass\n")
    done = subprocess.run(
        [sys.executable, "-c", DORMANT, *OTHERS],
        cwd=tmp_path,
        env={**clean_environment(), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "loaded: ['simulator', 'simulator.pytest_plugin']" in done.stdout
