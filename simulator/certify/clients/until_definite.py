"""What has to be done is sent until it is definite: wins, rollbacks, the end of a round."""

from collections.abc import Iterator

from simulator.certify.clients.check import Case, broke, kept
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.watched import Watched


def until_definite(watched: Watched, kind: Kind, limit: int | None = None) -> Iterator[Case]:
    """A case for each intent of a kind that failed once; `limit` is how often the caller's profile
    lets it try."""
    for intent in watched.of_kind(kind):
        if not intent.failed:
            continue
        many = len(intent.attempts)
        allowed = limit is not None and many >= limit
        if allowed or watched.resolved(intent):
            yield kept(*intent.attempts)
        elif not watched.still_trying(intent):
            yield broke(
                f"{intent.first.operation} with key {intent.first.key} was given up after {many} "
                f"{'attempt' if many == 1 else 'attempts'}, without a definite answer",
                *intent.attempts,
            )
