"""Ids, keys and nonces of a suite: the same for the same seed and run, fresh for a fresh run.

So a second run on a live target does not meet its own repeats, and a failure is sent again by its
seed and run, byte for byte apart from timestamps and nonces. (docs/architecture.md, Run)
"""

import hmac
from itertools import count


class Names:
    """What one check calls its things: HMAC(seed, run, check, kind, n)."""

    def __init__(self, seed: int, run: str, check: str) -> None:
        self._run = run
        self._check = check
        self._key = seed.to_bytes(32, "big")
        self._counts: dict[str, count[int]] = {}

    def new(self, kind: str) -> str:
        """A name nobody has had, such as `t-k3f9-1b0c6d2e8f40`; ASCII, below 64 characters."""
        n = next(self._counts.setdefault(kind, count()))
        parts = "\x00".join((self._run, self._check, kind, str(n)))
        digest = hmac.digest(self._key, parts.encode(), "sha256")
        return f"{kind}-{self._run[:24]}-{digest[:6].hex()}"

    def number(self, kind: str, bound: int) -> int:
        """A number below `bound`, drawn for this purpose."""
        n = next(self._counts.setdefault(f"#{kind}", count()))
        parts = "\x00".join((self._run, self._check, "#", kind, str(n)))
        return int.from_bytes(hmac.digest(self._key, parts.encode(), "sha256"), "big") % bound
