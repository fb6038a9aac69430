"""Every variant of every role."""

from typing import Any, NamedTuple

from tests.broken.wallets.table import BROKEN, RIGHT


class Wrong(NamedTuple):
    role: str
    name: str
    make: Any
    killed_by: str
    defect: str


class Fine(NamedTuple):
    role: str
    name: str
    make: Any
    about: str


WRONG = tuple(
    Wrong("wallet", one.__name__, one, one.killed_by, one.__doc__ or "") for one in BROKEN
)
FINE = tuple(Fine("wallet", one.__name__, one, one.__doc__ or "") for one in RIGHT)
