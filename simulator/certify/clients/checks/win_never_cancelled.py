"""A win that did not get through is not taken back."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import End
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.watched import Intent, Watched


def _judge(watched: Watched) -> Iterator[Case]:
    for intent in watched.of_kind(Kind.PAYS):
        if not intent.failed:
            continue
        names = {name for name in (intent.of, intent.transaction) if name}
        undone = [
            undo
            for name in sorted(names)
            for undo in watched.about(name, Kind.UNDOES)
            if undo.first.n > intent.first.n and not _refused_by(intent, undo.first.n)
        ]
        if undone:
            yield broke(
                f"{intent.first.operation} {intent.transaction} failed, and was cancelled by "
                f"{undone[0].first.operation}: a win is retried, never cancelled",
                *intent.attempts,
                undone[0].first,
            )
        else:
            yield kept(*intent.attempts)


def _refused_by(win: Intent, n: int) -> bool:
    """Whether the win was refused for good before the n-th exchange: then none is owed."""
    return any(one.n < n and one.end is End.REFUSED for one in win.attempts)


CHECK = ClientCheck(
    id="client.win.never-cancelled",
    rules=("WAL-26",),
    category=Category.ROLLBACK,
    about="A failed win is never cancelled by a rollback.",
    needs="a win that failed: lost, 5xx or 429",
    judge=_judge,
)
