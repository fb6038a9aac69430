"""The end of a round is told until it has been heard."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.until_definite import until_definite
from simulator.certify.clients.watched import Watched


def _judge(watched: Watched) -> Iterator[Case]:
    return until_definite(watched, Kind.ENDS)


CHECK = ClientCheck(
    id="client.round.finished-retried",
    rules=("WAL-61",),
    category=Category.RECOVERY,
    about="The end of a round that failed is sent again with its key, like a credit.",
    needs="the end of a round that failed: lost, 5xx or 429",
    judge=_judge,
)
