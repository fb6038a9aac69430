"""`playmoney replay`: the same calls in a fresh sandbox of the same seed and clock give the same
bytes, and where they do not, the first place is shown (SBX-10, D3)."""

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from simulator.adapters.transport import TransportError
from simulator.base.errors import ConfigError
from simulator.cli.replay import replay
from simulator.settings import ClockSetting
from simulator.wire import signing
from tests.jackpot.test_terms import OPENED
from tests.jackpot.tools import hall
from tests.play.tools import casino
from tests.processes import running
from tests.server.test_control import make
from tests.support import BRAND_42, Sandbox, encode, sandbox


async def export(box: Sandbox, path: Path) -> Path:
    """The journal as a file."""
    got = await box.admin("GET", "/journal/export")
    assert got.status == 200
    path.write_bytes(got.body)  # noqa: ASYNC240 - a small file, and nobody waits
    return path


async def played(path: Path) -> Path:
    """The journal of a world in which everything was tried."""
    async with sandbox(seed=7) as box:
        await play(box)
        return await export(box, path)


def run(path: Path) -> Result:
    """The command, in this process."""
    result = CliRunner().invoke(replay, [str(path)], catch_exceptions=True)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def changed(path: Path, change: Callable[[list[Any]], None]) -> Path:
    """The file with its lines changed."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    change(lines)
    other = path.with_name("changed.ndjson")
    other.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return other


async def play(box: Sandbox) -> None:
    """Calls of every kind: money, repeats, refusals, bad tokens, signatures, the owner's, time."""
    session = await box.session()
    await box.authorize(session, "b-1", 2, key="bet-1")
    for _ in range(2):
        await box.settle("b-1", 5, key="settle-1")
    await box.authorize(session, "b-2", 10**6, key="bet-2")
    await box.raw("GET", "/v1/nowhere")
    await box.raw("GET", "/v1/bets", headers={"Authorization": "Bearer no"})
    basic = {"Authorization": "Basic c3R1ZGlvLWRlbW86c3R1ZGlvLWRlbW8tc2VjcmV0"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    await box.raw("POST", "/oauth/token", b"grant_type=client_credentials", {**basic, **form})
    wrong = b"grant_type=client_credentials&client_id=studio-demo&client_secret=wrong"
    await box.raw("POST", "/oauth/token", wrong, form)
    await box.admin("POST", "/players", {"currency": "EUR", "cash": 50})
    await box.admin("POST", "/clock/advance", {"by_ms": 3_600_000})
    await box.authorize(session, "b-3", 1, key="bet-3")  # the token has expired, and so on
    box.tokens.clear()
    await box.authorize(session, "b-3", 1, key="bet-3")  # and so has the session
    for n, name in enumerate(("hmac-sha256", "ed25519", "hmac-sha256")):
        await signed(box, name, f"nonce-{n:08}", spoiled=n == 2)
    await box.admin("GET", "/reconcile")
    await box.admin("GET", "/audit")


async def signed(box: Sandbox, algorithm: str, nonce: str, *, spoiled: bool) -> None:
    """A call that is signed instead of carrying a token."""
    body = encode({"player_id": "p_19f3", "game_id": "studio:slot_forge_02", "currency": "EUR"})
    now = (await box.admin("GET", "/clock")).json["now"]
    target = "/v1/sessions"
    if box.name != "default":
        target = f"/s/{box.name}{target}"
    text = signing.string_to_sign(now, nonce, "POST", target, body)
    if algorithm == "ed25519":
        signature = signing.sign_ed25519(signing.demo_ed25519_key("studio-demo-key"), text)
    else:
        signature = signing.sign_hmac(b"studio-demo-key", text)
    headers = {
        "Content-Type": "application/json",
        "X-Client-Id": "studio-demo",
        "X-Timestamp": now,
        "X-Nonce": nonce,
        "X-Signature-Algorithm": algorithm,
        "X-Signature": "0" * 64 if spoiled else signature,
        "X-Idempotency-Key": nonce,
        "X-Brand-Id": "brand-42",
        "X-Region": "EU",
        "X-Provider-Id": "studio",
    }
    got = await box.raw("POST", "/v1/sessions", body, headers)
    assert got.status in ({401} if spoiled else {201, 400}), got.body


def test_a_world_plays_again(tmp_path: Path) -> None:
    """Money, repeats, refusals, tokens good and bad, signatures, players made up under the seed,
    the clock and the audit chain: every byte is the same (SBX-02, SBX-10)."""
    file = asyncio.run(played(tmp_path / "journal.ndjson"))
    result = run(file)
    assert result.exit_code == 0, result.output
    assert "the same: " in result.output
    statuses = [
        json.loads(line).get("answer", {}).get("status") for line in file.read_text().splitlines()
    ]
    assert {200, 201, 400, 401, 404} <= set(statuses)


def test_a_named_sandbox_plays_again(tmp_path: Path) -> None:
    """With its own seed and clock beside a default one of others, and after a reset (SBX-04,
    SBX-10)."""

    async def record() -> list[Path]:
        async with sandbox() as box:
            clock = {"mode": "frozen", "now": "2030-01-01T00:00:00Z"}
            other = await make(box, name="ci-1", seed=9, clock=clock)
            await play(other)
            file = await export(other, tmp_path / "journal.ndjson")
            await other.admin("POST", "/reset", {"seed": 11})
            other.tokens.clear()
            await play(other)
            return [file, await export(other, tmp_path / "anew.ndjson")]

    for path in asyncio.run(record()):
        result = run(path)
        assert result.exit_code == 0, result.output


def test_rounds_between_parties_play_again(tmp_path: Path) -> None:
    """What the parties ask of each other follows by itself, the spins' outcomes included
    (SBX-10, RGS-11)."""

    async def record() -> Path:
        async with casino() as game:
            session = await game.open()
            for n in range(3):
                await game.play(session, f"r-{n}")
            return await export(game.box, tmp_path / "journal.ndjson")

    file = asyncio.run(record())
    result = run(file)
    assert result.exit_code == 0, result.output
    inside = [
        line
        for line in file.read_text().splitlines()
        if json.loads(line).get("direction") == "inside"
    ]
    assert len(inside) > 9


def test_a_pool_of_ones_own_plays_again(tmp_path: Path) -> None:
    """Opening one is a call like any other, and what is paid from it follows; only looking at the
    figures is not kept (SBX-10, JP-01)."""

    async def record() -> Path:
        async with hall() as house:
            assert (await house.box.admin("POST", "/jackpot/pools", OPENED)).status == 201
            await house.box.admin("GET", "/jackpot/status")
            await house.contribute("mine", name="a")
            assert (await house.trigger("a", "mine")).status == 201
            await house.later(60_000)
            await house.call("GET", "/payouts")
            return await export(house.box, tmp_path / "journal.ndjson")

    file = asyncio.run(record())
    result = run(file)
    assert result.exit_code == 0, result.output
    assert '"openPool"' in file.read_text()
    assert "/jackpot/status" not in file.read_text()


def test_the_first_divergence_is_shown(tmp_path: Path) -> None:
    """Negative control: another seed, an altered answer, a call left out or a blank more in a body
    is found, where it first shows, and the exit code is 1 (SBX-10)."""
    file = asyncio.run(played(tmp_path / "journal.ndjson"))

    def alter(lines: list[Any]) -> None:
        found = next(line for line in lines if line.get("operation") == "settleBet")
        assert '"amount":1003.00' in found["answer"]["body"]
        found["answer"]["body"] = found["answer"]["body"].replace(
            '"amount":1003.00', '"amount":1004.00'
        )

    def blank(lines: list[Any]) -> None:
        found = next(line for line in lines if line.get("operation") == "settleBet")
        found["answer"]["body"] = found["answer"]["body"].replace("{", "{ ", 1)

    def leave_out(lines: list[Any]) -> None:
        lines[0]["exchanges"] -= 1
        del lines[next(n for n, x in enumerate(lines) if x.get("operation") == "authorizeBet")]

    def reseed(lines: list[Any]) -> None:
        lines[0]["seed"] = 8

    for change, operation in (
        (alter, "settleBet"),
        (blank, "settleBet"),
        (leave_out, "settleBet"),
        (reseed, "issueToken"),
    ):
        result = run(changed(file, change))
        assert result.exit_code == 1, (change, result.output)
        first, *shown = result.output.splitlines()
        assert first.startswith("diverged at exchange ")
        assert operation in first
        assert any(line.startswith("-") for line in shown)
        assert any(line.startswith("+") for line in shown)


def test_what_cannot_be_replayed_is_refused(tmp_path: Path) -> None:
    """No such file, no journal, a newer format, a line cut off, a beginning that is missing, a
    clock that ran by itself: a ConfigError, which the command line ends with exit 2, and the reason
    (SBX-10)."""

    async def record() -> list[Path]:
        async with sandbox() as box:
            await box.raw("GET", "/v1/nowhere")
            file = await export(box, tmp_path / "journal.ndjson")
            await box.admin("DELETE", "/journal")
            cleared = await export(box, tmp_path / "cleared.ndjson")
        async with sandbox(clock=ClockSetting("wall")) as box:
            return [file, cleared, await export(box, tmp_path / "wall.ndjson")]

    file, cleared, wall = asyncio.run(record())
    cut = tmp_path / "cut.ndjson"
    cut.write_text(file.read_text()[:-20])
    short = tmp_path / "short.ndjson"
    short.write_text(file.read_text().splitlines()[0])
    empty = tmp_path / "empty.ndjson"
    empty.write_text("")
    newer = changed(file, lambda lines: lines[0].update(journal=99))
    for path, reason in (
        (tmp_path / "none.ndjson", "cannot be read"),
        (empty, "is empty"),
        (cut, "cut.ndjson:2: is no line of a journal"),
        (short, "has 0"),
        (newer, "format 99"),
        (cleared, "it was cleared"),
        (wall, "ran by itself"),
    ):
        with pytest.raises(ConfigError, match=reason):
            run(path)


def test_faults_strike_again(tmp_path: Path) -> None:
    """Rules that were put in force are put in force again, and strike the same calls: lost answers,
    statuses, delays and those of single calls, the journal says so in both (SBX-06, SBX-10)."""

    async def record() -> Path:
        async with sandbox(seed=7) as box:
            await rule(box, fault="lose_reply", at="wallet.settleBet", attempts=[1])
            await rule(
                box,
                fault="status",
                at="wallet.authorizeBet",
                when={"probability": "1/2"},
                **{"with": {"status": 503}},
            )
            session = await box.session()
            for n in range(8):
                await box.authorize(session, f"b-{n}", 1, round_id=f"r-{n}", key=f"bet-{n}")
            for _ in range(2):
                with contextlib.suppress(TransportError, IndexError):
                    await box.settle("b-0", 5, round_id="r-0", key="settle-0")
            await box.call("GET", "/v1/bets", headers={"X-Chaos": "latency; ms=5"})
            return await export(box, tmp_path / "journal.ndjson")

    file = asyncio.run(record())
    lines = [json.loads(line) for line in file.read_text().splitlines()[1:]]
    struck = [line["injected"] for line in lines if line.get("injected")]
    assert {one[0].partition(";")[0] for one in struck} == {"lose_reply", "status", "latency"}
    assert any("answer" not in line for line in lines)
    statuses = [x["answer"]["status"] for x in lines if x["operation"] == "authorizeBet"]
    assert {200, 503} == set(statuses), "half of them, so both"
    result = run(file)
    assert result.exit_code == 0, result.output


async def rule(box: Sandbox, **given: Any) -> None:
    """Put a rule in force."""
    got = await box.admin("POST", "/chaos/rules", given)
    assert got.status == 201, got.body


def test_what_came_over_http_plays_again(tmp_path: Path) -> None:
    """A server's own journal, with whatever headers its clients sent, a guarded control API, a
    right and a wrong admin token, bodies that are no text (SBX-10)."""
    path = tmp_path / "journal.ndjson"
    options = ("--clock", "frozen", "--seed", "7", "--admin-token", "very-secret", "--strict")
    with running(*options) as server:
        form = {
            "grant_type": "client_credentials",
            "client_id": "studio-demo",
            "client_secret": "studio-demo-secret",
        }
        with requests.Session() as client:
            token = client.post(f"{server.url}/oauth/token", data=form, timeout=60).json()
            headers = {"Authorization": f"Bearer {token['access_token']}", **BRAND_42}
            headers["X-Trace-Id"] = "tr_http"
            client.get(f"{server.url}/v1/players/p_19f3", headers=headers, timeout=60)
            client.post(f"{server.url}/v1/sessions", headers=headers, data=b"\xff", timeout=60)
            for secret in ("very-secret", "guessed"):
                owner = {"Authorization": f"Bearer {secret}"}
                ask = {"by_ms": 1000}
                url = f"{server.url}/__admin/clock/advance"
                client.post(url, headers=owner, json=ask, timeout=60)
            owner = {"Authorization": "Bearer very-secret"}
            url = f"{server.url}/__admin/journal/export"
            path.write_bytes(client.get(url, headers=owner, timeout=60).content)
    assert b"very-secret" not in path.read_bytes()
    statuses = [json.loads(line)["answer"]["status"] for line in path.read_text().splitlines()[1:]]
    assert {200, 400, 401} <= set(statuses)
    result = run(path)
    assert result.exit_code == 0, result.output
