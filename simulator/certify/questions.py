"""Questions that several roles are asked alike: who calls, what is signed, what is no request.

A check gives its own request and judges afterwards that nothing has moved.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from simulator.certify.check import Need, Unclear
from simulator.certify.credentials import Plain, Signed, stamp, with_headers
from simulator.certify.drive import Done, Drive
from simulator.certify.exchange import Ask

HOUR_NS = 3_600 * 1_000_000_000

DEFINITE = frozenset(
    {
        "RG_BLOCK",
        "NOT_FOUND",
        "BET_NOT_FOUND",
        "DUPLICATE",
        "INVALID_STATE",
        "INSUFFICIENT_FUNDS",
        "LIMIT_EXCEEDED",
        "CURRENCY_MISMATCH",
    }
)
"""Refusals that are remembered under their key (PRV-30)."""

DEFINITE_STATUS = (403, 404, 409, 422)
"""The same, where the codes are not the contract's."""

FALSE_PROOFS: tuple[Mapping[str, str], ...] = (
    {},
    {"Authorization": "Bearer forged"},
    {"Authorization": "Basic eDp5"},
)


async def without_proof(drive: Drive, *asks: Ask) -> None:
    """Without proof of who calls, or with a false one, each is refused with 401 or 403. (PRV-10)"""
    for ask in asks:
        for headers in (*FALSE_PROOFS, *await _lengthened(drive)):
            done = await plainly(drive, with_headers(ask, headers))
            drive.refused(done, what=f"{ask.method} {ask.path} without proof of who calls")
            drive.require(done.status in (401, 403), f"it is 401, and {done}")


async def _lengthened(drive: Drive) -> list[Mapping[str, str]]:
    """The client's own token with something behind it, where the proof is a token."""
    token = await drive.token()
    return [{"Authorization": f"Bearer {token}xxxx"}] if token else []


async def rightly_signed(drive: Drive, good: Ask) -> None:
    """A request that is signed as it should be lands. Raises Unclear where it does not: whoever
    refuses all signatures says nothing by refusing a wrong one."""
    now, nonce = stamp(drive.target.now_ns()), drive.names.new("nonce")
    done = await plainly(drive, with_headers(good, _signer(drive).headers(good, now, nonce)))
    if not done.ok:
        raise Unclear(f"it begins with a signed request that lands, and {done}")


async def altered_after_signing(drive: Drive, good: Ask, flipped: bytes, path: str) -> None:
    """A signature over other bytes, another path or by another key is refused. (WAL-70)

    `flipped` is another valid body of the same length, `path` another path of the target. Asked
    once it is known that right ones land (`rightly_signed`).
    """
    key = drive.config.signing_key
    other = Ask("POST", good.path, good.headers, flipped)
    spaced = Ask("POST", good.path, good.headers, good.body + b" ")
    elsewhere = Ask("POST", path, good.headers, good.body)
    questions = [
        ("another body than was signed", good, other, key),
        ("a space more than was signed", good, spaced, key),
        ("another key", good, good, key + "x"),
    ]
    if drive.profile.signature == "whole_request":
        queried = Ask("POST", f"{good.path}?x=1", good.headers, good.body)
        questions.append(("another path than was signed", elsewhere, good, key))
        questions.append(("a query that was not signed", good, queried, key))
    for what, signed, sent, signer in questions:
        headers = _signer(drive, signer).headers(
            signed, stamp(drive.target.now_ns()), drive.names.new("nonce")
        )
        done = await plainly(drive, with_headers(sent, headers))
        drive.refused(done, what=f"a request with {what}")
        drive.require(done.status in (401, 403), f"it is 401, and {done}")


async def signed_at_another_time(drive: Drive, fresh: Callable[[], Ask]) -> None:
    """A signature an hour old, or of the next hour, is refused. (WAL-71)"""
    for what, shift_ns in (("an hour old", -HOUR_NS), ("of the next hour", HOUR_NS)):
        ask = fresh()
        moment = stamp(drive.target.now_ns() + shift_ns)
        headers = _signer(drive).headers(ask, moment, drive.names.new("nonce"))
        done = await plainly(drive, with_headers(ask, headers))
        drive.refused(done, what=f"a signature {what}")
        drive.require(done.status in (401, 403), f"it is 401, and {done}")


async def nonce_used_twice(drive: Drive, fresh: Callable[[], Ask]) -> Done:
    """The same signed bytes again, and another request with the nonce, are refused. (WAL-71)

    Also once a dozen others were signed. The first of them lands; it is returned. Raises Unclear
    where it does not.
    """
    now, nonce = stamp(drive.target.now_ns()), drive.names.new("nonce")
    ask, other = fresh(), fresh()
    sent = with_headers(ask, _signer(drive).headers(ask, now, nonce))
    first = await plainly(drive, sent)
    if not first.ok:
        raise Unclear(f"it begins with a signed request that lands, and {first}")
    again = await plainly(drive, sent)
    drive.refused(again, what="the same signed bytes a second time")
    drive.require(again.status in (401, 403), f"it is 401, and {again}")
    reused = await plainly(drive, with_headers(other, _signer(drive).headers(other, now, nonce)))
    drive.refused(reused, what="another request with a nonce that was used")
    for _ in range(12):
        empty = Ask("POST", ask.path, ask.headers, b"{}")
        proof = _signer(drive).headers(empty, now, drive.names.new("nonce"))
        await plainly(drive, with_headers(empty, proof))
    later = await plainly(drive, sent)
    drive.refused(later, what="the same signed bytes after a dozen others")
    return first


async def stay_refused(drive: Drive, *refusals: Done) -> None:
    """What was refused for good is refused again under its key, in the same words, whatever has
    changed since. (PRV-30)"""
    for first in refusals:
        later = await drive.again(first)
        drive.refused(later, what="the late copy of what was refused")
        if first.code in DEFINITE and drive.profile.duplicate_answer == "same_body":
            drive.same(first, later)


async def stays_refused(drive: Drive, first: Done) -> None:
    """The same of one call by its status; one that was answered with another is not judged."""
    if first.status not in DEFINITE_STATUS:
        return
    again = await drive.again(first)
    drive.refused(again, what="the late copy of a call that was refused, under its key,")
    if drive.profile.duplicate_answer == "same_body":
        drive.same(first, again)


async def bad_bodies(drive: Drive, good: Ask) -> None:
    """What is no valid body is a 4xx in the error model, never a 5xx. (WAL-77)"""
    for what, body in _bodies(good.body):
        done = await drive.send(drive.ask("POST", good.path, body))
        said = str(done)[:300]
        drive.require(400 <= done.status < 500, f"{what} has to be refused with a 4xx, and {said}")
        drive.require(
            drive.dialect.errors != "model" or isinstance(done.at("code"), str),
            f"the refusal of {what} has to have a code, and {said}",
        )


def in_the_error_model(drive: Drive, *refusals: Done) -> None:
    """A definite refusal says code, message, retryable and trace_id; in another dialect at least
    a code. (PRV-25, WAL-76)"""
    for done in refusals:
        drive.require(not done.lost and not done.ok, f"it has to be refused, and {done}")
        if drive.dialect.errors != "model":
            drive.require(done.code, f"a refusal has a code, and {done}")
            continue
        body = done.body if isinstance(done.body, dict) else {}
        for name, kind in (("code", str), ("message", str), ("retryable", bool), ("trace_id", str)):
            drive.require(
                isinstance(body.get(name), kind), f"{name} is a {kind.__name__} there, and {done}"
            )
        drive.require(body.get("retryable") is False, f"asking again changes nothing; {done}")


async def by_another_tenant(drive: Drive, *asks: Ask) -> list[Done]:
    """Send what is ours as another tenant's client; what it was answered. Raises Unclear."""
    client = drive.config.other_client
    if client is None:
        raise Unclear("other_client is not configured")
    credentials = drive.target.other_credentials()
    return [
        await drive.send(with_headers(ask, client.headers), patient=False, credentials=credentials)
        for ask in asks
    ]


async def in_anothers_name(drive: Drive, fresh: Callable[[], Ask]) -> None:
    """With proof of who we are, the brand or region of another tenant is refused. (PRV-11, PRV-63)

    Not asked where headers are all the proof there is. Raises Unclear.
    """
    client = drive.config.other_client
    if client is None:
        raise Unclear("other_client is not configured")
    if drive.config.auth == "headers":
        return
    for name in ("X-Brand-Id", "X-Region"):
        theirs = client.headers.get(name)
        if theirs is not None and theirs != drive.config.headers.get(name):
            done = await drive.send(with_headers(fresh(), {name: theirs}))
            drive.refused(done, what=f"our call with the {name} of another tenant")


def listed(
    drive: Drive,
    what: str,
    ids: Sequence[str],
    names: Sequence[Any],
    ours: Sequence[str],
    theirs: Sequence[str],
) -> None:
    """A list with these ids, whose items are about `names`: it has what is ours, nothing of theirs
    and nothing twice. (PRV-60, PRV-61)"""
    drive.require(len(set(ids)) == len(ids), f"{what} has nothing twice: {ids}")
    missing = [name for name in ours if name not in names]
    drive.require(not missing, f"{what} has all that is asked for; missing are {missing}")
    strange = [name for name in theirs if name in names]
    drive.require(not strange, f"{what} has nothing else, and it has {strange}")


async def books_are_sound(drive: Drive) -> None:
    """The target judges its own books, and finds them sound. (SBX-11)"""
    said = await drive.hook(Need.RECONCILE)
    verdict = said.get("sound", said.get("verdict", True))
    drive.require(
        verdict is True or verdict == "sound",
        f"the books have to be sound, and the target says {str(said)[:500]}",
    )


async def plainly(drive: Drive, ask: Ask) -> Done:
    """Send it as it stands, once, without further proof."""
    return await drive.send(ask, patient=False, credentials=Plain())


async def nonce_lasts(drive: Drive, fresh: Callable[[], Ask]) -> Done:
    """A request that was signed for a moment ahead is good once until that moment is over, however
    long its nonce has to be remembered for that. (WAL-71) It is returned. Raises Unclear where no
    clock may be ahead."""
    for ahead_s in (290, 110, 50, 20):
        ask, moment = fresh(), stamp(drive.target.now_ns() + ahead_s * 1_000_000_000)
        sent = with_headers(ask, _signer(drive).headers(ask, moment, drive.names.new("nonce")))
        first = await plainly(drive, sent)
        if first.ok:
            break
    else:
        raise Unclear(f"it begins with a request signed for a moment ahead that lands, and {first}")
    await drive.hook(Need.ADVANCE_CLOCK, seconds=str(ahead_s + 20))
    again = await plainly(drive, sent)
    drive.refused(again, what=f"the same signed bytes {ahead_s + 20} s later")
    drive.require(again.status in (401, 403), f"it is 401, and {again}")
    return first


def _signer(drive: Drive, key: str | None = None) -> Signed:
    config = drive.config
    return drive.target.signer(config.client_id, key or config.signing_key)


def _bodies(good: bytes) -> list[tuple[str, bytes]]:
    """What it is → a body that nobody may take for a request."""
    name = good[2 : good.index(b'"', 2)]
    numbers = b'{"' + name + b'": 7, "player_id": 7, "round_id": 7, "bet_id": 7, "amount": 7}'
    return [
        ("an empty body", b" "),
        ("half a body", good[: len(good) // 2]),
        ("what is not JSON", b"<request/>"),
        ("a list", b"[" + good + b"]"),
        ("a number", b"7"),
        ("null", b"null"),
        ("deep nesting", b"[" * 20_000 + b"]" * 20_000),
        ("another charset", '{"round_id": "é"}'.encode("utf-16")),
        ("broken UTF-8", good.replace(b'":"', b'":"\xff\xfe', 1)),
        ("numbers as ids", numbers),
        ("two bodies", good + good),
    ]
