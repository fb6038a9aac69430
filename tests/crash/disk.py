"""A disk that keeps a diary: every write, truncation and sync of SQLite, in the order they were
made, so that the file system after a power failure can be built for any moment.

What was synced is there. Of what was not, any part may be: each write is kept, dropped or torn at a
sector, and they may land in another order (what ext4 and a drive's cache may do).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Lock
from typing import Any

import apsw

SECTOR = 512
"""What a drive writes whole or not at all."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a file."""

    file: str
    what: str
    offset: int = 0
    data: bytes = b""


@dataclass
class Diary:
    """What happened, in order, and what was promised at which moment."""

    steps: list[Step] = field(default_factory=list)
    promises: list[tuple[int, Any]] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, step: Step) -> None:
        with self.lock:
            self.steps.append(step)

    def promise(self, what: Any) -> None:
        """Somebody was told that this is done."""
        self.promises.append((len(self.steps), what))


class _File(apsw.VFSFile):
    def __init__(self, diary: Diary, name: Any, flags: list[int]) -> None:
        super().__init__("unix", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path).name if path else ""
        self._diary = diary

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802 - SQLite's names
        self._diary.note(Step(self._name, "write", offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self._diary.note(Step(self._name, "truncate", size))
        super().xTruncate(size)

    def xSync(self, flags: int) -> None:  # noqa: N802
        super().xSync(flags)
        self._diary.note(Step(self._name, "sync"))


class _Vfs(apsw.VFS):
    def __init__(self, diary: Diary) -> None:
        super().__init__("diary", "unix", makedefault=True)
        self._diary = diary

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: N802
        return _File(self._diary, name, flags)

    def xDelete(self, name: str, sync: bool) -> None:  # noqa: N802
        super().xDelete(name, sync)
        self._diary.note(Step(Path(name).name, "delete"))


@contextmanager
def diary() -> Iterator[Diary]:
    """Every database opened in this block is written down."""
    kept = Diary()
    vfs = _Vfs(kept)
    try:
        yield kept
    finally:
        vfs.unregister()


@dataclass
class _Content:
    durable: bytearray = field(default_factory=bytearray)
    pending: list[Step] = field(default_factory=list)


class Disk:
    """The files as a power failure would leave them; time only goes forward."""

    def __init__(self, kept: Diary, *, syncs_are_lies: bool = False) -> None:
        self._steps = kept.steps
        self._lies = syncs_are_lies
        self._at = 0
        self._files: dict[str, _Content] = {}

    def advance(self, moment: int) -> None:
        """Let everything happen up to a moment of the diary."""
        for step in self._steps[self._at : moment]:
            content = self._files.setdefault(step.file, _Content())
            if step.what == "delete":
                del self._files[step.file]
            elif step.what != "sync":
                content.pending.append(step)
            elif not self._lies:
                for done in content.pending:
                    _apply(content.durable, done)
                content.pending.clear()
        self._at = moment

    def fail(self, dice: Random, folder: Path) -> None:
        """Write the files as they are after the power has failed now."""
        folder.mkdir()
        for name, content in self._files.items():
            if name.endswith("-shm"):
                continue
            left = bytearray(content.durable)
            for step in _survivors(content.pending, dice):
                _apply(left, step)
            (folder / name).write_bytes(left)


def _survivors(pending: list[Step], dice: Random) -> list[Step]:
    kept = []
    for step in pending:
        fate = dice.choice(("kept", "dropped", "torn"))
        if fate == "kept" or (fate == "torn" and step.what == "truncate"):
            kept.append(step)
        elif fate == "torn":
            cut = dice.randrange(0, len(step.data) + 1, SECTOR)
            kept.append(Step(step.file, "write", step.offset, step.data[:cut]))
    if dice.random() < 0.5:
        dice.shuffle(kept)
    return kept


def _apply(content: bytearray, step: Step) -> None:
    if step.what == "truncate":
        del content[step.offset :]
        return
    end = step.offset + len(step.data)
    if step.data and len(content) < end:
        content.extend(bytes(end - len(content)))
    content[step.offset : end] = step.data
