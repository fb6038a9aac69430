"""No is no."""

from collections import defaultdict
from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt, End
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Intent, Watched, asked


def _judge(watched: Watched) -> Iterator[Case]:
    same: defaultdict[tuple[str, str, str], list[Intent]] = defaultdict(list)
    for intent in watched.intents:
        if intent.transaction:
            same[intent.first.client, intent.first.operation, intent.transaction].append(intent)
    for intent in watched.intents:
        refused = next((one for one in intent.attempts if _is_final(intent, one)), None)
        if refused is None:
            continue
        own = (intent.first.client, intent.first.operation, intent.transaction)
        attempts = [
            one for kin in (same.get(own) or [intent]) for one in kin.attempts if one is not refused
        ]
        blocked = refused.status == 403  # by now the player may have acknowledged, or come back
        if blocked:
            attempts = [one for one in attempts if one.key == refused.key]
        again = [one for one in attempts if one.n > refused.n and asked(one) == asked(refused)]
        if again:
            yield broke(
                f"{refused.operation} was refused for good ({refused.status}), and was sent again",
                refused,
                again[0],
            )
        else:
            yield kept(refused)


def _is_final(intent: Intent, one: Attempt) -> bool:
    """Whether the client knew by this answer that asking again changes nothing."""
    if one.doubtful:
        return False
    if one.end is End.REFUSED:
        return True
    return one.end is End.TURNED_AWAY and not intent.in_doubt_at(one.n)


CHECK = ClientCheck(
    id="client.refusal.no-retry",
    rules=("WAL-03", "PRV-26"),
    category=Category.RECOVERY,
    about="What was refused for good is not sent again, under no key.",
    needs="a refusal that is not retryable",
    judge=_judge,
    blind="calls that were under way side by side with the one that was refused",
)
