"""Every variant of every role."""

from typing import Any, NamedTuple

from tests.broken.clients import table as clients
from tests.broken.jackpots import table as jackpots
from tests.broken.platforms import table as platforms
from tests.broken.rgs_variants import table as game_servers
from tests.broken.wallets import table as wallets


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


ROLES: dict[str, Any] = {
    "wallet": wallets,
    "platform": platforms,
    "rgs": game_servers,
    "client": clients,
    "jackpot": jackpots,
}

WRONG = tuple(
    Wrong(role, one.__name__, one, one.killed_by, one.__doc__ or "")
    for role, table in ROLES.items()
    for one in table.BROKEN
)
FINE = tuple(
    Fine(role, one.__name__, one, one.__doc__ or "")
    for role, table in ROLES.items()
    for one in table.RIGHT
)
