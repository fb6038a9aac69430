"""Logs: JSON lines on stderr with what happened, and nothing that opens a door (QLT-07)."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from simulator.base.errors import ConfigError
from simulator.base.log import LEVELS, Log, say_from
from simulator.cli.logs import MASK, configure_logs, mask_secrets
from tests.processes import ROOT

JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzdHVkaW8tZGVtbyJ9.c2ln-bmF0_dXJl"


def _masked(**entry: Any) -> dict[str, Any]:
    return dict(mask_secrets(None, "info", entry))


@pytest.mark.parametrize(
    "name",
    [
        "secret",
        "client_secret",
        "token",
        "access_token",
        "admin_token",
        "signature",
        "x-signature",
        "X-Signature",
        "authorization",
        "Authorization",
        "password",
        "key",
        "signing_key",
        "ed25519_private_key",
    ],
)
@pytest.mark.parametrize("value", ["s3cr3t", 12345, ["s3cr3t"], {"a": "s3cr3t"}, b"s3cr3t"])
def test_a_secret_is_masked_by_its_name(name: str, value: object) -> None:
    """What is called a secret is covered, whatever it is (QLT-07)."""
    assert _masked(**{name: value}) == {name: MASK}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Bearer {JWT}", f"Bearer {MASK}"),
        (f"bearer {JWT}", f"bearer {MASK}"),
        (f"sent Authorization: Bearer {JWT} to /v1", f"sent Authorization: Bearer {MASK} to /v1"),
        ("Basic c3R1ZGlvLWRlbW86c2VjcmV0==", f"Basic {MASK}"),
        (f"BEARER  {JWT}, BASIC YTpi", f"BEARER {MASK}, BASIC {MASK}"),
    ],
)
def test_a_secret_is_masked_by_its_look(text: str, shown: str) -> None:
    """Credentials inside a text, an error message for example, are covered in place (QLT-07)."""
    assert _masked(event=text, header=text) == {"event": shown, "header": shown}


@given(st.from_regex(r"[A-Za-z0-9._~+/-]{1,80}={0,2}", fullmatch=True), st.text(max_size=20))
def test_no_token_survives_in_a_text(token: str, around: str) -> None:
    """Whatever the token is made of, no longer part of it is left behind its scheme (QLT-07)."""
    shown = _masked(event=f"{around} Bearer {token}")["event"]
    assert shown.endswith(f" Bearer {MASK}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("event", "call failed"),
        ("trace_id", "tr_a1b2c3"),
        ("bet_id", "b_001"),
        ("player_id", "p_19f3"),
        ("keys", 5),
        ("monkey", "x"),
        ("status", 200),
    ],
)
def test_what_is_no_secret_stays_readable(name: str, value: object) -> None:
    """Ids and messages are what a log is for: they are left as they are (PRV-02, QLT-02)."""
    assert _masked(**{name: value}) == {name: value}


@pytest.fixture
def as_before() -> Iterator[None]:
    """Logging is the whole process's, so it is put back afterwards."""
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    say_from("debug")
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


def _configured() -> Log:
    """The server's; configured inside of the test, where stderr is the captured one."""
    configure_logs("info")
    return Log("server")


@pytest.mark.usefixtures("as_before")
def test_a_line_is_one_json_object_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Machines read it line by line: event, level, time and what was bound; stdout stays free."""
    log = _configured()
    log.warning("slow answer\nof two lines", trace_id="tr_1", operation="authorizeBet")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    line = json.loads(err)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "slow answer\nof two lines",
        "level": "warning",
        "trace_id": "tr_1",
        "operation": "authorizeBet",
    }


@pytest.mark.usefixtures("as_before")
def test_secrets_are_masked_on_their_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    """The masking is part of what is configured, bound values and exceptions included (QLT-07)."""
    log = _configured()
    try:
        int(f"Bearer {JWT}")
    except ValueError:
        log.exception("call failed", authorization=f"Bearer {JWT}", client_secret="s3cr3t")
    err = capsys.readouterr().err
    line = json.loads(err)
    assert line["client_secret"] == line["authorization"] == MASK
    assert "ValueError: invalid literal" in line["exception"]
    assert f"Bearer {MASK}" in line["exception"]
    assert "s3cr3t" not in err
    assert JWT not in err


@pytest.mark.usefixtures("as_before")
def test_what_is_below_the_level_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    """`error` keeps out what is less and lets through what is as much or more."""
    configure_logs("error")
    log = Log("server")
    log.info("hidden")
    log.warning("hidden too")
    log.error("shown")
    log.critical("shown too")
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["event"], line["level"]) for line in said] == [
        ("shown", "error"),
        ("shown too", "critical"),
    ]


def test_who_says_nothing_loads_nothing() -> None:
    """structlog, and rich with it, comes with the first thing that is said at a level that is
    heard."""
    program = (
        "import sys; from simulator.cli.logs import configure_logs; "
        "from simulator.base.log import Log; configure_logs('error'); log = Log('server'); "
        "log.warning('hidden'); print('structlog.dev' in sys.modules); "
        "log.error('shown'); print('structlog.dev' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.split() == ["False", "True"]
    assert json.loads(done.stderr)["event"] == "shown"


def test_an_unknown_level_names_the_nearest() -> None:
    """Place, value, choices and the nearest word, and nothing is configured by then."""
    with pytest.raises(ConfigError) as refused:
        configure_logs("inf")
    assert str(refused.value) == (
        "--log-level: 'inf' is not " + ", ".join(map(repr, LEVELS)) + "; did you mean 'info'?"
    )
    assert not structlog.is_configured()
