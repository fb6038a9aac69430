"""A token that was refused is not shown again."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt, End
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched


def _judge(watched: Watched) -> Iterator[Case]:
    for intent in watched.intents:
        for before, after in intent.pairs():
            if before.end is not End.UNPROVEN or before.doubtful or not _token(before):
                continue
            if _token(after) == _token(before):
                yield broke(
                    "the token was refused with a 401, and the retry has the same one",
                    before,
                    after,
                )
            else:
                yield kept(before, after)
        last = intent.last
        refused = last.end is End.UNPROVEN and not last.doubtful and bool(_token(last))
        if refused and not _asked_for(watched, last) and not watched.still_trying(intent):
            yield broke("the token was refused with a 401, and no new one was asked for", last)


def _token(one: Attempt) -> str:
    scheme, _, token = one.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _asked_for(watched: Watched, refused: Attempt) -> bool:
    return any(one.n > refused.n for one in watched.tokens if one.client == refused.client)


CHECK = ClientCheck(
    id="client.token.refreshed",
    rules=("PRV-10",),
    category=Category.SECURITY,
    about="After a 401 the token is asked for anew, and the same key sent with the new one.",
    needs="a write with a bearer token that was answered 401",
    judge=_judge,
)
