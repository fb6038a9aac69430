"""Proof is renewed when there is a reason to."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt, End
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched

IN_A_ROW = 3
"""After so many 401s to one call another one tells nothing new."""
CALLS = 20
"""With fewer calls a token for each says nothing."""


def _judge(watched: Watched) -> Iterator[Case]:
    for intent in watched.intents:
        row: list[Attempt] = []
        for one in intent.attempts:
            row = [*row, one] if one.end is End.UNPROVEN else []
            if len(row) > IN_A_ROW:
                yield broke(f"{len(row)} attempts in a row met a 401: it is hammered", *row)
                break
    for client in sorted({one.client for one in watched.tokens}):
        calls = [one for one in watched.calls if one.client == client]
        refused = [one for one in calls if one.end is End.UNPROVEN]
        tokens = [one for one in watched.tokens if one.client == client and one.end is End.DONE]
        if len(calls) < CALLS:
            continue
        if (len(tokens) - len(refused)) * 2 > len(calls):
            yield broke(
                f"{len(tokens)} tokens were asked for, for {len(calls)} calls of which "
                f"{len(refused)} met a 401: a token is good for many calls",
                *tokens[:3],
            )
        else:
            yield kept(*tokens[:1])


CHECK = ClientCheck(
    id="client.token.not-hammered",
    rules=("PRV-10",),
    category=Category.SECURITY,
    about="A token is used for many calls, and a 401 is not asked for again and again.",
    needs=f"{CALLS} calls of a client that asks for tokens",
    judge=_judge,
)
