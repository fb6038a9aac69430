"""Without a rule chaos is on no call's way (issue: a server that nobody plagues pays nothing)."""

from typing import Any

import pytest

from simulator.server import door
from tests.processes import run
from tests.support import sandbox

UNARMED = """
from simulator.server import app, protocol
from tests.bench.unarmed import without_chaos
without_chaos(app, app.App, "__call__")
without_chaos(protocol, protocol.Protocol, "on_headers_complete")
"""


async def test_without_a_rule_nothing_of_chaos_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither before the first rule nor after the last one; with one, and under the header, it is
    (the control)."""

    class Met(Exception):
        """Chaos was asked."""

    async def meet(*_: Any) -> None:
        raise Met

    monkeypatch.setattr(door, "meet", meet)
    async with sandbox() as box:
        path = "/v1/players/p_19f3"
        assert (await box.call("GET", path)).status == 200
        await box.admin("POST", "/chaos/rules", {"fault": "reset", "at": "wallet.settleBet"})
        with pytest.raises(Met):
            await box.call("GET", path)
        box.world.chaos.clear()
        assert (await box.call("GET", path)).status == 200
        with pytest.raises(Met):
            await box.call("GET", path, headers={"X-Chaos": "reset"})


async def test_a_rule_that_has_expired_is_on_nobody_s_way() -> None:
    """Its time to live over, the next call finds it gone, and the world idle."""
    async with sandbox() as box:
        assert (await box.call("GET", "/v1/players/p_19f3")).status == 200
        await box.admin("POST", "/chaos/rules", {"fault": "status", "ttl_s": 1})
        assert box.world.chaos.active
        await box.admin("POST", "/clock/advance", {"by_ms": 1_000})
        assert (await box.call("GET", "/v1/players/p_19f3")).status == 200
        assert not box.world.chaos.active


def test_the_benchmark_compares_with_a_server_without_chaos() -> None:
    """What `chaos_idle_overhead` takes out is there to be taken out: once in the application, once
    in the protocol."""
    done = run("-c", UNARMED)
    assert done.returncode == 0, done.stderr
