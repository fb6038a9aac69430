"""`playmoney run`: exit codes, outputs, and the line that plays a failure again (SBX-07)."""

import json
import re
import threading
import xml.etree.ElementTree as ET
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from simulator.cli import run as command_file
from simulator.cli.sandboxes import Sandboxes
from tests.cli.command import Command
from tests.processes import ROOT, running
from tests.scenarios import planted
from tests.support import CONTRACTS

LOST = ROOT / "scenarios" / "lost-settle.yaml"
STORM = ROOT / "scenarios" / "storm-of-debits.yaml"

TARGET = """\
scenario: a wallet behind a URL that refuses a connection
why: Nothing was sent, so nothing was done; the same key is sent again.
rules: [WAL-72, SBX-07]
world:
  players: {ana: {cash: 50.00 EUR}}
chaos:
  - {at: {call: wallet.debitPlayer, seam: outgoing}, attempts: [1], fault: refuse}
  - {at: {call: wallet.rollbackTransaction, seam: outgoing}, attempts: [1], fault: lose_reply}
steps:
  - call: wallet.debitPlayer
    with: {transaction: t1, player: ana, session: s-ana, round: r1, amount: 3.00 EUR}
    retry: 2
  - call: wallet.debitPlayer
    with: {transaction: t2, player: ana, session: s-ana, round: r1, amount: 4.00 EUR}
    key: ${seed}
    retry: 2
  - advance: 1h
  - call: wallet.rollbackTransaction
    with: {transaction: t3, original_transaction: t1, player: ana, round: r1}
    retry: 2
then:
  - book: sound
  - money: kept
  - player: {ana: {available: 46.00 EUR}}
  - calls: [{call: wallet.rollbackTransaction, exactly: 2}]
  - struck: {refuse: 2, lose_reply: 1}
"""


PLAYED = """\
scenario: rounds against a wallet behind a URL
why: Our studio has to read the tokens that somebody else's platform signs.
rules: [RGS-02, SBX-07]
world:
  players: {ana: {cash: 50.00 EUR}}
steps:
  - play: 2
    player: ana
    stake: 1.00 EUR
then:
  - book: sound
  - money: kept
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, playmoney: Command) -> Command:
    monkeypatch.setattr(command_file, "load_contracts", lambda: CONTRACTS)
    monkeypatch.setattr(command_file, "configure_logs", lambda _level: None)
    return playmoney


def test_a_scenario_that_holds_exits_0(run: Command) -> None:
    """One line with the seed and the journal's hash; no colours where nobody looks."""
    done = run("run", LOST)
    assert done.code == 0
    assert re.search(r"^pass a win whose .* seed 42  \d+ ms  [0-9a-f]{12}$", done.out, re.M)
    assert "1 passed, 0 failed" in done.out
    assert "\x1b" not in done.out
    assert done.err == ""


def test_signed_calls_have_the_same_bytes_in_every_run(run: Command) -> None:
    """Nonces and ids hang on the seed alone where everything is in memory (D3)."""
    path = ROOT / "scenarios" / "identical-bytes.yaml"
    hashes = {run("run", path).out.splitlines()[0].rpartition(" ")[2] for _ in range(2)}
    assert len(hashes) == 1
    assert len(hashes.pop()) == 12


def test_every_output_tells_the_same(run: Command, tmp_path: Path) -> None:
    """JUnit, JSON, NDJSON and HTML of one run; the HTML needs no network and marks faults."""
    files = {kind: tmp_path / f"run.{kind}" for kind in ("junit", "json", "ndjson", "html")}
    options = [word for kind, path in files.items() for word in (f"--{kind}", path)]
    assert run("run", LOST, STORM, *options).code == 0
    suite = ET.parse(files["junit"]).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "0", "0")
    told = json.loads(files["json"].read_bytes())
    assert [one["verdict"] for one in told["scenarios"]] == ["pass", "pass"]
    lines = [json.loads(line) for line in files["ndjson"].read_text().splitlines()]
    assert lines[0]["event"] == "runstarted"
    assert lines[-1] == {"event": "runended", "passed": 2, "failed": 0, "could_not_run": 0}
    storm = told["scenarios"][1]
    assert storm["levels"]["calls"] == 200
    assert storm["levels"]["p50_us"] < storm["levels"]["p99_us"] <= storm["levels"]["max_us"]
    html = files["html"].read_text("utf-8")
    assert not re.search(r"(src|href)=[\"'](?!#)", html)
    assert "<script" not in html
    assert html.count('<tr class="struck">') >= 2
    assert '<span class="tag">lose_reply</span>' in html
    assert "<polyline" in html
    assert "58.00 EUR and 0.00 held" in html


def test_a_failure_exits_1_and_says_how_to_see_it_again(
    run: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Everything that was wrong, the replay line, and the smallest scenario that still fails."""

    class Broken(Sandboxes):
        def __init__(self, *arguments: object) -> None:
            super().__init__(CONTRACTS, around=planted.settles_twice)

    monkeypatch.setattr(command_file, "Sandboxes", Broken)
    junit = tmp_path / "run.xml"
    done = run("run", LOST, "--seed", 5, "--junit", junit, "--shrink-to", tmp_path)
    assert done.code == 1
    assert "FAIL" in done.out
    assert "money: ana has" in done.out
    assert f"again: playmoney run {LOST} --seed 5" in done.out
    assert "smaller: " in done.out
    assert len(list(tmp_path.glob("lost-settle-*-seed-5.yaml"))) == 1
    failure = ET.parse(junit).getroot().find("testcase/failure")
    assert failure is not None
    assert "--seed 5" in (failure.text or "")


def test_a_folder_is_played_whole(run: Command, tmp_path: Path) -> None:
    """Both endings of YAML: a scenario that nobody plays is one that nobody sees fail (SBX-07)."""
    for place in ("a.yaml", "below/b.yml"):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text(LOST.read_text())
    assert "2 passed" in run("run", str(tmp_path), "--jobs", "1").out


def test_what_an_earlier_run_left_is_played_where_it_is_named(
    run: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A folder is its scenarios, not also what its campaigns found, which would fail again."""
    (tmp_path / "shrunk").mkdir()
    for place in ("mine.yaml", "shrunk/smaller.yaml"):
        (tmp_path / place).write_text(LOST.read_text())
    monkeypatch.chdir(tmp_path)
    for named in (".", "shrunk", "shrunk/smaller.yaml", "mine.yaml"):
        done = run("run", named, "--json", "told.json")
        assert done.code == 0, done.err
        assert len(json.loads(Path("told.json").read_text())["scenarios"]) == 1
    assert run("run", ".", "--shrink-to", "elsewhere", "--json", "told.json").code == 0
    assert len(json.loads(Path("told.json").read_text())["scenarios"]) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("steps: [", "is not YAML"),
        ("scenario: x\nwyh: y\n", "did you mean 'why'?"),
        (None, "nothing to run"),
    ],
)
def test_what_cannot_be_read_exits_2(
    run: Command, tmp_path: Path, text: str | None, says: str
) -> None:
    """A file that is wrong, and a folder without any: nothing ran."""
    if text is not None:
        (tmp_path / "wrong.yaml").write_text(text)
    done = run("run", tmp_path)
    assert done.code == 2
    assert says in done.err


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("fault: lose_reply", "fault: lose_repyl", "chaos.0: fault: there is no 'lose_repyl'"),
        ("bet: b1, win", "bet: '${bte.body}', win", "${bte.body} is nothing here"),
        ("- {at: wallet.settleBet", "- {at: wallet.setleBet", "did you mean 'wallet.settleBet'"),
        ("scenario:", "targets: {wallt: 'http://127.0.0.1:1'}\nscenario:", "did you mean 'wallet'"),
    ],
)
def test_what_cannot_be_played_exits_2(
    run: Command, tmp_path: Path, old: str, new: str, says: str
) -> None:
    """What only the sandbox can know is told with its place as well."""
    path = tmp_path / "wrong.yaml"
    path.write_text(LOST.read_text("utf-8").replace(old, new, 1))
    done = run("run", path)
    assert done.code == 2
    assert says in done.out
    assert "could not run" in done.out


@pytest.mark.parametrize("option", ["--junit", "--html", "--json", "--ndjson"])
def test_a_file_that_cannot_be_written_is_said_before_anything_is_played(
    run: Command, tmp_path: Path, option: str
) -> None:
    """Hours of playing are not lost for a folder that is not there."""
    place = tmp_path / "none" / "out"
    done = run("run", LOST, option, place)
    wrong = f"playmoney: {place}: cannot be written (there is no folder {place.parent})\n"
    assert (done.code, done.out, done.err) == (2, "", wrong)


def test_a_folder_that_cannot_be_made_is_said_before_anything_is_played(
    run: Command, tmp_path: Path
) -> None:
    """Where the smallest failing scenario would be written is asked first, as for files."""
    (tmp_path / "none").write_text("a file")
    place = tmp_path / "none" / "shrunk"
    done = run("run", LOST, "--shrink-to", place)
    wrong = f"playmoney: --shrink-to {place}: cannot be written (Not a directory)\n"
    assert (done.code, done.out, done.err) == (2, "", wrong)


def test_a_rule_that_never_strikes_proves_nothing(run: Command, tmp_path: Path) -> None:
    """A scenario whose fault never came about fails, and says which."""
    path = tmp_path / "idle.yaml"
    path.write_text(LOST.read_text("utf-8").replace("attempts: [1, 2]", "attempts: [9]"))
    done = run("run", path)
    assert done.code == 1
    assert "never struck: it has proved nothing" in done.out


def test_against_a_wallet_behind_a_url(run: Command, tmp_path: Path) -> None:
    """The same scenario against a real server, twice: the second run does not meet the ids of the
    first. Faults strike on the way there, `refuse` among them; its clock is moved along."""
    path = tmp_path / "target.yaml"
    path.write_text(TARGET)
    with running("--clock", "frozen") as server:
        server.wait_ready()
        for run_id in ("one", "two"):
            done = run("run", path, "--target", f"wallet={server.url}", "--run", run_id)
            assert done.code == 0, done.out
    assert not re.search(r"[0-9a-f]{12}$", done.out.splitlines()[0])  # no hash of real time


def test_rounds_against_a_wallet_behind_a_url(run: Command, tmp_path: Path) -> None:
    """Our studio reads the tokens that the other platform signs; the credentials of the target are
    what is shown there, and wrong ones let nobody in. QLT-07: nothing that is printed has them."""
    played = tmp_path / "played.yaml"
    played.write_text(PLAYED)
    with running() as server:
        server.wait_ready()
        for who, code in (("studio-demo:studio-demo-secret", 0), ("studio-demo:wrong", 2)):
            target = f"wallet={server.url.replace('//', f'//{who}@')}"
            done = run("run", played, "--target", target)
            assert done.code == code, done.out
            assert f"{who}@" not in done.out
            assert ("--target wallet=http://studio-demo:***@" in done.out) == (code != 0)


def test_a_target_that_is_not_there_cannot_be_judged(run: Command, tmp_path: Path) -> None:
    """Nobody answers: that is no verdict."""
    path = tmp_path / "target.yaml"
    path.write_text(TARGET)
    done = run("run", path, "--target", "wallet=http://127.0.0.1:9")
    assert done.code == 2
    assert "control.createPlayer did not work: no answer" in done.out


class _BalanceOnly(BaseHTTPRequestHandler):
    """A wallet that gives tokens, tells one balance, and has nothing else."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        money = {"amount": 50.00, "currency": "EUR"}
        self._answer({"balance": {"available": money, "held": {**money, "amount": 0}}})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer({"access_token": "t", "token_type": "Bearer", "expires_in": 600})

    def _answer(self, known: dict[str, object]) -> None:
        found = self.path.endswith(("/oauth/token", "/balance"))
        no = {"code": "NOT_FOUND", "message": "no", "retryable": False, "trace_id": "tr"}
        body = json.dumps(known if found else no).encode()
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


def test_a_wallet_that_has_nothing_else_is_told_how_to_play(run: Command, tmp_path: Path) -> None:
    """SBX-07: without an owner's API, or sessions, it is said what a scenario does instead."""
    path = tmp_path / "target.yaml"
    with ThreadingHTTPServer(("127.0.0.1", 0), _BalanceOnly) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        for player, told in (("{}", "give the player the `id`"), ("{id: p}", "`session: false`")):
            path.write_text(TARGET.replace("{cash: 50.00 EUR}", player))
            done = run("run", path, "--target", f"wallet={url}")
            assert done.code == 2
            assert told in done.out
        server.shutdown()
