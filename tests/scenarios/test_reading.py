"""Scenario files: what they may say, and errors that say where (SBX-07)."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from simulator.base.errors import ConfigError
from simulator.scenarios.checking import check
from simulator.scenarios.laws import LAWS
from simulator.scenarios.reading import read_file, read_text
from simulator.scenarios.schema import PATH, schema, written
from simulator.scenarios.steps import STEPS
from simulator.scenarios.values import NoValue, duration_ns, fill, resolve
from tests.processes import ROOT

GOOD = """\
scenario: a lost answer does not debit twice
why: Providers retry after a time-out; the player must pay once.
rules: [WAL-06, WAL-72]
seed: 7
world:
  players: {ana: {cash: 50.00 EUR}}
chaos:
  - {at: wallet.authorizeBet, when: {attempts: [1]}, fault: lose_reply}
steps:
  - call: wallet.authorizeBet
    with: {session: s-ana, round: r1, bet: b1, amount: 2.00 EUR}
    key: bet-1
    expect: {lost: true}
then:
  - book: sound
  - player: {ana: {available: 48.00 EUR, held: 2.00 EUR}}
"""
NAMED = GOOD.replace("{at:", "{name: loss, at:")


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as wrong:
        check(*read_text(text, "bet.yaml"))
    return str(wrong.value)


def test_the_example_is_read() -> None:
    """A scenario as people write it is read, and each part of it knows its place."""
    scenario, source = read_text(GOOD, "bet.yaml")
    check(scenario, source)
    assert scenario.seed == 7
    assert [type(law).__name__ for law in scenario.then] == ["BookLaw", "PlayerLaw"]
    assert source.place(("steps", 0, "key")) == "bet.yaml:12:5"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("expect: {lost", "expct: {lost", "bet.yaml:13:5: steps.0.expct: there is no key 'expct'"),
        ("lost: true", "lots: true", "bet.yaml:13:14: steps.0.expect.lots: "),
        ("lost: true", "lots: true", "did you mean 'lost'?"),
        ("book: sound", "bok: sound", "there is no law 'bok' here"),
        ("book: sound", "book: sond", "did you mean 'sound'?"),
        ("seed: 7", "seed: x", "bet.yaml:4:1: seed: expected `int`"),
        ("cash: 50.00 EUR", "cash: 50.00", "bet.yaml:6:19: world.players.ana.cash: "),
        ("  - call:", "  - cal:", "there is no step 'cal' here"),
        ("authorizeBet\n", "autorizeBet\n", "did you mean 'authorizeBet'?"),
        ("call: wallet.", "call: walet.", "there is no party 'walet'; did you mean 'wallet'?"),
        ("bet: b1", "bte: b1", "bet.yaml:11:39: steps.0.with.bte: wallet.authorizeBet has no"),
        ("seed: 7", "seed: 7\nseed: 8", "bet.yaml:5: seed: is given twice, first in line 4"),
        ("why: Providers", "wyh: Providers", "did you mean 'why'?"),
        ("seed: 7", "seed: 1.0e+3", "write it as plain digits"),
        ("seed: 7", "seed: -1", "bet.yaml:4:1: seed: expected `int` >= 0"),
        ("steps:\n", "steps: &x\n", None),
        ("rules: [WAL-06, WAL-72]", "rules: *x", "is an alias; write it out"),
        ("rules: [WAL-06, WAL-72]\n", "", "rules is missing"),
    ],
)
def test_what_is_wrong_has_its_place(old: str, new: str, says: str | None) -> None:
    """File, line, column, the choices and the nearest word."""
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    if says is None:  # an anchor that nobody refers to is harmless
        read_text(text, "bet.yaml")
    else:
        assert says in refusal(text)


@pytest.mark.parametrize(
    ("law", "says"),
    [
        ("events: {bet.setled: 0}", "no event 'bet.setled'; did you mean 'bet.settled'?"),
        ("calls: [{call: wallet.autorizeBet, at_most: 9}]", "did you mean 'authorizeBet'?"),
        ("calls: [{call: wallet.authorizeBet}]", "exactly, at_least or at_most"),
        ("struck: {lost_reply: 0}", "did you mean 'lose_reply'?"),
        ("delivered: {crm: {}}", "there is no subscriber 'crm', only none"),
        ("player: {bob: {held: 0.00 EUR}}", "there is no player 'bob', only ana"),
        ("may_rest: [losse]", "no chaos rule 'losse', only loss; did you mean 'loss'?"),
        ("unchanged_since: befor", "no snapshot 'befor', only before; did you mean 'before'?"),
    ],
)
def test_a_law_of_what_there_is_not_is_refused(law: str, says: str) -> None:
    """A misspelt event that happens 0 times, an operation that is called at most so often, would
    hold for ever; each name of a law is one that means something (SBX-07)."""
    text = NAMED.replace("steps:\n", "steps:\n  - snapshot: before\n", 1)
    found = refusal(text.replace("- book: sound", f"- {law}", 1))
    assert says in found
    assert found.startswith("bet.yaml:"), found


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("restore: nope", "steps.0.restore: there is no snapshot 'nope', only none"),
        ("chaos_off: nope", "steps.0.chaos_off: there is no chaos rule 'nope', only loss"),
        ("{snapshot: a}\n  - snapshot: a", "there is more than one snapshot 'a'"),
        ("{call: control.readClock, expect: {same_as: x}}", "no answer kept `as` 'x', only none"),
        ("{limit: loss, player: ana, period: fortnight}", "it is one of day, week, month"),
        ("advance: 30", "expected `str`, got `int`; write it as 250ms or 30s or 2h"),
        ("{deposit: 5, player: ana}", "write it as 2.00 EUR"),
    ],
)
def test_a_step_of_what_there_is_not_is_refused(step: str, says: str) -> None:
    """Before anything is played, with what would be right (SBX-07)."""
    found = refusal(NAMED.replace("steps:\n", f"steps:\n  - {step}\n", 1))
    assert says in found
    assert found.startswith("bet.yaml:"), found


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """No file, no text, no mapping."""
    with pytest.raises(ConfigError, match="cannot be read"):
        read_file(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        read_file(tmp_path / "bytes.yaml")
    with pytest.raises(ConfigError, match=r"bet\.yaml:1: a scenario is a mapping"):
        read_text("- 1", "bet.yaml")


# The published schema -----------------------------------------------------------------------------


def test_the_published_schema_is_that_of_the_reader() -> None:
    """contracts/ has what the structs say (`python -m tests.scenarios.test_reading` writes it)."""
    assert (ROOT / "contracts" / PATH).read_text("utf-8") == written()


def test_every_key_has_a_description_in_the_schema() -> None:
    """What an editor shows beside a key is not empty (rule 25)."""
    for name in (kind.__name__ for kind in (*STEPS.values(), *LAWS.values())):
        part = schema()["$defs"][name]
        assert part["description"]
        bare = {"exactly", "at_least", "at_most"}
        for key, value in part["properties"].items():
            assert key in bare or "description" in str(value) or "$ref" in str(value), (name, key)


def test_every_key_stands_in_the_guide() -> None:
    """docs/scenarios.md knows each block, step, law and key (rule 25)."""
    page = (ROOT / "docs" / "scenarios.md").read_text("utf-8")
    words = {key for part in schema()["$defs"].values() for key in part.get("properties", {})}
    bare = {"max"}  # of a bound, shown as `{max: …}`
    missing = {word for word in {*words, *schema()["properties"]} - bare if f"`{word}" not in page}
    assert not missing


@pytest.mark.parametrize(
    ("change", "good"),
    [
        (lambda data: data, True),
        (lambda data: data.update(sed=1), False),
        (lambda data: data["steps"][0].update(expct={}), False),
        (lambda data: data["then"][0].update(book="sond"), False),
        (lambda data: data["world"]["players"]["ana"].update(cash="50"), False),
        (lambda data: data.pop("why"), False),
    ],
)
def test_schema_and_reader_agree(change: Any, good: bool) -> None:
    """An editor that follows the schema refuses what the reader refuses."""
    _, source = read_text(GOOD, "bet.yaml")
    change(source.data)
    validator = jsonschema_rs.Draft202012Validator(json.loads(written()))
    assert validator.is_valid(source.data) is good


# Values -------------------------------------------------------------------------------------------


def test_values_are_exact_and_keep_their_type() -> None:
    """Money without a float; a template alone keeps the type of what it stands for (PRV-03)."""
    scope = {"bet": {"body": {"n": 3, "list": [1, 2]}}, "n": 7}
    assert resolve("0.10 EUR", scope) == {"amount": Decimal("0.10"), "currency": "EUR"}
    assert resolve({"a": ["${bet.body.n}", "b-${n}"]}, scope) == {"a": [3, "b-7"]}
    assert fill("${bet.body.list[1]}", scope) == 2
    with pytest.raises(NoValue, match="there is bet, n"):
        fill("${bte.body}", scope)
    with pytest.raises(NoValue, match="bet"):
        fill("${bet.[}", scope)


@pytest.mark.parametrize(
    ("text", "ns"), [("250ms", 250_000_000), ("2s", 2 * 10**9), ("1h", 3_600 * 10**9)]
)
def test_durations(text: str, ns: int) -> None:
    """Whole numbers and a unit."""
    assert duration_ns(text) == ns


if __name__ == "__main__":
    (ROOT / "contracts" / PATH).write_text(written(), "utf-8")
