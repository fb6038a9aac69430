"""`playmoney watch`: the guide's lines, exit codes, plans that are wrong (SBX-09)."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest
import yaml

from simulator.base.errors import ConfigError
from simulator.certify.clients.plan import load, read_text, shipped
from simulator.certify.clients.schema import schema, written
from simulator.certify.clients.table import CHECKS, names
from simulator.cli.watching import strike
from tests.broken.clients.judging import journal
from tests.broken.clients.wrong import RollsBackOnce
from tests.certify.clients.lines import Lines, answer
from tests.certify.clients.shift import Shift
from tests.cli.command import Command
from tests.processes import clean_environment, free_port
from tests.support import sandbox
from tests.watch_page import PAGE, SCHEMA, page

GUIDE = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(sh|yaml|python)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Logging is the whole process's, and loggers keep what they have begun with."""
    monkeypatch.setattr("simulator.cli.watch.configure_logs", lambda _level: None)
    return Command(monkeypatch, capsys)


def test_the_guide_runs_as_written(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/watch.md: its client passes its plan behind a real socket, and the journal that was kept
    is judged again to the same end."""
    (plan,) = [block for kind, block in BLOCKS if kind == "yaml"]
    (client,) = [block for kind, block in BLOCKS if kind == "python"]
    (tmp_path / "plan.yaml").write_text(plan)
    (tmp_path / "client.py").write_text(client)
    shell = [block for kind, block in BLOCKS if kind == "sh"]
    assert len(shell) == 3
    lines = shell[1].replace("8080", str(free_port()))
    own = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-e", "-c", lines],
        cwd=tmp_path,
        env={**clean_environment(), "PATH": own},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.chdir(tmp_path)
    again, one = (command(*line.split()[1:]) for line in shell[2].splitlines())
    assert (again.code, one.code) == (0, 0)
    assert again.out.splitlines()[-1] == done.stdout.splitlines()[-1]
    assert one.out.splitlines()[-1] == "1 passed, 0 failed, 0 inconclusive"
    root = ElementTree.parse(tmp_path / "client.xml").getroot()
    assert root.get("name") == "playmoney watch"
    assert len(list(root.iter("testcase"))) == sum(len(check.rules) for check in CHECKS)
    assert "playmoney watch --journal journal.ndjson" in GUIDE


def test_the_tables_of_the_guide_and_the_schema_are_current() -> None:
    """`make docs` was run since a check or a plan was changed."""
    assert page(GUIDE) == GUIDE
    assert SCHEMA.read_text("utf-8") == written()


def test_the_guides_first_line_ends_by_its_time(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch without a client ends when it should, writes its reports, and is no pass."""
    first = next(block for kind, block in BLOCKS if kind == "sh")
    words = first.replace("60s", "150ms").split()[1:]
    monkeypatch.chdir(tmp_path)
    done = command(*words, "--port", 0, "--keep", "journal.ndjson")
    assert done.code == 2
    assert "watches clients at http://127.0.0.1:" in done.out
    assert "ends      after 150ms or with Ctrl-C" in done.out
    assert "no client has called" in done.out
    assert (tmp_path / "client.xml").exists()
    assert (tmp_path / "client.html").exists()
    start, end = (tmp_path / "journal.ndjson").read_bytes().splitlines()
    assert json.loads(start)["journal"] == 1
    assert json.loads(end)["operation"] == "readHealth", "the end of the watch has its time"


def test_a_plan_that_cannot_be_put_in_force_stops_the_start(
    command: Command, tmp_path: Path
) -> None:
    """Exit 2 and the place, before anybody calls."""
    plan = tmp_path / "plan.yaml"
    plan.write_text("plan: x\nchaos:\n  - {fault: lose_replay}\n")
    done = command("watch", "--plan", plan, "--port", 0)
    assert done.code == 2
    assert f"{plan}:3:6: chaos.0.fault" in done.err
    assert "watches" not in done.out


def _kept(tmp_path: Path, raw: bytes) -> Path:
    path = tmp_path / "journal.ndjson"
    path.write_bytes(raw)
    return path


def test_a_client_that_is_right_ends_with_0(command: Command, tmp_path: Path) -> None:
    """A journal of our adapters, judged from its file; every output is written."""
    plan, _ = load("smoke", names())
    path = _kept(tmp_path, journal(plan, Shift("bearer", rounds=4)))
    outputs = [tmp_path / name for name in ("it.xml", "it.json", "it.html", "it.md")]
    options = [
        part
        for name, path in zip(("junit", "json", "html", "md"), outputs, strict=True)
        for part in (f"--{name}", path)
    ]
    done = command("watch", "--plan", "smoke", "--journal", path, *options)
    assert done.code == 0, done.out + done.err
    assert all(path.stat().st_size for path in outputs)
    assert json.loads(outputs[1].read_bytes())["suite"]["role"] == "client"
    assert "## playmoney watch" in outputs[3].read_text()
    assert "<h1>playmoney watch" in outputs[2].read_text()


def test_a_client_that_is_wrong_ends_with_1(command: Command, tmp_path: Path) -> None:
    """The report says what should be and what was, and how to ask again."""
    lines = Lines()
    for n in range(3):
        body = {"bet_id": f"b{n}", "round_id": "r"}
        lines.call("rollbackBet", key=f"u{n}", body=body, reply=None)
    lines.call("createSession", key="later", after_ms=60_000, reply=answer())
    path = _kept(tmp_path, lines.raw())
    check = RollsBackOnce.killed_by
    done = command("watch", "--journal", path, "--only", check)
    assert done.code == 1
    assert "given up after 1 attempt" in done.out
    assert f"again: playmoney watch --plan standard --journal {path} --only {check}" in done.out


def test_nobody_called_is_no_pass(command: Command, tmp_path: Path) -> None:
    """Exit 2: a CI job whose client never came to the address must not be green."""
    path = _kept(tmp_path, Lines().raw())
    done = command("watch", "--journal", path)
    assert (done.code, "no client has called" in done.out) == (2, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--plan", "stndard"], "there is no such plan or file; shipped are harsh, smoke"),
        (["--for", "60"], "--for 60: is a time such as 60s"),
        (["--only", "client.key.some"], "no check is meant by client.key.some"),
        (["--journal", "/nowhere/it"], "--journal /nowhere/it: cannot be read"),
        (["--port", "99999"], "--port: 99999 is outside"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(command: Command, options: list[str], said: str) -> None:
    """Exit 2, the place, the value, the choices."""
    done = command("watch", *options)
    assert done.code == 2
    assert said in done.err


def test_the_list_names_every_check(command: Command) -> None:
    """What a plan may name can be looked up."""
    done = command("watch", "--list")
    assert done.code == 0
    assert all(check.id in done.out for check in CHECKS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("plan: x\nchoas: []\n", r"p.yaml:2:1: choas: .*did you mean 'chaos'"),
        ("plan: x\njudge: [client.kye]\n", r"p.yaml:2:9: judge.0: there is no check"),
        ("plan: x\nduties: {jitter: some}\n", r"p.yaml:2:10: duties.jitter: .*required, none"),
        ("plan: x\nduties: {bet_attempts: 0}\n", r"p.yaml:2:10: duties.bet_attempts"),
        ("chaos: []\n", "plan is missing"),
    ],
)
def test_a_wrong_plan_is_refused_with_its_place(text: str, said: str) -> None:
    """File, line, column, and what would be right."""
    with pytest.raises(ConfigError, match=said):
        read_text(text, "p.yaml", names())


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{fault: lose_replay}", r"p.yaml:3:6: chaos.0.fault: .*lose_reply"),
        ("{fault: latency, with: {mss: 3}}", r"p.yaml:3:29: chaos.0.with.mss"),
        ("{at: wallet.nothing, fault: reset}", r"p.yaml:3:6: chaos.0.at"),
    ],
)
async def test_a_wrong_rule_of_a_plan_is_refused_with_its_place(rule: str, said: str) -> None:
    """What the server would refuse, the plan's error shows in the plan."""
    plan, source = read_text(f"plan: x\nchaos:\n  - {rule}\n", "p.yaml", names())
    async with sandbox() as box:
        with pytest.raises(ConfigError, match=said):
            strike(box.world, plan, source)


@pytest.mark.parametrize("name", sorted(shipped()))
async def test_a_shipped_plan_can_be_put_in_force(name: str) -> None:
    """Each is valid by its schema, and by the server."""
    path = shipped()[name]
    assert path.read_text().startswith("# yaml-language-server: $schema=../plan.schema.json\n")
    plain = schema()
    plain["properties"]["chaos"]["items"] = {"type": "object"}
    assert jsonschema_rs.Draft202012Validator(plain).is_valid(yaml.safe_load(path.read_text()))
    plan, source = load(name, names())
    assert plan.plan == name
    async with sandbox() as box:
        strike(box.world, plan, source)
        assert len(box.world.chaos.rules) == len(plan.chaos)
