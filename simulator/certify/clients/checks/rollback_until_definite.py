"""A rollback is sent until it has landed."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.until_definite import until_definite
from simulator.certify.clients.watched import Watched


def _judge(watched: Watched) -> Iterator[Case]:
    return until_definite(watched, Kind.UNDOES, watched.duties.rollback_attempts)


CHECK = ClientCheck(
    id="client.rollback.until-definite",
    rules=("WAL-42", "WAL-45"),
    category=Category.ROLLBACK,
    about="A failed rollback is sent again with its key until it is definite.",
    needs="a rollback that failed: lost, 5xx or 429",
    judge=_judge,
)
