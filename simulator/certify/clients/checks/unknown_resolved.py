"""What may have been done is found out."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.watched import Watched


def _judge(watched: Watched) -> Iterator[Case]:
    for intent in watched.of_kind(Kind.TAKES, Kind.MOVES):
        if not any(one.in_doubt for one in intent.attempts):
            continue
        undoing = watched.about(intent.of, Kind.UNDOES) if intent.of else []
        if watched.resolved(intent):
            yield kept(*intent.attempts)
        elif not watched.still_trying(intent, *undoing):
            yield broke(
                f"{intent.first.operation} {intent.transaction} may have been done, and was "
                "neither repeated until an answer told, nor rolled back until that was definite",
                *intent.attempts,
                *(one.last for one in undoing),
            )


CHECK = ClientCheck(
    id="client.unknown.resolved",
    rules=("WAL-72", "WAL-42"),
    category=Category.RECOVERY,
    about="A bet, or what else moves money, with an unknown outcome is repeated with its key, or "
    "rolled back, until definite.",
    needs="a bet, debit, deposit or the like whose answer was lost, unreadable or a 5xx",
    judge=_judge,
)
