"""Settings: a bad value names its place, itself, the choices and the nearest word."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from simulator.base.clock import FROZEN_START_NS, NS_PER_S
from simulator.base.errors import ConfigError
from simulator.base.rng import SEED_MAX
from simulator.settings import DEFAULT_SEED, ClockSetting, Settings, unknown


def _refusal(**given: Any) -> str:
    with pytest.raises(ConfigError) as refused:
        Settings(**given)
    return str(refused.value)


def test_the_defaults_are_a_settled_choice() -> None:
    """A server that is told nothing listens on loopback only, in memory, under a known seed."""
    settings = Settings()
    assert (settings.host, settings.port, settings.data) == ("127.0.0.1", 8080, None)
    assert settings.loopback
    assert settings.clock == ClockSetting("wall")
    assert DEFAULT_SEED == 42


def test_settings_do_not_change() -> None:
    """One frozen object from start to stop."""
    with pytest.raises(FrozenInstanceError):
        Settings().port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("given", "place", "value", "choices"),
    [
        ({"port": -1}, "--port", "-1", "0..65535"),
        ({"port": 65_536}, "--port", "65536", "0..65535"),
        ({"seed": -1}, "--seed", "-1", f"0..{SEED_MAX}"),
        ({"seed": 2**63}, "--seed", str(2**63), f"0..{SEED_MAX}"),
        ({"rate_limit_per_s": -5}, "--rate-limit", "-5", "0..1000000"),
        ({"rate_limit_per_s": 1_000_001}, "--rate-limit", "1000001", "0..1000000"),
    ],
)
def test_a_number_out_of_range_names_place_value_and_range(
    given: dict[str, Any], place: str, value: str, choices: str
) -> None:
    """The message is one line with all that is needed to set it right."""
    assert _refusal(**given) == f"{place}: {value} is outside {choices}"


@pytest.mark.parametrize(
    "given",
    [
        {"port": 0},
        {"port": 65_535},
        {"seed": 0},
        {"seed": SEED_MAX},
        {"rate_limit_per_s": 0},
        {"rate_limit_per_s": 1_000_000},
    ],
)
def test_the_ends_of_a_range_belong_to_it(given: dict[str, Any]) -> None:
    """The first and the last value that the message names are good ones."""
    (name, value), *_ = given.items()
    assert getattr(Settings(**given), name) == value


LOOPBACK = ["127.0.0.1", "127.0.0.53", "127.255.255.254", "localhost", "::1"]
REACHABLE = [
    "0.0.0.0",
    "::",
    "",
    "192.168.1.5",
    "10.0.0.1",
    "128.0.0.1",
    "2001:db8::1",
    "127.evil.example",
    "127.0.0.1.nip.io",
    "127.",
    "127.1",
    "127.0.0.1 ",
    "127.0.0.256",
    "localhost.evil.example",
    "sandbox.internal",
]


@pytest.mark.parametrize("host", LOOPBACK)
def test_loopback_needs_no_token(host: str) -> None:
    """Where only this machine can connect, the control API is open (SBX-04)."""
    assert Settings(host=host).loopback


@pytest.mark.parametrize("host", REACHABLE)
def test_anything_else_needs_a_token(host: str) -> None:
    """Every other address, and every name but localhost, may be reachable: `127.evil.example` is
    a name that its owner points wherever he likes. The message says what to give."""
    message = _refusal(host=host)
    assert message.startswith(f"--host {host} is reachable from outside")
    assert "--admin-token" in message
    assert "PLAYMONEY_ADMIN_TOKEN" in message
    assert not Settings(host=host, admin_token="t").loopback


@pytest.mark.parametrize("token", [None, ""])
def test_an_empty_token_is_none(token: str | None) -> None:
    """An empty variable does not open the control API to everybody."""
    assert "needs a token" in _refusal(host="0.0.0.0", admin_token=token)


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("wall", ClockSetting("wall")),
        ("frozen", ClockSetting("frozen", FROZEN_START_NS)),
        ("2026-01-01T00:00:00Z", ClockSetting("frozen", FROZEN_START_NS)),
        ("2026-01-01T01:00:05+01:00", ClockSetting("frozen", FROZEN_START_NS + 5 * NS_PER_S)),
        ("1970-01-01T00:00:00Z", ClockSetting("frozen", 0)),
    ],
)
def test_a_clock_is_a_word_or_a_time(text: str, setting: ClockSetting) -> None:
    """Running, frozen at a known instant, or frozen at the one that was given (SBX-03)."""
    assert ClockSetting.parse(text) == setting


@pytest.mark.parametrize(
    ("text", "nearest"),
    [("frozn", "frozen"), ("Wall", "wall"), ("walls", "wall"), ("freeze", "frozen")],
)
def test_a_wrong_word_names_the_nearest(text: str, nearest: str) -> None:
    """Place, value, choices and the word that was probably meant."""
    with pytest.raises(ConfigError) as refused:
        ClockSetting.parse(text)
    assert str(refused.value) == (
        f"--clock: {text!r} is not 'wall', 'frozen', 'shifted:TIME', 'accelerated:RATE' "
        "or an ISO time, 2026-01-01T00:00:00Z; "
        f"did you mean {nearest!r}?"
    )


@pytest.mark.parametrize("text", ["", "xyz", "12", "noon"])
def test_a_word_that_is_near_to_nothing_gets_no_guess(text: str) -> None:
    """Place, value and choices, without a far-fetched proposal; the place is the caller's."""
    with pytest.raises(ConfigError) as refused:
        ClockSetting.parse(text, "clock of the scenario")
    assert str(refused.value).startswith(f"clock of the scenario: {text!r} is not 'wall', 'frozen'")
    assert "did you mean" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2026-01-01T00:00:00", "has no zone; write it as 2026-01-01T00:00:00Z"),
        ("2026-13-01T00:00:00Z", "month must be in 1..12"),
        ("1969-12-31T23:59:59Z", "is outside 1970..2261"),
        ("2026-01-01T00:00:00ZZ", "Invalid isoformat string"),
    ],
)
def test_a_wrong_time_says_what_is_wrong_with_it(text: str, says: str) -> None:
    """A time that was meant as one is not answered with a list of words (PRV-04)."""
    with pytest.raises(ConfigError) as refused:
        ClockSetting.parse(text)
    assert str(refused.value).startswith("--clock: ")
    assert says in str(refused.value)


def test_an_unknown_word_is_told_in_one_line() -> None:
    """The helper that all choices use: place, value, choices, nearest."""
    wrong = unknown("--log-level", "inf", ("debug", "info", "error"))
    assert isinstance(wrong, ConfigError)
    assert str(wrong) == (
        "--log-level: 'inf' is not 'debug', 'info', 'error'; did you mean 'info'?"
    )
