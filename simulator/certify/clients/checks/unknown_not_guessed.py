"""What is not known is not acted upon."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.watched import Intent, Watched


def _judge(watched: Watched) -> Iterator[Case]:
    ends = {one.round: one for one in watched.of_kind(Kind.ENDS) if not _cancels(one)}
    for intent in watched.of_kind(Kind.TAKES):
        if not any(one.in_doubt for one in intent.attempts):
            continue
        follows = [*watched.about(intent.of, Kind.PAYS)] if intent.of else []
        if intent.round and intent.round in ends:
            follows.append(ends[intent.round])
        guess = next((one for one in follows if _guessed(watched, intent, one)), None)
        if guess is not None:
            yield broke(
                f"{guess.first.operation} was sent while the outcome of {intent.first.operation} "
                f"{intent.transaction} was unknown: a guess",
                *intent.attempts,
                guess.first,
            )
        elif follows:
            yield kept(*intent.attempts, follows[0].first)


def _guessed(watched: Watched, intent: Intent, follower: Intent) -> bool:
    """Whether the follower began while nothing had told of the bet."""
    n = follower.first.n
    if not intent.in_doubt_at(n):
        return False
    undone = any(one.told_by(n) for one in watched.about(intent.of, Kind.UNDOES))
    return not undone and not watched.read_before(intent, n)


def _cancels(end: Intent) -> bool:
    """Whether it ends the round as one that is undone: in doubt that is no guess."""
    body = end.first.body
    return isinstance(body, dict) and body.get("outcome") == "cancelled"


CHECK = ClientCheck(
    id="client.unknown.not-guessed",
    rules=("WAL-72",),
    category=Category.RECOVERY,
    about="While the outcome of a bet is unknown, it is not settled and its round is not closed.",
    needs="a bet with an unknown outcome that was settled, or whose round was closed, later on",
    judge=_judge,
)
