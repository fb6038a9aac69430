"""A retry is no new transaction."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.operations import Kind
from simulator.certify.clients.watched import Intent, Watched, asked

IDS = ("bet_id", "transaction_id", "idempotency_key", "payment_id")


def _judge(watched: Watched) -> Iterator[Case]:
    named = [one for one in watched.of_kind(Kind.TAKES, Kind.PAYS) if one.transaction]
    alike: dict[tuple[str, str, str], list[Intent]] = {}
    for intent in named:
        alike.setdefault(_likeness(intent), []).append(intent)
    for intent in named:
        if not any(one.in_doubt for one in intent.attempts):
            continue
        twin = next((one for one in alike[_likeness(intent)] if _follows(one, intent)), None)
        if twin is None or watched.resolved(intent):
            yield kept(*intent.attempts)
        else:
            yield broke(
                f"the outcome of {intent.first.operation} {intent.transaction} is unknown, and the "
                f"same was sent as {twin.transaction}: both may have been done",
                intent.last,
                twin.first,
            )


def _likeness(intent: Intent) -> tuple[str, str, str]:
    first = intent.first
    return first.client, first.operation, asked(first, without=IDS)


def _follows(later: Intent, intent: Intent) -> bool:
    return later.transaction != intent.transaction and later.first.n > intent.last.n


CHECK = ClientCheck(
    id="client.intent.same-transaction",
    rules=("WAL-08", "WAL-72"),
    category=Category.IDEMPOTENCY,
    about="What has an unknown outcome is not sent again as a new transaction.",
    needs="a bet or win with an unknown outcome",
    judge=_judge,
    blind="a new transaction in another round, or of another amount",
)
