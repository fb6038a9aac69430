"""The words of the command line and of the marker become one order."""

import shlex
from pathlib import Path

import pytest

from simulator.base.errors import ConfigError
from simulator.certify.config import TEST_WORLD
from simulator.certify.ordering import Asked
from simulator.certify.template import TEMPLATE
from simulator.certify.wires import sockets


def test_the_line_that_asks_again_names_all_that_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SBX-08: the same bytes need the same configuration, profile, seed and run; quoted for a
    shell."""
    monkeypatch.setattr(sockets, "_trusting", lambda _: None)  # the file is read in test_tls.py
    config = tmp_path / "my config.yaml"
    config.write_text(TEMPLATE, "utf-8")
    order, target = Asked(
        role="wallet",
        checks=(),
        suite="smoke",
        seed=7,
        run="r1",
        ca_file=tmp_path / "ca.pem",
        config=config,
        profile="strict-codes",
        openapi="mine.yaml",
    ).ordered()
    assert shlex.split(order.replay) == [
        *("playmoney", "certify", "wallet", "--target", "http://127.0.0.1:9000"),
        *("--ca-file", str(tmp_path / "ca.pem"), "--config", str(config)),
        *("--profile", "strict-codes", "--openapi", "mine.yaml", "--seed", "7", "--run", "r1"),
    ]
    assert (target.profile.profile, target.run, target.seed) == ("strict-codes", "r1", 7)


@pytest.mark.parametrize(
    ("run", "url", "said"),
    [("a b", "http://toy", "--run a b: has 1 to 24"), ("r1", None, "give --target URL")],
)
def test_what_cannot_be_asked_is_said_before_the_first_call(
    run: str, url: str | None, said: str
) -> None:
    """Whichever door it came through: an id that no call could carry, and nobody to ask."""
    asked = Asked(
        role="wallet", checks=(), suite="smoke", seed=1, run=run, target=url, config=TEST_WORLD
    )
    with pytest.raises(ConfigError, match=said):
        asked.ordered()
