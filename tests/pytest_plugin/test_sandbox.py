"""What hangs on a sandbox, on a real server; `sandbox` is the plugin's own (SBX-13)."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulator.base.errors import ConfigError
from simulator.inhabitants import PLAYERS
from simulator.pytest_plugin import (
    ControlError,
    JournalMismatch,
    NoAnswer,
    Sandbox,
    Servers,
)
from simulator.pytest_plugin.parts import FILTERS, Players
from simulator.wire.journal import Filter


def _open(sandbox: Sandbox, player: str = Players.rich) -> str:
    body = {
        "player_id": player,
        "game_id": "studio:slot_forge_02",
        "currency": "EUR",
        "locale": "de-DE",
    }
    return str(sandbox.call("POST", "/v1/sessions", body, key="open").json["session_id"])


def _bet(sandbox: Sandbox, session: str, bet_id: str = "b-1") -> Any:
    body = {
        "session_id": session,
        "bet_id": bet_id,
        "round_id": "r-1",
        "amount": {"amount": Decimal("2.00"), "currency": "EUR"},
    }
    return sandbox.call("POST", "/v1/bets/authorize", body, key=bet_id)


def test_the_published_players_have_names() -> None:
    """Each of the test world has one, and no name is of anybody else (SBX-18)."""
    named = {value for name, value in vars(Players).items() if isinstance(value, str)}
    assert {player_id for _, player_id, *_ in PLAYERS} == named - {
        Players.__doc__,
        Players.__module__,
    }


def test_players_are_made_and_funded_exactly(sandbox: Sandbox) -> None:
    """Amounts are exact, in the player's currency; a float is refused before it is sent."""
    made = sandbox.players.create("50.50", player_id="ana")
    assert (made.player_id, made.available, made.held) == ("ana", Decimal("50.50"), Decimal(0))
    assert sandbox.players.fund(made, "0.01").available == Decimal("50.51")
    assert sandbox.players.fund("ana", 1).available == Decimal("51.51")
    assert sandbox.players.fund(Players.uk, 1).currency == "GBP"
    with pytest.raises(TypeError, match=r"Decimal\('50\.10'\)"):
        sandbox.players.create(50.1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no amount"):
        sandbox.players.fund("ana", "two")
    with pytest.raises(KeyError, match="there is no player nobody; there are p_19f3"):
        sandbox.players.get("nobody")
    sandbox.players.change("ana", self_excluded=True)
    assert sandbox.players.get("ana").self_excluded
    assert len(sandbox.players.all()) == len(PLAYERS) + 1


def test_time_moves_as_the_test_says(sandbox: Sandbox) -> None:
    """Frozen at its usual start, advanced, frozen elsewhere, and let run (SBX-03)."""
    session = _open(sandbox)
    assert sandbox.clock.now() == datetime(2026, 1, 1, tzinfo=UTC)
    (fired,) = sandbox.clock.advance(hours=2, minutes=30)
    assert (fired["what"], fired["id"]) == ("session_expired", session)
    assert sandbox.clock.advance(timedelta(seconds=1)) == []
    assert sandbox.clock.now() == datetime(2026, 1, 1, 2, 30, 1, tzinfo=UTC)
    later = datetime(2026, 3, 1, tzinfo=UTC)
    assert sandbox.clock.freeze(later) == later == sandbox.clock.freeze()
    assert sandbox.clock.mode == "frozen"
    assert sandbox.clock.run() >= later
    assert sandbox.clock.mode == "shifted"
    with pytest.raises(ValueError, match="no step ahead"):
        sandbox.clock.advance()
    with pytest.raises(ControlError, match="400"):
        sandbox.clock.freeze("yesterday")


def test_chaos_strikes_and_is_counted(sandbox: Sandbox) -> None:
    """A rule by fault and place; a whole one; removed; cleared; journalled (SBX-06)."""
    session = _open(sandbox)
    name = sandbox.chaos.add("lose_reply", at="wallet.authorizeBet", when={"attempts": [1]})
    with pytest.raises(NoAnswer, match="/v1/bets/authorize"):
        _bet(sandbox, session)
    again = _bet(sandbox, session)
    assert (again.status, again.headers["idempotency-replayed"]) == (200, "true")
    assert [(row["fault"], row["fired"]) for row in sandbox.chaos.coverage()] == [("lose_reply", 1)]
    assert sandbox.journal.count(operation="authorizeBet", injected=True) == 1
    sandbox.chaos.remove(name)
    sandbox.chaos.add(
        {"at": "wallet.*Bet", "fault": "status", "with": {"status": 503}, "name": "down"}
    )
    sandbox.chaos.add("latency", with_={"ms": 0}, name="slow")
    assert {rule["name"] for rule in sandbox.chaos.rules()} == {"down", "slow"}
    assert _bet(sandbox, session, "b-2").status == 503
    sandbox.chaos.clear()
    assert sandbox.chaos.rules() == []
    with pytest.raises(ControlError, match="did you mean 'lose_reply'") as refused:
        sandbox.chaos.add("lose_repl")
    assert (refused.value.status, refused.value.code) == (400, "VALIDATION_FAILED")


def test_the_journal_is_searched_and_judged(sandbox: Sandbox, tmp_path: Path) -> None:
    """By any filter that the control API has, and by no other (SBX-10); its file plays again."""
    session = _open(sandbox)
    for _ in range(2):
        assert _bet(sandbox, session).status == 200
    found = sandbox.journal.search(operation="authorizeBet", key="b-1")
    assert [one["answer"]["status"] for one in found] == [200, 200]
    assert sandbox.journal.newest(1, operation="authorizeBet") == found[1:]
    sandbox.journal.verify(operation="authorizeBet", exactly=2)
    sandbox.journal.verify(status=200, at_least=1, at_most=99)
    with pytest.raises(JournalMismatch, match=r"operation authorizeBet.*2, but.*exactly 1"):
        sandbox.journal.verify(operation="authorizeBet", exactly=1)
    with pytest.raises(ConfigError, match="did you mean 'operation'"):
        sandbox.journal.count(operatoin="authorizeBet")
    assert set(FILTERS) <= set(Filter.__struct_fields__)
    har = sandbox.journal.export(tmp_path / "journal.har", "har").read_bytes()
    assert har.startswith(b'{"log"')
    journal = sandbox.journal.export(tmp_path / "journal.ndjson")
    replayed = subprocess.run(
        [sys.executable, "-m", "simulator", "replay", str(journal)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    sandbox.journal.clear()
    assert sandbox.journal.count(operation="authorizeBet") == 0


def test_the_books_are_at_hand(sandbox: Sandbox) -> None:
    """Balances of a currency add up to zero, and a hold is no balance yet (SBX-11)."""
    session = _open(sandbox)
    assert _bet(sandbox, session).status == 200
    body = {"bet_id": "b-1", "round_id": "r-1", "win": {"amount": 14.0, "currency": "EUR"}}
    with pytest.raises(TypeError, match="is a float"):
        sandbox.call("POST", "/v1/bets/settle", body, key="s-1")
    body["win"] = {"amount": Decimal("14.60"), "currency": "EUR"}
    assert sandbox.call("POST", "/v1/bets/settle", body, key="s-1").status == 200
    balances = sandbox.ledger.balances()
    assert balances["player:p_19f3:EUR"] == Decimal("1012.60")
    assert sum(value for name, value in balances.items() if name.endswith(":EUR")) == 0
    assert sandbox.ledger.reconcile()["bets"] == 1
    assert len(sandbox.ledger.entries()) > 11


def test_events_come_in_their_order(sandbox: Sandbox) -> None:
    """All of them, or those of a type."""
    session = _open(sandbox)
    assert _bet(sandbox, session).status == 200
    types = [event["event_type"] for event in sandbox.events.list()]
    assert types[-2:] == ["session.started", "bet.authorized"]
    (event,) = sandbox.events.list("bet.authorized")
    assert event["payload"]["bet_id"] == "b-1"
    with pytest.raises(ControlError, match="400"):
        sandbox.events.list(occurred_at_from="yesterday")


def test_every_client_is_there(sandbox: Sandbox) -> None:
    """With a token, and with every header that its calls need; more headers take any name."""
    for name in ("studio-demo", "readonly-demo", "other-brand", "platform-demo"):
        client = sandbox.clients[name]
        assert client.client_id == name
        assert client.signing_key == f"{name}-key"
        assert sandbox.call("GET", "/v1/currencies", client=name).status == 200
    with pytest.raises(ValueError, match="Invalid header value"):
        sandbox.call("GET", "/v1/currencies", headers={"X-Trace-Id": "two\nlines"})
    assert sandbox.call("GET", "/v1/currencies").status == 200, "the connection is a new one"
    headers = sandbox.credentials.headers("k-1", x_trace_id="tr_mine")
    assert headers["X-Idempotency-Key"] == "k-1"
    assert headers["X-Trace-Id"] == "tr_mine"
    assert headers["Authorization"] != f"Bearer {sandbox.credentials.token()}", (
        "a new one each time"
    )


def test_a_wider_scope_is_a_context_of_ones_own(sandbox: Sandbox, playmoney: Servers) -> None:
    """`playmoney` makes more sandboxes, each apart from the test's own, gone with its block."""
    with playmoney.sandbox(seed=5) as other:
        assert other.seed == 5 != sandbox.seed
        other.players.create(player_id="ana")
        with pytest.raises(KeyError):
            sandbox.players.get("ana")
    with pytest.raises(ControlError, match="404"):
        other.players.get("ana")
