"""Profiles: the files that say what real wallets disagree on, and the way to choose one."""

import json
import re
import urllib.request
from pathlib import Path

import msgspec
import pytest

from simulator.base.errors import ConfigError
from simulator.settings import Settings
from simulator.wallet import profile as profiles
from simulator.wallet.profile import REFERENCE, SWITCHES, Profile, load, read
from simulator.wire.amounts import FORMATS
from simulator.wire.files import find
from simulator.world import Worlds
from tests import processes
from tests.support import CONTRACTS, Sandbox
from tests.wallet.tools import wallet

FILES = sorted(find("contracts", "profiles").glob("*.yaml"))
NAMES = [path.stem for path in FILES]


# The files ---------------------------------------------------------------------------------------


def test_the_reference_is_written_out_in_full() -> None:
    """Its file names every switch with the default that the code has, and each choice there is."""
    assert load("reference") == REFERENCE == Profile()
    text = find("contracts", "profiles", "reference.yaml").read_text()
    for name, choices in SWITCHES.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{name}:"))
        chosen, _, comment = line.partition("#")
        assert chosen.split(":")[1].strip() == getattr(REFERENCE, name)
        assert tuple(word.strip() for word in comment.split("|")) == choices


def test_the_switches_are_those_of_the_rules() -> None:
    """The wallet's side of the table of profile switches, each with more than one choice."""
    assert {name: len(choices) for name, choices in SWITCHES.items()} == {
        "unknown_rollback": 3,
        "duplicate_answer": 3,
        "win_without_bet": 2,
        "settled_rollback": 3,
        "transaction_scope": 3,
        "reality_check": 2,
        "overdue_hold": 2,
        "signature": 2,
        "money_format": 5,
    }
    assert set(FORMATS) == set(SWITCHES["money_format"])


def test_there_are_profiles_that_differ() -> None:
    """At least two beside the reference; together they differ from it in unknown rollback,
    duplicate answer, win without bet, id scope and money format."""
    assert {"reference", "strict-codes", "per-player"} <= set(NAMES)
    others = [load(name) for name in NAMES if name != "reference"]
    differing = {
        name
        for name in SWITCHES
        for other in others
        if getattr(other, name) != getattr(REFERENCE, name)
    }
    assert differing >= {
        "unknown_rollback",
        "duplicate_answer",
        "win_without_bet",
        "transaction_scope",
        "money_format",
    }


HEAD = "profile: mine\nabout: A test.\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEAD + "unknown_rolback: error\n",
            (
                "mine.yaml: 'unknown_rolback' is not 'unknown_rollback', .*; "
                "did you mean 'unknown_rollback'\\?"
            ),
        ),
        (
            HEAD + "unknown_rollback: not_fond\n",
            (
                "mine.yaml: unknown_rollback: 'not_fond' is not 'tombstone', 'not_found', 'error'; "
                "did you mean 'not_found'\\?"
            ),
        ),
        (HEAD + "duplicate_answer: true\n", "mine.yaml: duplicate_answer: 'True' is not 'same_"),
        (HEAD + "money_format: [1]\n", "mine.yaml: money_format: '\\[1\\]' is not"),
        (HEAD + "7: 8\n", "mine.yaml: '7' is not"),
        ("about: x\n", "mine.yaml: profile is missing"),
        ("profile: mine\n", "mine.yaml: about is missing"),
        ("profile: yours\nabout: x\n", "mine.yaml: profile: 'yours' is not the name of the file"),
        ("- a\n", "mine.yaml: a profile is a list of switches"),
        ("a: [\n", "mine.yaml is not YAML: .*line 2"),
    ],
)
def test_a_wrong_profile_says_what_would_be_right(text: str, message: str) -> None:
    """File, key, value, choices and the nearest word, on one line."""
    with pytest.raises(ConfigError) as refused:
        read("mine.yaml", text)
    assert re.match(message, str(refused.value)), refused.value
    assert "\n" not in str(refused.value)


def test_a_profile_may_leave_switches_out() -> None:
    """They are as the reference has them."""
    made = read("mine.yaml", HEAD + "transaction_scope: round\n")
    assert made == msgspec.structs.replace(REFERENCE, name="mine", transaction_scope="round")


def test_an_unknown_profile_stops_the_start() -> None:
    """With the names that there are and the nearest one."""
    with pytest.raises(ConfigError, match=r"--profile: 'per-playr' is not .*'per-player'\?"):
        Worlds(Settings(profile="per-playr"), CONTRACTS, lambda _: None)


@pytest.mark.parametrize("name", NAMES)
async def test_health_shows_the_profile(name: str) -> None:
    """Of every sandbox of the server, the ones made later too."""
    async with wallet(profile=name) as box:
        assert (await box.admin("GET", "/health")).json["profile"] == name
        await box.admin("POST", "/sandboxes", {"name": "ci-1"})
        other = Sandbox(box.app, box.worlds, "ci-1")
        assert (await other.admin("GET", "/health")).json["profile"] == name


def test_serve_takes_a_profile() -> None:
    """`playmoney serve --profile NAME` is a server of that profile."""
    with (
        processes.running("--profile", "strict-codes") as server,
        urllib.request.urlopen(f"{server.url}/__admin/health") as answer,
    ):
        assert json.load(answer)["profile"] == "strict-codes"


def test_profiles_are_known_by_nothing_but_the_decisions() -> None:
    """A decision is given its profile; none is kept in a module but the reference."""
    assert [name for name, value in vars(profiles).items() if isinstance(value, Profile)] == [
        "REFERENCE"
    ]


# The scope of ids --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"), [("reference", "per-player"), ("per-player", "strict-codes")]
)
async def test_a_world_keeps_the_scope_of_its_ids(tmp_path: Path, before: str, after: str) -> None:
    """A folder that was played under one scope is not served under another, and says why; under
    its own it is, as often as one likes (WAL-09)."""
    scopes = [load(name).transaction_scope for name in (before, after)]
    async with wallet(tmp_path, profile=before):
        pass
    for _ in range(2):
        with pytest.raises(ConfigError) as refused:
            async with wallet(tmp_path, profile=after):
                pass
        for said in (f"--profile {after}", f"--profile {before}", *scopes):
            assert said in str(refused.value)
    async with wallet(tmp_path, profile=before):
        pass


async def test_a_profile_of_the_same_scope_can_follow(tmp_path: Path) -> None:
    """What a world answers otherwise is its owner's to change, and is noted as a fact (WAL-09)."""
    for profile in ("reference", "strict-codes", "reference"):
        async with wallet(tmp_path, profile=profile) as box:
            assert box.world.profile == profile


async def test_a_scope_is_a_databases_too(postgres: str) -> None:
    """Of a database as of a folder."""
    async with wallet(store=postgres, profile="per-player"):
        pass
    with pytest.raises(ConfigError, match="transaction_scope is tenant"):
        async with wallet(store=postgres):
            pass
