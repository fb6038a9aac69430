"""A data folder belongs to one server at a time."""

import fcntl
import os
from pathlib import Path

from simulator.base.errors import ConfigError, StoreBusy


class DataFolder:
    """A folder that this process holds until `close` or its end, however it ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as wrong:
            raise ConfigError(
                f"--data {path}: cannot be written ({wrong.strerror}); name a folder that can"
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._lock, 20, 0).decode("ascii", "replace").strip()
            os.close(self._lock)
            raise StoreBusy(
                f"--data {path}: held by another playmoney server (process {holder or 'unknown'})"
            ) from None
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, f"{os.getpid()}\n".encode(), 0)

    def close(self) -> None:
        """Let the folder go."""
        os.close(self._lock)
