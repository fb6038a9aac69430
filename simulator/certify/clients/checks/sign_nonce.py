"""A nonce is for one attempt."""

from collections.abc import Iterator

from simulator.certify.check import Category
from simulator.certify.clients.attempt import Attempt
from simulator.certify.clients.check import Case, ClientCheck, broke, kept
from simulator.certify.clients.watched import Watched


def _judge(watched: Watched) -> Iterator[Case]:
    used: dict[tuple[str, str], Attempt] = {}
    signed = [one for one in watched.calls if one.headers.get("x-nonce")]
    for one in signed:
        nonce = (one.headers.get("x-client-id", ""), one.headers["x-nonce"])
        if nonce in used:
            yield broke(
                f"the nonce {nonce[1][:40]} was used before: each attempt is signed anew",
                used[nonce],
                one,
            )
        used.setdefault(nonce, one)
    keys = [(one.client, one.operation, one.key) for one in signed if one.key]
    if len(keys) > len(set(keys)):
        yield kept(*signed[:2])


CHECK = ClientCheck(
    id="client.sign.nonce",
    rules=("WAL-71", "PRV-10"),
    category=Category.SECURITY,
    about="Every attempt has a nonce of its own.",
    needs="a signed call that was sent again",
    judge=_judge,
)
