"""What is wrong in a configuration is named with file, line, column and the nearest word."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from simulator import certify
from simulator.base.errors import ConfigError
from simulator.certify.baseline import read_file as read_baseline
from simulator.certify.check import ROLES, Check, Need
from simulator.certify.checks.table import CHECKS
from simulator.certify.config import TEST_WORLD, Answers, Client, Config, RoleClient, read_text
from simulator.certify.profile import Profile, load
from simulator.certify.reading import dialect
from simulator.certify.template import TEMPLATE
from simulator.inhabitants import PLAYERS
from simulator.server.clients import CLIENTS
from simulator.wire.files import find


def test_what_init_writes_is_the_test_world() -> None:
    """A newcomer's file, which is meant without `--config` too, names clients and players that
    `playmoney serve` has, with their credentials, brands and currencies (SBX-08)."""
    assert read_text(TEMPLATE, "certify.yaml").target == "http://127.0.0.1:9000"
    own: list[Config | RoleClient] = [TEST_WORLD, *TEST_WORLD.roles.values()]
    clients: list[Config | Client] = [*own, *(one.other_client for one in own if one.other_client)]
    assert len(clients) == 2 * len(own)
    for client in clients:
        there = CLIENTS[client.client_id]
        assert (client.client_secret, client.signing_key) == (there.secret, there.signing_key)
        assert client.headers["X-Brand-Id"] in there.brands
    cash = {player_id: cash for _, player_id, _, _, _, cash, _ in PLAYERS}
    for player in TEST_WORLD.players.values():
        assert cash[player.id].endswith(player.currency)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("targt: x\n", "f.yaml:1:1: targt: there is no key 'targt' here"),
        ("targt: x\n", "did you mean 'target'?"),
        ("players:\n  rihc: {id: p}\n", "f.yaml:2:3: players.rihc: is one of rich, poor"),
        ("players:\n  rich: {currency: EUR}\n", "f.yaml:2:3: players.rich: id is missing"),
        ("roles:\n  rsg: {client_id: a}\n", "f.yaml:2:3: roles.rsg: is one of wallet, platform"),
        (
            "player_key: {kty: OKP, crv: Ed25519, d: AAAA}\n",
            "f.yaml:1:1: player_key: is no private Ed25519 key",
        ),
        ("auth: baerer\n", "did you mean 'bearer'?"),
        ("hooks:\n  create_player: {}\n", "hooks.create_player: has either a url or a command"),
        ("timeout_ms: 1\n", "f.yaml:1:1: timeout_ms: expected `int` >= 50"),
        ("- a\n", "a configuration is a mapping of keys"),
        ("a: *b\n", "is an alias; write it out"),
        ("auth: hmac\nauth: hmac\n", "is given twice, first in line 1"),
    ],
)
def test_an_error_says_where_and_what_would_be_right(text: str, error: str) -> None:
    """SBX-07's way of refusing, for a configuration too."""
    with pytest.raises(ConfigError) as refused:
        read_text(text, "f.yaml")
    assert error in str(refused.value)


def test_a_baseline_names_checks_that_there_are(tmp_path: Path) -> None:
    """A baseline for a check of yesterday would accept nothing, silently."""
    file = tmp_path / "b.yaml"
    file.write_text("accepted:\n  - {check: wallet.debit.onec, reason: not yet}\n")
    with pytest.raises(ConfigError, match=r"b\.yaml:2:\d+: accepted\.0\.check: there is no check"):
        read_baseline(file, CHECKS)
    file.write_text("accepted:\n  - {check: wallet.debit.once, reason: not yet}\n")
    assert read_baseline(file, CHECKS) == {"wallet.debit.once": "not yet"}


@pytest.mark.parametrize("path", sorted(find("contracts", "profiles").glob("*.yaml")), ids=str)
def test_every_shipped_profile_is_one_the_judge_reads(path: Path) -> None:
    """The wallet's switches and the judge's are two readings of one file."""
    assert load(path.stem).profile == path.stem


def test_every_switch_of_a_profile_and_its_choices_are_told() -> None:
    """rules.md, profile switches: what `--profile` can say stands in the guide, and no more."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "certify.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| (`.*) \|$", page.partition("## Dialects")[2], re.M))
    kinds = get_type_hints(Profile)
    assert told.keys() == kinds.keys() - {"profile", "about"}
    for name, choices in told.items():
        assert tuple(re.findall(r"`(\w+)`(?: \(| ·|$)", choices)) == get_args(kinds[name]), name


def test_a_profile_of_ones_own_says_how_refusals_look(tmp_path: Path) -> None:
    """rules.md, profile switches: the error body is one, and the configuration overrides it."""
    file = tmp_path / "ours.yaml"
    file.write_text("profile: ours\nerror_body: problem_json\n")
    body = load(str(file)).error_body
    assert dialect(Answers(), body).errors == "problem_json"
    assert dialect(Answers(errors="status_word"), body).errors == "status_word"
    file.write_text("error_body: problem_jsn\n")
    with pytest.raises(ConfigError, match=r"ours\.yaml:1:1: error_body: .*'problem_json'"):
        load(str(file))


def files() -> Iterator[tuple[str, Check]]:
    """`role/file` of each file of a check, and the check in it."""
    folder = Path(certify.__file__).parent / "checks"
    for path in sorted(folder.glob("*/*.py")):
        if path.stem not in ("__init__", "table"):
            name = f"simulator.certify.checks.{path.parent.name}.{path.stem}"
            yield f"{path.parent.name}/{path.stem}", importlib.import_module(name).CHECK


def test_every_check_is_named_like_its_file_and_once() -> None:
    """A newcomer finds a check by its id, and its file by a failure."""
    for file, check in files():
        role, _, rest = check.id.partition(".")
        assert role in ROLES
        assert file == f"{role}/{re.sub('[.-]', '_', rest)}"


def test_no_check_is_left_out_of_the_table() -> None:
    """A file in a role's folder that the table forgets would never be asked."""
    listed = [check.id for check in CHECKS]
    assert sorted(check.id for _, check in files()) == sorted(listed)
    assert len(set(listed)) == len(listed)


def test_every_need_is_a_place_in_the_configuration() -> None:
    """What a check says it needs can be looked up by its name in what init writes."""
    for need in Need:
        place, _, part = need.value.partition(".")
        assert hasattr(TEST_WORLD, place)
        if place == "hooks":
            assert hasattr(TEST_WORLD.hooks, part)
