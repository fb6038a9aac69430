"""What was not taken needs not be given back."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import End
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.watched import Watched


def _judge(watched: Watched) -> Iterator[Case]:
    for intent in watched.of_kind(Kind.TAKES):
        if not intent.of:
            continue
        refused = next((one for one in intent.attempts if one.end is End.REFUSED), None)
        if refused is None or refused.doubtful or intent.in_doubt_at(refused.n):
            continue
        undone = [one for one in watched.about(intent.of, Kind.UNDOES) if one.first.n > refused.n]
        if undone:
            yield broke(
                f"{refused.operation} {intent.transaction} was refused ({refused.status}), so "
                "nothing was taken, and it was rolled back all the same",
                refused,
                undone[0].first,
            )
        else:
            yield kept(refused)


CHECK = ClientCheck(
    id="client.refusal.no-rollback",
    rules=("WAL-03",),
    category=Category.ROLLBACK,
    about="After a definite refusal of a bet there is no rollback.",
    needs="a bet that was refused for good, and was in no doubt",
    judge=_judge,
)
