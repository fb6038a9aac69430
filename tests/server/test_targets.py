"""How it is said where a party is: `--target PARTY=URL`."""

import pytest

from simulator.base.errors import ConfigError
from simulator.cli.serve import read_targets
from simulator.settings import Target


def test_a_target_is_a_party_and_a_url() -> None:
    """What is given is read apart, credentials included; what is wrong says what would be right."""
    assert Target.parse("wallet=https://h:8443/v/") == Target("wallet", "https://h:8443/v")
    assert Target.parse("rgs=http://me:p%40ss@h").client == ("me", "p@ss")
    for wrong in (
        "wallet",
        "wallet=",
        "wallet=ftp://h",
        "http://h",
        "wallet=http://h:x",
        "w=http:",
    ):
        with pytest.raises(ConfigError, match="PARTY=http"):
            Target.parse(wrong)
    with pytest.raises(ConfigError) as shown:
        Target.parse("wallet=http://me:secret@h?query")
    assert "secret" not in str(shown.value)
    with pytest.raises(ConfigError, match="twice"):
        read_targets(["wallet=http://a", "wallet=http://b"])
