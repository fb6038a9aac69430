"""`playmoney serve` and `playmoney token`, as processes: what they print, and what they refuse."""

import json
import logging
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import structlog

from simulator import __version__
from simulator.base.log import say_from
from simulator.base.rng import SEED_MAX
from simulator.cli import main
from tests import processes
from tests.processes import SERVE_COMMAND, Server, clean_environment, running

CURLS = ("ours", *(["the machine's"] if shutil.which("curl") else []))


playmoney = processes.playmoney


def require_one_line(done: CompletedProcess[str], *says: str) -> None:
    """Refused: exit 2, one line on stderr that says all of this, nothing on stdout."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("playmoney: ")
    assert [part for part in says if part not in line] == []


# Starting ----------------------------------------------------------------------------------------


def _welcome(server: Server) -> list[str]:
    """Everything that is printed up to the curl line."""
    assert server.process.stdout is not None
    lines = [server.first_line]
    while not lines[-1].lstrip().startswith("curl "):
        lines.append(server.process.stdout.readline())
        assert lines[-1], "the output ended without a curl line"
    return [line.rstrip("\n") for line in lines]


@pytest.mark.parametrize("found", CURLS)
def test_the_curl_line_works_as_it_stands(found: str, tmp_path: Path) -> None:
    """What is printed can be pasted into a shell and answers the well-known player: run by `sh`,
    with the machine's curl where it has one, and everywhere with one of our own."""
    if found == "ours":
        ours = tmp_path / "curl"
        ours.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m tests.cli.curl "$@"\n')
        ours.chmod(0o755)
    with running(command=SERVE_COMMAND) as server:
        *_, line = _welcome(server)
        path = os.pathsep.join((str(tmp_path), os.environ["PATH"]))
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=processes.ROOT,
            env={**clean_environment(), "PATH": path},
            capture_output=True,
            text=True,
            check=False,
            timeout=processes.ENDS_WITHIN_S,
        )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout)
    assert shown["player_id"] == "p_19f3"
    assert shown["available"] == {"amount": 1000.0, "currency": "EUR"}


def test_the_welcome_says_what_a_user_needs() -> None:
    """The URL, seed, clock and where the world is kept, the docs and every test client with its
    secret and signing key; the port is the one that was bound."""
    with running("--seed", "7", "--clock", "frozen", command=SERVE_COMMAND) as server:
        text = "\n".join(_welcome(server))
        with urllib.request.urlopen(f"{server.url}/__admin/health", timeout=60) as answer:
            health = json.load(answer)
    assert f"playmoney {__version__} listening on {server.url}  (fake money only)" in text
    assert "seed 7, clock frozen, in memory" in text
    assert f"{server.url}/docs" in text
    for client in ("studio-demo", "readonly-demo", "other-brand"):
        assert f"{client} / {client}-secret, signing key {client}-key" in text
    assert health["seed"] == 7
    assert health["clock"]["mode"] == "frozen"


@pytest.mark.parametrize("command", [("--help",), ("--version",), ()])
def test_help_and_version_load_no_server(command: tuple[str, ...]) -> None:
    """They answer at once: neither the server nor anything heavy is imported for them."""
    look = (
        "import sys\n"
        "from simulator.cli import main\n"
        f"sys.argv = ['playmoney', *{command!r}]\n"
        "try:\n    main()\n"
        "finally:\n    print(*sys.modules, sep='\\n', file=sys.stderr)\n"
    )
    done = processes.run("-c", look)
    loaded = set(done.stderr.split())
    assert "simulator.cli" in loaded
    for heavy in ("simulator.server", "simulator.store", "simulator.cli.serve", "uvicorn", "apsw"):
        assert heavy not in loaded
    if command == ("--version",):
        assert done.stdout == f"playmoney {__version__}\n"
    elif command:
        assert "playmoney serve --data ./world --seed 7" in done.stdout


@pytest.fixture
def here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., CompletedProcess[str]]]:
    """`playmoney` in this process, for what ends before anything has started."""
    handlers, level = logging.root.handlers[:], logging.root.level

    def call(*arguments: str) -> CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", ["playmoney", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return CompletedProcess(arguments, int(ended.value.code or 0), said.out, said.err)

    yield call
    say_from("debug")
    structlog.reset_defaults()
    logging.root.handlers[:] = handlers
    logging.root.setLevel(level)


# Refusals ----------------------------------------------------------------------------------------


def test_a_port_in_use_is_one_line() -> None:
    """It names the port and what to do (exit 2). Begun as a user begins it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused = processes.run("-m", "simulator", "serve", "--port", port)
        require_one_line(refused, f"--port {port}: in use on 127.0.0.1", "0 takes")


def test_a_folder_held_by_another_server_is_one_line(tmp_path: Path) -> None:
    """It names the folder and the process; that server goes on."""
    with running("--data", str(tmp_path)) as server:
        refused = playmoney("serve", "--port", "0", "--data", str(tmp_path))
        require_one_line(
            refused, f"--data {tmp_path}: held by another", f"process {server.process.pid}"
        )
        assert server.stop() == 0
    with running("--data", str(tmp_path)) as server:
        assert server.stop() == 0


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_one_line(name: str, tmp_path: Path) -> None:
    """It names the folder and the reason."""
    (tmp_path / "file").write_text("")
    folder = str(tmp_path / name)
    refused = playmoney("serve", "--port", "0", "--data", folder)
    require_one_line(refused, f"--data {folder}: cannot be written")


def test_a_file_that_is_not_ours_is_one_line(tmp_path: Path) -> None:
    """Some other wallet.db in the folder."""
    (tmp_path / "wallet.db").write_text("a shopping list\n" * 100)
    refused = playmoney("serve", "--port", "0", "--data", str(tmp_path))
    require_one_line(refused, "wallet.db is not a database")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--clock", "frozn"), "--clock: 'frozn' is not 'wall', 'frozen'"),
        (("--clock", "2026-13-01T00:00:00Z"), "--clock: month must be in 1..12"),
        (("--clock", "2026-01-01T00:00:00"), "--clock: '2026-01-01T00:00:00' has no zone"),
        (("--seed", "-1"), f"--seed: -1 is outside 0..{SEED_MAX}"),
        (("--seed", str(SEED_MAX + 1)), f"is outside 0..{SEED_MAX}"),
        (("--port", "65536"), "--port: 65536 is outside 0..65535"),
        (("--rate-limit", "-1"), "--rate-limit: -1 is outside"),
        (("--log-level", "inf"), "did you mean 'info'?"),
        (("--data", "x", "--ephemeral"), "--data and --ephemeral exclude each other"),
        (("--host", "0.0.0.0"), "so /__admin needs a token: give --admin-token"),
        (("--host", "no..host", "--admin-token", "t"), "--host no..host --port 0: "),
        (("--host", "192.0.2.1", "--admin-token", "t"), "--host 192.0.2.1 --port 0: "),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_a_bad_value_is_one_line(
    options: tuple[str, ...], says: str, here: Callable[..., CompletedProcess[str]]
) -> None:
    """Place, value and choices, exit 2, and no traceback."""
    require_one_line(here("serve", "--port", "0", *options), says)


@pytest.mark.parametrize("options", [("--seed", "x"), ("--port", "http"), ("--sed", "7")])
def test_a_bad_word_names_its_option(
    options: tuple[str, ...], here: Callable[..., CompletedProcess[str]]
) -> None:
    """What the command line itself refuses: usage, then the option and the value; exit 2."""
    refused = here("serve", *options)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr
    assert refused.stderr.splitlines()[-1].startswith("Error: ")
    assert options[0] in refused.stderr.splitlines()[-1]


def test_a_reachable_server_asks_for_its_token() -> None:
    """On 0.0.0.0 it starts with a token only, and then `/__admin` opens to that one (SBX-04)."""
    listen = ("--host", "0.0.0.0")
    with running(*listen, env={"PLAYMONEY_ADMIN_TOKEN": "t0ken"}) as server:
        assert server.url.startswith("http://127.0.0.1:")
        for given, status in ((None, 401), ("wrong", 401), ("t0ken", 200)):
            headers = {"Authorization": f"Bearer {given}"} if given else {}
            asked = urllib.request.Request(f"{server.url}/__admin/clock", headers=headers)
            assert _status(asked) == status
        assert server.stop() == 0


def _status(asked: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code


# Tokens ------------------------------------------------------------------------------------------


def _read_player(url: str, token: str) -> int:
    headers = {
        "Authorization": f"Bearer {token}",
        "X-Trace-Id": "tr_cli",
        "X-Brand-Id": "brand-42",
        "X-Region": "EU",
        "X-Provider-Id": "studio",
    }
    return _status(urllib.request.Request(f"{url}/v1/players/p_19f3", headers=headers))


def test_a_printed_token_works() -> None:
    """`playmoney token` prints the token and nothing else; one of fewer scopes can do less."""
    with running() as server:
        done = playmoney("token", "--url", server.url)
        assert (done.returncode, done.stderr) == (0, "")
        (token,) = done.stdout.splitlines()
        assert _read_player(server.url, token) == 200
        assert _read_player(server.url, token[:-2]) == 401
        refused = playmoney("token", "--url", server.url, "--secret", "wrong")
        require_one_line(refused, server.url, "refused")
        refused = playmoney("token", "--url", server.url, "--scope", "no:such")
        require_one_line(refused, server.url, "refused")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "127.0.0.1:8080", "ftp://127.0.0.1"])
def test_a_token_of_nobody_is_one_line(url: str) -> None:
    """Nobody there, or no URL."""
    require_one_line(playmoney("token", "--url", url), url)
