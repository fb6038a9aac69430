"""A retry is no new transaction."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.watched import Intent, Watched, asked

NAMES = ("bet_id", "transaction_id", "idempotency_key", "payment_id", "reason")
"""What may differ between two calls that want the same."""


def _judge(watched: Watched) -> Iterator[Case]:
    kinds = (Kind.TAKES, Kind.PAYS, Kind.UNDOES)
    named = [one for one in watched.of_kind(*kinds) if one.transaction]
    alike: dict[tuple[str, str, str], list[Intent]] = {}
    for intent in named:
        alike.setdefault(_likeness(intent), []).append(intent)
    for intent in named:
        if not any(one.in_doubt for one in intent.attempts):
            continue
        twin = next((one for one in alike[_likeness(intent)] if _follows(one, intent)), None)
        if twin is None or watched.resolved(intent):
            yield kept(*intent.attempts)
        elif not watched.still_trying(intent):
            yield broke(
                f"the outcome of {intent.first.operation} {intent.transaction} is unknown, and the "
                f"same was sent as {twin.transaction}: both may have been done",
                intent.last,
                twin.first,
            )


def _likeness(intent: Intent) -> tuple[str, str, str]:
    first = intent.first
    return first.client, first.operation, asked(first, without=NAMES)


def _follows(later: Intent, intent: Intent) -> bool:
    about = later.of == intent.of or intent.what.kind is Kind.TAKES
    return about and later.transaction != intent.transaction and later.first.n > intent.last.n


CHECK = ClientCheck(
    id="client.intent.same-transaction",
    rules=("WAL-08", "WAL-72"),
    category=Category.IDEMPOTENCY,
    about="What has an unknown outcome is not sent again as a new transaction.",
    needs="a bet, win or rollback with an unknown outcome",
    judge=_judge,
    blind="a new transaction in another round, or of another amount",
)
