"""pytest inside pytest: runs of small test files that share this process's servers."""

import textwrap
from contextlib import nullcontext

import pytest
import pytest_asyncio.plugin

import simulator.pytest_plugin
from simulator.pytest_plugin import Servers, certifying, lifetime

QUIET = (
    "--disable-plugin-autoload",
    *("-p", "no:cacheprovider"),
    *("-o", "asyncio_default_fixture_loop_scope=function"),
)
"""pytest-asyncio asks for that setting by a warning."""

PLUGINS = (simulator.pytest_plugin, pytest_asyncio.plugin)
"""All that a run inside needs: those of other libraries, installed here too, cost more to import
than what is tested. How pytest finds ours is proved by runs in processes of their own."""

USED_INSIDE = (certifying,)
"""What a run inside imports is forgotten at its end, unless it was there before."""

BET = """
def open_session(sandbox, player):
    body = {"player_id": player, "game_id": "studio:slot_forge_02", "currency": "EUR",
            "locale": "de-DE"}
    answer = sandbox.call("POST", "/v1/sessions", body, key=f"open-{player}")
    assert answer.status == 201, answer.body
    return answer.json["session_id"]

def bet(sandbox, bet_id="b-1", amount=2, player="p_19f3"):
    body = {"session_id": open_session(sandbox, player), "bet_id": bet_id, "round_id": "r-1",
            "amount": {"amount": amount, "currency": "EUR"}}
    return sandbox.call("POST", "/v1/bets/authorize", body, key=f"key-{bet_id}")
"""


class Inner:
    """A folder in which a file of tests is run, in this process."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self._pytester = pytester
        self._monkeypatch = monkeypatch

    def file(self, *tests: str) -> None:
        """The tests, with `bet` and `open_session` at hand."""
        body = "".join(textwrap.dedent(test) for test in tests)
        self._pytester.makepyfile("import pytest\n" + BET + body)

    def run(self, *arguments: str, on: Servers | None = None) -> pytest.RunResult:
        """Run it, with warnings as errors; `on` servers that are there already, else on its own."""
        with self._monkeypatch.context() as patched:
            if on is not None:
                patched.setattr(lifetime, "servers", lambda _config: nullcontext(on))
            return self._pytester.runpytest_inprocess(
                *QUIET, "-W", "error", *arguments, plugins=PLUGINS
            )
