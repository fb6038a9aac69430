"""Contracts and rates as data: what is shipped is right, and what is wrong is named."""

from fractions import Fraction
from pathlib import Path

import pytest

from simulator.base.errors import ConfigError
from simulator.reports.terms import load_contract, load_rates, read_contract, read_rates
from simulator.wire.files import find
from tests.reports.tools import TERMS

GOOD = TERMS.replace("{settle_by}", "operator") + 'turnover_rate: "0.01"\nrounding: half_even\n'
SHARE = GOOD + 'revenue_share: {rate: "0.1", negative: floor, waterfall: ['


def test_everything_that_is_shipped_can_be_read() -> None:
    """Every contract and every file of rates, by its name and by its path."""
    folder = find("contracts", "royalties")
    names = {path.stem for path in folder.glob("*.yaml")}
    assert names == {"revenue-share", "per-spin", "turnover", "fx-demo"}
    for name in names - {"fx-demo"}:
        assert load_contract(name) == load_contract(str(folder / f"{name}.yaml"))
        assert load_contract(name).name == name
    assert load_rates("fx-demo").rate("2026-Q1", "USD") == Fraction("0.925")
    assert load_rates("fx-demo").rate("1999-01", "EUR") == 1
    assert load_rates(str(folder / "fx-demo.yaml")) == load_rates("fx-demo")


def test_the_good_one_is_good() -> None:
    """What the cases below break is whole before."""
    assert read_contract("test.yaml", GOOD).turnover_rate == Fraction(1, 100)
    assert read_contract("test.yaml", SHARE + "]}").share is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "test.yaml:1: .*are mappings of keys"),
        ("a: [", "test.yaml:2: is not YAML: "),
        (
            GOOD.replace('"0.01"', "0.01"),
            r"test\.yaml:8: turnover_rate: .*; write decimals in quotes",
        ),
        (GOOD.replace('"0.01"', '"1.01"'), "turnover_rate: .*does not match"),
        (GOOD.replace('"0.50"', '"-1"'), "min_stake.EUR: .*does not match"),
        (GOOD.replace("EUR:", "EUX:"), "min_stake: 'EUX' is not an ISO 4217"),
        (GOOD.replace("half_even", "up"), "rounding: 'up' is not 'half_even', 'half_up', 'down'"),
        (GOOD.replace("operator", "player"), "settle_by: .*operator"),
        (GOOD.replace("contract: test", "contract: other"), "'other' is not the name of the file"),
        (GOOD.replace('turnover_rate: "0.01"', ""), "asks for nothing; give it one of per_spin, "),
        (GOOD + "turnover_rat: 1\n", "'turnover_rat' is not .*; did you mean 'turnover_rate'"),
        (GOOD + "rounding: down\n", r"test\.yaml:\d+: rounding: is given twice"),
        (GOOD.replace("2026-01", "2026-13"), "begins: "),
        (SHARE + "{take: tax}]}", r"waterfall\.0: tax needs a rate, and of what"),
        (SHARE + '{take: tax, rate: "0.1"}]}', r"waterfall\.0: tax needs a rate, and of what"),
        (SHARE + '{take: bonus_cost, rate: "0.1"}]}', "bonus_cost is a sum of its own"),
        (SHARE + "{take: bonus_cost}, {take: bonus_cost}]}", "takes bonus_cost twice"),
        (SHARE + "{take: everything}]}", r"test\.yaml:10: .*waterfall\.0\.take: .*everything"),
        (SHARE + '{take: tax, rate: "0.1", of: profit}]}', r"waterfall\.0\.of: .*profit"),
    ],
)
def test_a_wrong_contract_is_named(text: str, message: str) -> None:
    """The file, the place, and what would be right."""
    with pytest.raises(ConfigError, match=message):
        read_contract("test.yaml", text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("about: t\ninto: EUR\nrates: {2026-01: {USD: 0.9}}", "USD: .*write decimals in quotes"),
        ('about: t\ninto: EUR\nrates: {2026-01: {USD: "0"}}', "2026-01.USD: is above zero"),
        ('about: t\ninto: EUR\nrates: {2026-Q5: {USD: "1"}}', r"fx\.yaml:3: rates: .*2026-Q5"),
        ('about: t\ninto: EUX\nrates: {2026-Q1: {USD: "1"}}', "into: 'EUX' is not an ISO 4217"),
        ('about: t\ninto: EUR\nrates: {2026-Q1: {USX: "1"}}', "2026-Q1: 'USX' is not an ISO 4217"),
    ],
)
def test_wrong_rates_are_named(text: str, message: str) -> None:
    """The file, the place, and what would be right."""
    with pytest.raises(ConfigError, match=message):
        read_rates("fx.yaml", text)


def test_a_name_that_is_none_gets_the_nearest_one(tmp_path: Path) -> None:
    """And a file that cannot be read says so."""
    with pytest.raises(ConfigError, match="did you mean 'revenue-share'"):
        load_contract("revenue-shar")
    with pytest.raises(ConfigError, match="--fx: 'demo' is not 'fx-demo'"):
        load_rates("demo")
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read \(No such file"):
        load_contract(str(tmp_path / "none.yaml"))
    (tmp_path / "odd.yaml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        load_rates(str(tmp_path / "odd.yaml"))
