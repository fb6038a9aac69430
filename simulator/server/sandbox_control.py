"""Sandboxes made, dropped, held fast and branched, for the control API (SBX-04)."""

from typing import TYPE_CHECKING, Any

from simulator.base.clock import iso
from simulator.server import clock_control
from simulator.server.clients import CLIENTS
from simulator.server.party import Held, Sandbox
from simulator.wire import control as c
from simulator.wire import messages as m

if TYPE_CHECKING:
    from simulator.server.control import Control


async def list_sandboxes(on: "Control", _ask: c.Nothing) -> dict[str, Any]:
    """Every world of this server."""
    await on.sandboxes.drop_abandoned()
    return {"items": [_info(on, sandbox) for sandbox in on.sandboxes.all()]}


async def create_sandbox(on: "Control", ask: c.CreateSandbox) -> c.SandboxInfo:
    """A new world in memory, with the test world in it and credentials of its own."""
    clock = None
    if ask.clock is not None:
        clock = clock_control.setting(ask.clock, on.sandboxes.begin_ns())
    return _created(on, await on.sandboxes.create(ask.name, ask.seed, clock))


async def drop_sandbox(on: "Control", ask: c.DropSandbox) -> None:
    """Forget a world."""
    await on.sandboxes.drop(ask.sandbox)


async def fork_sandbox(on: "Control", ask: c.ForkSandbox) -> c.SandboxInfo:
    """A new world that goes on from the state of another."""
    forked = await on.sandboxes.fork(ask.sandbox, ask.name, ask.snapshot, ask.seed)
    return _created(on, forked)


async def take_snapshot(on: "Control", ask: c.TakeSnapshot) -> c.SnapshotInfo:
    """Hold a world's state fast."""
    return _snapshot(on.sandboxes.hold(ask.sandbox, ask.name))


async def list_snapshots(on: "Control", ask: c.ListSnapshots) -> dict[str, Any]:
    """The states of a world that are held fast, the oldest first."""
    return {"items": [_snapshot(one) for one in on.sandboxes.held(ask.sandbox)]}


async def drop_snapshot(on: "Control", ask: c.DropSnapshot) -> None:
    """Let a state go."""
    on.sandboxes.let_go_of(ask.sandbox, ask.snapshot)


async def restore_sandbox(on: "Control", ask: c.RestoreSandbox) -> c.SandboxState:
    """Put a world back to a state of its own."""
    restored = await on.sandboxes.restore(ask.sandbox, ask.snapshot)
    return c.SandboxState(restored.name, restored.rng.seed)


OPERATIONS: dict[str, tuple[type[m.Message], Any]] = {
    "listSandboxes": (c.Nothing, list_sandboxes),
    "createSandbox": (c.CreateSandbox, create_sandbox),
    "dropSandbox": (c.DropSandbox, drop_sandbox),
    "forkSandbox": (c.ForkSandbox, fork_sandbox),
    "takeSnapshot": (c.TakeSnapshot, take_snapshot),
    "listSnapshots": (c.ListSnapshots, list_snapshots),
    "dropSnapshot": (c.DropSnapshot, drop_snapshot),
    "restoreSandbox": (c.RestoreSandbox, restore_sandbox),
}
"""Operations on all worlds, which are not a world's own: they are at the root alone."""


def _info(on: "Control", sandbox: Sandbox) -> c.SandboxInfo:
    prefix = "" if sandbox.name == "default" else f"/s/{sandbox.name}"
    return c.SandboxInfo(sandbox.name, on.base_url + prefix, sandbox.rng.seed)


def _created(on: "Control", sandbox: Sandbox) -> c.SandboxInfo:
    credentials = [entry for client in CLIENTS.values() for entry in client.credentials()]
    info = _info(on, sandbox)
    return c.SandboxInfo(info.sandbox, info.base_url, info.seed, credentials)


def _snapshot(held: Held) -> c.SnapshotInfo:
    return c.SnapshotInfo(held.name, held.sandbox, iso(held.at_ns), held.bytes)
