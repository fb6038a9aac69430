"""What `openapi/rgs.yaml` shows is true: every example of a request works, every refusal that it
shows comes about, on every operation that shows it (PRV-64, RGS-50)."""

from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from simulator.rgs import practice
from simulator.wire.contract import Operation
from tests.contract.test_documented_refusals import Refusal, documented
from tests.contract.test_openapi import answers
from tests.rgs.tools import FORGE, Studio, second_brand, studio
from tests.server.tools import body_examples, example_call, put_ids, require_problem
from tests.support import CONTRACTS, Got

OPERATIONS = CONTRACTS["rgs"].operations
Provoke = Callable[[Studio], Awaitable[Got]]

KEY = {"X-Idempotency-Key": "k-other"}


def _path(path: str) -> str:
    return path.removeprefix("/rgs/v1")


# The world that the examples speak of -------------------------------------------------------------


async def _world(at: Studio, operation_id: str) -> dict[str, str]:
    """Session `s-7f01` with the spin `spin-1` in it, the grant `fs-1`, the tournament `t-1`; what
    an example makes itself is left out. Answers what stands for the hashes and the token."""
    build, low = await at.build(), await at.build(profile="rtp_92")
    ids = {
        "sha256:" + "5f" * 32: build["build_hash"],
        "sha256:" + "a3" * 32: low["build_hash"],
        _shown_token(): at.token(),
    }
    if operation_id == "createRgsSession":
        return ids
    moves = operation_id in ("transferIn", "transferOut")
    await at.open("s-7f01", wallet="transfer" if moves else "seamless")
    if operation_id != "playSpin":
        how = {"session_id": "s-7f01", "spin_type": "bonus" if moves else "cash"}
        await at.played("spin-1", **how)
    if operation_id != "grantFreeSpins":
        await at.ok("POST", "/free-spins", _grant())
    if operation_id != "createTournament":
        await at.ok("POST", "/tournaments", _race())
    return ids


def _shown_token() -> str:
    (body, *_) = body_examples(OPERATIONS["createRgsSession"]).values()
    return str(body["jwt"])


@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
async def test_every_example_of_a_request_works(operation_id: str) -> None:
    """A reader who sends what the contract shows gets the success that it shows (PRV-64)."""
    operation = OPERATIONS[operation_id]
    for label in body_examples(operation) or [""]:
        async with studio() as at:
            ids = await _world(at, operation_id)
            path, _ = example_call(operation, ids)
            body = put_ids(body_examples(operation)[label], ids) if label else None
            got = await at.call(operation.method, _path(path), body)
            assert got.status == operation.success, (label, got.body)
            await at.require_sound()


# Every refusal ------------------------------------------------------------------------------------

ELSEWHERE: set[Refusal] = {
    # tests/rgs/test_replay.py: it takes rows of another engine
    ("replaySpin", "INVALID_STATE", "mechanics_gone"),
    ("replaySeed", "INVALID_STATE", "mechanics_gone"),
}

OUT_OF_REACH: set[Refusal] = {
    # A batch is known by its items, and `tests/rgs/test_events.py` sends others under one key.
    ("sendRgsEvents", "IDEMPOTENCY_MISMATCH", ""),
}


def _grant(**changes: Any) -> dict[str, Any]:
    size = {"amount": Decimal("0.20"), "currency": "EUR"}
    body = {"grant_id": "fs-1", "player_id": "p_19f3", "game_id": FORGE, "count": 1}
    return {**body, "bet_size": size, **changes}


def _race(**changes: Any) -> dict[str, Any]:
    return {
        "tournament_id": "t-1",
        "title": "race",
        "game_ids": [FORGE],
        "currency": "EUR",
        "score": "turnover",
        "starts_at": "2025-01-01T00:00:00Z",
        "ends_at": "2025-02-01T00:00:00Z",
        **changes,
    }


def _euros(amount: str, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": Decimal(amount), "currency": currency}


def _sent(method: str, path: str, body: Any = None, **how: Any) -> Provoke:
    return lambda at: at.call(method, path, body, **how)


def _opened(then: Provoke, **changes: Any) -> Provoke:
    """In session `s-1`."""

    async def provoke(at: Studio) -> Got:
        await at.open("s-1", **changes)
        return await then(at)

    return provoke


def _after(*steps: tuple[str, str, Any], then: Provoke, **changes: Any) -> Provoke:
    """In session `s-1`, after these calls have succeeded."""

    async def act(at: Studio) -> Got:
        for method, path, body in steps:
            await at.ok(method, path, body)
        return await then(at)

    return _opened(act, **changes)


def _spun(spin: str = "spin-1", **how: Any) -> Provoke:
    return lambda at: at.spin(spin, **how)


def _played(then: Provoke, **changes: Any) -> Provoke:
    """After a spin in session `s-1`."""

    async def act(at: Studio) -> Got:
        await at.played()
        return await then(at)

    return _opened(act, **changes)


def _late(then: Provoke, by_ms: int = 3_600_000, **changes: Any) -> Provoke:
    async def act(at: Studio) -> Got:
        await at.advance(by_ms)
        return await then(at)

    return _opened(act, **changes)


def _scripted(player: str, spins: int) -> Provoke:
    async def act(at: Studio) -> Got:
        for n in range(spins):
            await at.played(f"spin-{n}")
        return await at.spin("late")

    return _opened(act, player_id=player)


def _created(**changes: Any) -> Provoke:
    async def act(at: Studio) -> Got:
        body = await at.session_body("s-1")
        return await at.call("POST", "/sessions", {**body, **changes})

    return act


async def _session_known(at: Studio) -> Got:
    await at.open("s-1")
    body = await at.session_body("s-1")
    return await at.call("POST", "/sessions", body, headers=KEY)


async def _of_another_brand(at: Studio) -> Got:
    """Brand-42's player, named by another brand of the same tenant."""
    await at.open("s-1")
    return await at.call("POST", EXCLUDED[1], EXCLUDED[2], headers=second_brand(at))


async def _won_and_gone(at: Studio) -> Got:
    """A void spin whose win has left the session."""
    await at.open("s-1", wallet="transfer")
    await at.ok("POST", "/sessions/s-1/transfer-in", _in("in-1", "20.00"))
    n = 0
    while (await at.played(f"spin-{n}"))["outcome"]["win"]["amount"] <= 1:
        n += 1
    await at.ok("POST", "/sessions/s-1/transfer-out", {"transfer_id": "out-1"})
    return await at.call("POST", f"/spins/spin-{n}/void", {})


def _in(name: str, amount: str, currency: str = "EUR") -> dict[str, Any]:
    return {"transfer_id": name, "amount": _euros(amount, currency)}


def _switched(headers: dict[str, str], **changes: Any) -> Provoke:
    """A switch, and then one with these changes."""

    async def act(at: Studio) -> Got:
        low = (await at.build(profile="rtp_92"))["build_hash"]
        body = {"switch_id": "sw-1", "build_hash": low, "reason": "r", "approved_by": "o"}
        await at.ok("POST", "/builds/switch", body)
        return await at.call("POST", "/builds/switch", {**body, **changes}, headers=headers)

    return act


async def _no_such_build(at: Studio) -> Got:
    none = "sha256:" + "0" * 64
    body = {"switch_id": "sw-1", "build_hash": none, "reason": "r", "approved_by": "o"}
    return await at.call("POST", "/builds/switch", body)


def _replayed(**changes: Any) -> Provoke:
    async def act(at: Studio) -> Got:
        build = (await at.build())["build_hash"]
        body = {"seed": 1, "nonce": "0" * 64, "build_hash": build, "stake": _euros("1.00")}
        return await at.call("POST", "/replays", {**body, **changes})

    return act


def _jackpot(**changes: Any) -> dict[str, Any]:
    body = {"jp_trigger_id": "j-1", "pool_id": "jp", "spin_id": "spin-1", "idempotency_key": "j-1"}
    return {**body, "amount": _euros("5.00"), **changes}


def _mismatch(path: str, first: Any, other: Any, other_path: str | None = None) -> Provoke:
    """The same key twice, with other parameters."""

    async def act(at: Studio) -> Got:
        await at.open("s-1")
        await at.open("s-2")
        await at.played()
        await at.played("spin-2", round_id="rnd-2")
        await at.call("POST", path, first, headers=KEY)
        return await at.call("POST", other_path or path, other, headers=KEY)

    return act


async def _session_mismatch(at: Studio) -> Got:
    await at.open("s-1")
    return await at.call("POST", "/sessions", await at.session_body("s-1"))


GB = {"geo": "GB", "currency": "GBP"}
EXCLUDED = ("POST", "/players/p_19f3/rg", {"change_id": "c-1", "self_excluded": True})
GRANT = ("POST", "/free-spins", _grant())
SPENT = ("POST", "/spins", {
    "spin_id": "f-0", "round_id": "r-f", "session_id": "s-1", "stake": _euros("0.20"),
    "spin_type": "free", "idempotency_key": "f-0", "grant_id": "fs-1",
})  # fmt: skip
FREE: dict[str, Any] = {"stake": "0.20", "spin_type": "free", "grant_id": "fs-1"}
RACE = ("POST", "/tournaments", _race())
ENDED = ("POST", "/sessions/s-1/end", None)
TO = "/sessions/s-1/transfer-"

REFUSALS: dict[Refusal, Provoke] = {
    ("createRgsSession", "NOT_FOUND", ""): _created(game_id="studio:none"),
    ("createRgsSession", "BUILD_NOT_CERTIFIED", ""): _created(build_hash="sha256:" + "0" * 64),
    ("createRgsSession", "DUPLICATE", ""): _session_known,
    ("createRgsSession", "IDEMPOTENCY_MISMATCH", ""): _session_mismatch,
    ("readRgsSession", "NOT_FOUND", ""): _sent("GET", "/sessions/s-9"),
    ("endRgsSession", "NOT_FOUND", ""): _sent("POST", "/sessions/s-9/end"),
    ("endRgsSession", "IDEMPOTENCY_MISMATCH", ""): _mismatch(
        "/sessions/s-1/end", None, None, "/sessions/s-2/end"
    ),
    ("reportDisplayed", "NOT_FOUND", ""): _sent(
        "POST", "/sessions/s-9/displayed", {"displayed": ["age_18"]}
    ),
    ("reportDisplayed", "IDEMPOTENCY_MISMATCH", ""): _mismatch(
        "/sessions/s-1/displayed", {"displayed": ["a"]}, {"displayed": ["b"]}
    ),
    ("acknowledgeReminder", "NOT_FOUND", ""): _sent(
        "POST", "/sessions/s-9/acknowledge", {"reminder_id": "s-9/1"}
    ),
    ("acknowledgeReminder", "INVALID_STATE", "no_reminder"): _opened(
        _sent("POST", "/sessions/s-1/acknowledge", {"reminder_id": "s-1/9"})
    ),
    ("acknowledgeReminder", "IDEMPOTENCY_MISMATCH", ""): _mismatch(
        "/sessions/s-1/acknowledge", {"reminder_id": "s-1/1"}, {"reminder_id": "s-1/2"}
    ),
    ("setPlayerRg", "NOT_FOUND", ""): _of_another_brand,
    ("setPlayerRg", "DUPLICATE", ""): _after(
        EXCLUDED,
        then=_sent(
            "POST",
            "/players/p_19f3/rg",
            {"change_id": "c-1", "self_excluded": False},
            headers=KEY,
        ),
    ),
    ("setPlayerRg", "IDEMPOTENCY_MISMATCH", ""): _mismatch(
        "/players/p_19f3/rg",
        {"change_id": "c-1", "self_excluded": True},
        {"change_id": "c-2", "self_excluded": True},
    ),
    ("playSpin", "RG_BLOCKED", "self_excluded"): _after(EXCLUDED, then=_spun()),
    ("playSpin", "RG_BLOCKED", "time_limit"): _late(
        _spun(), 60_000, rg_flags={"time_limit_min": 1}
    ),
    ("playSpin", "RG_BLOCKED", "limit_reached"): _scripted(practice.LIMIT_ON_5TH, 4),
    ("playSpin", "RG_BLOCKED", "reminder"): _scripted(practice.REALITY_CHECK, 2),
    ("playSpin", "RG_BLOCKED", "warnings_missing"): _opened(_spun(currency="GBP"), **GB),
    ("playSpin", "NOT_FOUND", ""): _spun(session_id="s-9"),
    ("playSpin", "DUPLICATE", ""): _played(_spun(stake="2.00", idempotency_key="k-2")),
    ("playSpin", "IDEMPOTENCY_MISMATCH", ""): _played(_spun(stake="2.00")),
    ("playSpin", "INVALID_STATE", "session_ended"): _after(ENDED, then=_spun()),
    ("playSpin", "INVALID_STATE", "session_expired"): _late(_spun()),
    ("playSpin", "INVALID_STATE", "round_closed"): _played(
        lambda at: _then(at, "/rounds/rnd-1/end", _spun("spin-2"))
    ),
    ("playSpin", "INVALID_STATE", "grant_used_up"): _after(GRANT, SPENT, then=_spun("f-1", **FREE)),
    ("playSpin", "INVALID_STATE", "grant_expired"): _after(
        ("POST", "/free-spins", _grant(expires_at="2026-01-01T00:00:01Z")),
        then=lambda at: _at(at, 1_000, _spun("f-1", **FREE)),
    ),
    ("playSpin", "INVALID_STATE", "tournament_not_running"): _after(
        RACE, then=_spun(spin_type="tournament", tournament_id="t-1")
    ),
    ("playSpin", "BUILD_NOT_CERTIFIED", ""): _opened(_spun(mode="turbo")),
    ("playSpin", "LIMIT_EXCEEDED", ""): _opened(_spun(stake="1000.00")),
    ("playSpin", "CURRENCY_MISMATCH", ""): _opened(_spun(currency="USD")),
    ("playSpin", "INSUFFICIENT_FUNDS", ""): _opened(_spun(), wallet="transfer"),
    ("readSpin", "NOT_FOUND", ""): _sent("GET", "/spins/spin-9"),
    ("replaySpin", "NOT_FOUND", ""): _sent("GET", "/spins/spin-9/replay"),
    ("replaySeed", "NOT_FOUND", ""): _replayed(build_hash="sha256:" + "0" * 64),
    ("replaySeed", "LIMIT_EXCEEDED", ""): _replayed(stake=_euros("1000.00")),
    ("voidSpin", "NOT_FOUND", ""): _sent("POST", "/spins/spin-9/void", {}),
    ("voidSpin", "INVALID_STATE", "round_closed"): _played(
        lambda at: _then(at, "/rounds/rnd-1/end", _sent("POST", "/spins/spin-1/void", {}))
    ),
    ("voidSpin", "INSUFFICIENT_FUNDS", ""): _won_and_gone,
    ("voidSpin", "IDEMPOTENCY_MISMATCH", ""): _mismatch(
        "/spins/spin-1/void", {}, {}, "/spins/spin-2/void"
    ),
    ("readRgsRound", "NOT_FOUND", ""): _sent("GET", "/rounds/r-9"),
    ("endRgsRound", "NOT_FOUND", ""): _sent("POST", "/rounds/r-9/end"),
    ("endRgsRound", "IDEMPOTENCY_MISMATCH", ""): _mismatch(
        "/rounds/rnd-1/end", None, None, "/rounds/rnd-2/end"
    ),
    ("transferIn", "NOT_FOUND", ""): _sent("POST", f"{TO}in", _in("i", "1.00")),
    ("transferIn", "DUPLICATE", ""): _after(
        ("POST", f"{TO}in", _in("i", "1.00")),
        then=_sent("POST", f"{TO}in", _in("i", "2.00"), headers=KEY),
        wallet="transfer",
    ),
    ("transferIn", "INVALID_STATE", "session_ended"): _after(
        ENDED, then=_sent("POST", f"{TO}in", _in("i", "1.00")), wallet="transfer"
    ),
    ("transferIn", "INVALID_STATE", "session_expired"): _late(
        _sent("POST", f"{TO}in", _in("i", "1.00")), wallet="transfer"
    ),
    ("transferIn", "INVALID_STATE", "not_a_transfer_session"): _opened(
        _sent("POST", f"{TO}in", _in("i", "1.00"))
    ),
    ("transferIn", "CURRENCY_MISMATCH", ""): _opened(
        _sent("POST", f"{TO}in", _in("i", "1.00", "USD")), wallet="transfer"
    ),
    ("transferIn", "LIMIT_EXCEEDED", ""): _after(
        ("POST", f"{TO}in", _in("i", "60000000000.00")),
        then=_sent("POST", f"{TO}in", _in("j", "60000000000.00")),
        wallet="transfer",
    ),
    ("transferIn", "IDEMPOTENCY_MISMATCH", ""): _mismatch(
        f"{TO}in", _in("i", "1.00"), _in("i", "2.00")
    ),
    ("transferOut", "NOT_FOUND", ""): _sent("POST", f"{TO}out", {"transfer_id": "o"}),
    ("transferOut", "DUPLICATE", ""): _after(
        ("POST", f"{TO}in", _in("i", "1.00")),
        then=_sent("POST", f"{TO}out", {"transfer_id": "i"}, headers=KEY),
        wallet="transfer",
    ),
    ("transferOut", "INVALID_STATE", "not_a_transfer_session"): _opened(
        _sent("POST", f"{TO}out", {"transfer_id": "o"})
    ),
    ("transferOut", "CURRENCY_MISMATCH", ""): _opened(
        _sent("POST", f"{TO}out", _in("o", "1.00", "USD")), wallet="transfer"
    ),
    ("transferOut", "INSUFFICIENT_FUNDS", ""): _opened(
        _sent("POST", f"{TO}out", _in("o", "1.00")), wallet="transfer"
    ),
    ("transferOut", "IDEMPOTENCY_MISMATCH", ""): _mismatch(
        f"{TO}out", {"transfer_id": "o"}, {"transfer_id": "p"}
    ),
    ("grantFreeSpins", "RG_BLOCKED", "self_excluded"): _after(
        EXCLUDED, then=_sent("POST", "/free-spins", _grant())
    ),
    ("grantFreeSpins", "NOT_FOUND", ""): _sent("POST", "/free-spins", _grant(game_id="x")),
    ("grantFreeSpins", "DUPLICATE", ""): _after(
        GRANT, then=_sent("POST", "/free-spins", _grant(count=2), headers=KEY)
    ),
    ("grantFreeSpins", "BUILD_NOT_CERTIFIED", ""): _sent(
        "POST", "/free-spins", _grant(rtp_profile="x")
    ),
    ("grantFreeSpins", "LIMIT_EXCEEDED", ""): _sent(
        "POST", "/free-spins", _grant(bet_size=_euros("1000.00"))
    ),
    ("grantFreeSpins", "IDEMPOTENCY_MISMATCH", ""): _after(
        GRANT, then=_sent("POST", "/free-spins", _grant(count=2))
    ),
    ("readFreeSpins", "NOT_FOUND", ""): _sent("GET", "/free-spins/fs-9"),
    ("createTournament", "NOT_FOUND", ""): _sent("POST", "/tournaments", _race(game_ids=["x"])),
    ("createTournament", "DUPLICATE", ""): _after(
        RACE, then=_sent("POST", "/tournaments", _race(title="x"), headers=KEY)
    ),
    ("createTournament", "IDEMPOTENCY_MISMATCH", ""): _after(
        RACE, then=_sent("POST", "/tournaments", _race(title="x"))
    ),
    ("readTournament", "NOT_FOUND", ""): _sent("GET", "/tournaments/t-9"),
    ("readLeaderboard", "NOT_FOUND", ""): _sent("GET", "/tournaments/t-9/leaderboard"),
    ("recordJackpotWin", "NOT_FOUND", ""): _sent("POST", "/jackpot-wins", _jackpot()),
    ("recordJackpotWin", "DUPLICATE", ""): _played(
        lambda at: _then(
            at,
            "/jackpot-wins",
            _sent("POST", "/jackpot-wins", _jackpot(pool_id="x", idempotency_key="k")),
            _jackpot(),
        )
    ),
    ("recordJackpotWin", "IDEMPOTENCY_MISMATCH", ""): _played(
        lambda at: _then(
            at, "/jackpot-wins", _sent("POST", "/jackpot-wins", _jackpot(pool_id="x")), _jackpot()
        )
    ),
    ("recordJackpotWin", "INVALID_STATE", "void"): _played(
        lambda at: _then(at, "/spins/spin-1/void", _sent("POST", "/jackpot-wins", _jackpot()), {})
    ),
    ("recordJackpotWin", "CURRENCY_MISMATCH", ""): _played(
        _sent("POST", "/jackpot-wins", _jackpot(amount=_euros("1.00", "USD")))
    ),
    ("switchBuild", "NOT_FOUND", ""): _no_such_build,
    ("switchBuild", "DUPLICATE", ""): _switched(KEY, reason="another"),
    ("switchBuild", "INVALID_STATE", "already_active"): _switched(KEY, switch_id="sw-2"),
    ("switchBuild", "IDEMPOTENCY_MISMATCH", ""): _switched({}, reason="another"),
}


async def _then(at: Studio, path: str, then: Provoke, body: Any = None) -> Got:
    await at.ok("POST", path, body)
    return await then(at)


async def _at(at: Studio, by_ms: int, then: Provoke) -> Got:
    await at.advance(by_ms)
    return await then(at)


def test_the_table_is_complete() -> None:
    """What the contract shows and these tests provoke is one list, so a new example needs a way to
    come about (PRV-26)."""
    assert set(REFUSALS) == documented("rgs") - ELSEWHERE - OUT_OF_REACH
    assert documented("rgs") >= ELSEWHERE | OUT_OF_REACH


@pytest.mark.parametrize("refusal", REFUSALS, ids="-".join)
async def test_a_documented_refusal_comes_about(refusal: Refusal) -> None:
    """The studio refuses as the contract shows: status, code, reason, not retryable; and every law
    holds afterwards (RGS-50, PRV-25)."""
    operation_id, code, reason = refusal
    (status,) = {
        status
        for operation, status, _, _, value in answers("rgs")
        if (operation, value.get("code")) == (operation_id, code) and status != "default"
    }
    async with studio() as at:
        got = await REFUSALS[refusal](at)
        require_problem(got, int(status), code)
        assert got.json["retryable"] is False
        assert got.json.get("details", {}).get("reason", "") == reason
        await at.require_sound()


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
async def test_the_refusals_that_every_operation_shows(operation: Operation) -> None:
    """Without credentials 401, without the trace id 400, with a scope that is missing 403, in a
    version that is not there 406: on every operation, and nothing is stored (RGS-07, RGS-08)."""
    async with studio() as at:
        path, body = example_call(operation, await _world(at, operation.operation_id))
        before = at.footprint()
        wrong: list[tuple[dict[str, str], int, str]] = [
            ({"Authorization": "Bearer x"}, 401, "AUTH_FAILED"),
            ({"X-Trace-Id": "?"}, 400, "VALIDATION_FAILED"),
            ({"X-Brand-Id": "brand-7"}, 403, "SCOPE_DENIED"),
            ({"Accept": "application/vnd.rgs.v9+json"}, 406, "NOT_ACCEPTABLE"),
        ]
        for headers, status, code in wrong:
            got = await at.call(operation.method, _path(path), body, headers=headers)
            require_problem(got, status, code)
        foreign = {"Authorization": f"Bearer {await at.box.token('studio-demo')}"}
        got = await at.call(operation.method, _path(path), body, headers=foreign)
        require_problem(got, 403, "SCOPE_DENIED")
        assert at.footprint() == before
