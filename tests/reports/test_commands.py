"""`playmoney report` and `playmoney events`: at a server over HTTP, from files, in the guide."""

import csv
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.processes import ROOT, Server, running
from tests.reports.tools import Feed, ndjson

GUIDE = (ROOT / "docs" / "reports.md").read_text(encoding="utf-8")


@pytest.fixture
def playmoney(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line, in this process."""
    return Command(monkeypatch, capsys)


@pytest.fixture
def january(tmp_path: Path) -> Path:
    """A file with some events."""
    feed = Feed()
    feed.spin("a", "2.00", "0.50", day=3)
    feed.spin("b", "1.00", "0.00", day=40, game_id="studio:classic_3x3")
    feed.spin("c", "100", "0", day=40, currency="JPY")
    path = tmp_path / "feed.ndjson"
    path.write_bytes(ndjson(feed.events))
    return path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A sandbox of its own."""
    with running("--seed", "7") as started:
        started.wait_ready()
        yield started


# The guide ----------------------------------------------------------------------------------------

_EXAMPLES = re.findall(
    r"^```console\n\$ playmoney (.*?)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize(("command", "printed"), _EXAMPLES)
def test_the_guides_example_comes_out_as_it_says(
    playmoney: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    command: str,
    printed: str,
) -> None:
    """docs/reports.md: its events, its commands, and what they print, to the digit."""
    (events,) = re.findall(r"^```ndjson\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    (tmp_path / "january.ndjson").write_text(events)
    monkeypatch.chdir(tmp_path)
    done = playmoney(*command.split())
    assert (done.code, done.out, done.err) == (0, printed, "")


def test_the_guide_has_its_examples() -> None:
    """So that the test above cannot be one of nothing."""
    assert [command.split()[1] for command, _ in _EXAMPLES] == ["revenue", "trueup"]


# At a server --------------------------------------------------------------------------------------


def test_a_report_over_http_is_that_of_the_exported_file(
    playmoney: Command, server: Server, tmp_path: Path
) -> None:
    """Rounds are played over HTTP; the platform's feed read by cursor, and as a file, makes the
    same report in every format; what happened since is added (QLT-12)."""
    assert playmoney("demo", "--url", server.url, "--rounds", 30, "--run", "one").code == 0
    path = tmp_path / "feed.ndjson"
    source = ("--feed", "platform", "--url", server.url)
    export = ("events", "export", *source, "--out", path)
    done = playmoney(*export)
    assert (done.code, done.err) == (0, "")
    whole = len(path.read_bytes().splitlines())
    assert done.out == f"{path}: {whole} new events, {whole} in all\n"
    for form in ("table", "csv", "json"):
        report = ("report", "revenue", "--by", "operator", "--format", form)
        live = playmoney(*report, *source)
        kept = playmoney(*report, "--feed", "platform", "--events", path)
        assert (live.code, live.err, live.out) == (0, "", kept.out)
    assert sum(row["spins_total"] for row in json.loads(live.out)["rows"]) > 20
    assert playmoney("demo", "--url", server.url, "--rounds", 5, "--run", "two").code == 0
    done = playmoney(*export)
    new = len(path.read_bytes().splitlines()) - whole
    assert new > 0
    assert done.out == f"{path}: {new} new events, {whole + new} in all\n"


def test_what_a_server_refuses_is_one_line(playmoney: Command, server: Server) -> None:
    """A wrong secret, a client without the scope, a client nobody knows."""
    report = ("report", "revenue", "--url", server.url)
    done = playmoney(*report, "--secret", "wrong")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    done = playmoney(*report, "--client", "studio-demo")
    assert (done.code, done.out) == (2, "")
    assert "rgs:read" in done.err
    done = playmoney(*report, "--client", "nobody")
    assert "give --secret, --brand and --region" in done.err


# From files ---------------------------------------------------------------------------------------


def test_csv_has_the_rows(playmoney: Command, january: Path) -> None:
    """A header and a row for each group and currency, decimals in plain digits."""
    done = playmoney("report", "revenue", "--events", january, "--format", "csv")
    rows = list(csv.DictReader(done.out.splitlines()))
    assert [(row["game_id"], row["currency"], row["turnover"]) for row in rows] == [
        ("studio:classic_3x3", "EUR", "1.00"),
        ("studio:slot_forge_02", "EUR", "2.00"),
        ("studio:slot_forge_02", "JPY", "100"),
    ]


def test_json_has_everything(playmoney: Command, january: Path) -> None:
    """Rows, totals, lines in both currencies, and what was read, as exact numbers."""
    done = playmoney(
        *("report", "revenue", "--events", january, "--format", "json", "--fx", "fx-demo"),
        *("--by", "brand", "--from", "2026-02-01", "--to", "2026-03-01T00:00:00Z"),
    )
    found = json.loads(done.out, parse_float=Decimal)
    assert (found["from"], found["to"]) == ("2026-02-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z")
    assert [row["turnover"] for row in found["rows"]] == [Decimal("1.00"), 100]
    assert [line["currency"] for line in found["lines"]] == ["EUR", "JPY"]
    assert {line["billing_currency"] for line in found["billed"]} == {"EUR"}
    assert found["events"]["read"] == 3


def test_exclusions_are_a_file(playmoney: Command, january: Path, tmp_path: Path) -> None:
    """What it lists counts nowhere; what it is not is named."""
    path = tmp_path / "not.yaml"
    path.write_text("spins: [a, c]\n")
    report = ("report", "revenue", "--events", january, "--exclude", path)
    done = playmoney(*report, "--format", "csv")
    assert [row["turnover"] for row in csv.DictReader(done.out.splitlines())] == ["1.00"]
    for text, message in (("spin: [a]", "spin"), ("[", "has lists"), ("spins: a", "array")):
        path.write_text(text)
        done = playmoney(*report)
        assert (done.code, done.out) == (2, "")
        assert message in done.err


def test_drift_ends_with_its_verdict(playmoney: Command, tmp_path: Path) -> None:
    """0 without an alert, 1 with one, 2 where it cannot tell; the figures are what the mathematics
    prints."""
    figures = playmoney("games", "math", "classic_3x3", "--all", "--json").out
    (tmp_path / "classic.json").write_text(figures)
    feed = Feed()
    for number in range(40):
        feed.spin(f"s{number:02d}", 1, number % 2, day=number, game_id="studio:classic_3x3")
    path = tmp_path / "feed.ndjson"
    path.write_bytes(ndjson(feed.events))
    drift = ("report", "drift", "--events", path, "--maths", tmp_path / "classic.json")
    done = playmoney(*drift)
    assert (done.code, done.out.splitlines()[-1]) == (0, "0 alerts; 0 spins without mathematics")
    for number in range(40, 140):
        feed.spin(f"s{number}", 1, 5, day=number, game_id="studio:classic_3x3")
    path.write_bytes(ndjson(feed.events))
    done = playmoney(*drift)
    assert done.code == 1
    assert "ALERT: studio:classic_3x3 rtp_96 base: " in done.out
    done = playmoney(*drift, "--alpha", "2")
    assert (done.code, done.out) == (2, "")
    assert "--alpha 2: is a number above 0 and below 1" in done.err


def test_drift_that_can_judge_nothing_says_so(
    playmoney: Command, january: Path, tmp_path: Path
) -> None:
    """Figures of another game are no verdict of none: exit 2, and what was played (RGS-62)."""
    figures = playmoney("games", "math", "slot_vault_x", "--all", "--json").out
    (tmp_path / "vault.json").write_text(figures)
    done = playmoney("report", "drift", "--events", january, "--maths", tmp_path / "vault.json")
    assert done.code == 2
    assert "0 alerts; 3 spins without mathematics" in done.out
    assert "cannot tell: --maths has studio:slot_vault_x, and no spin is of" in done.err
    assert "studio:classic_3x3 rtp_96 base" in done.err


@pytest.mark.parametrize("form", ["table", "csv", "json"])
@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--from", "2030-01-01"), "the feed tells of 2026-01-04T"),
        (("--feed", "platform"), "(spin_finished); --feed studio reads another's words"),
    ],
)
def test_an_empty_report_says_why(
    playmoney: Command, january: Path, options: tuple[str, ...], why: str, form: str
) -> None:
    """In one line beside the report, whatever its format; a report with rows has no such line."""
    asked = ("report", "revenue", "--events", january, "--format", form)
    done = playmoney(*asked, *options)
    assert (done.code, done.err.count("\n")) == (0, 1)
    assert why in done.err
    assert playmoney(*asked).err == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--url", "http://127.0.0.1:1"), "--events and --url exclude each other"),
        (("--from", "2026-02-30"), "--from 2026-02-30: write 2026-01-31 or"),
        (("--from", "2026-02-01", "--to", "2026-02-01"), "--to 2026-02-01: is not after --from"),
        (("--contract", "revenue"), "did you mean 'revenue-share'"),
        (("--contract", "per-spin"), "--fx: rates has no JPY for 2026-02"),
        (("--events", "none.ndjson"), "--events none.ndjson: cannot be read"),
    ],
)
def test_what_is_asked_wrongly_is_one_line(
    playmoney: Command, january: Path, options: tuple[str, ...], message: str
) -> None:
    """Exit 2, nothing printed, and what would be right."""
    done = playmoney("report", "revenue", "--events", january, *options)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert message in done.err
