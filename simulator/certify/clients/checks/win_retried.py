"""A win is owed until it is paid."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.until_definite import until_definite
from simulator.certify.clients.watched import Watched


def _judge(watched: Watched) -> Iterator[Case]:
    return until_definite(watched, Kind.PAYS, watched.duties.win_attempts)


CHECK = ClientCheck(
    id="client.win.retried",
    rules=("WAL-26",),
    category=Category.RECOVERY,
    about="A failed win is sent again with its key until it is definite.",
    needs="a win that failed: lost, 5xx or 429",
    judge=_judge,
)
