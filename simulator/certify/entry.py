"""Questions about the way in: who gets a token, what it opens, and for how long.

(PRV-10, PRV-11; RFC 6749) A token of another host than the target's is not the target's to judge.
"""

from collections.abc import Sequence
from typing import Any

from simulator.certify.check import Need, Unclear
from simulator.certify.config import Client
from simulator.certify.credentials import token_ask, with_headers
from simulator.certify.drive import Done, Drive
from simulator.certify.exchange import Ask
from simulator.certify.questions import plainly
from simulator.certify.tokens import NoToken, read

LONGEST_LIFE_S = 86_400
"""A token that lives for longer is not waited for."""

LEEWAY_S = 600
"""So long after its end a token is over, whatever the clocks differ by."""


async def secrets_count(drive: Drive) -> None:
    """No token without the client's own secret."""
    client, secret = drive.config.client_id, drive.config.client_secret
    drive.given(await _granted(drive, client, secret))
    other = drive.config.other_client
    wrong = [(client, secret + "x", "another secret"), (client, "", "no secret")]
    wrong += [(drive.names.new("client"), secret, "an unknown client")]
    if other is not None and other.client_secret not in ("", secret):
        wrong.append((client, other.client_secret, "the secret of another client"))
    for name, given, what in wrong:
        done = drive.refused(await _granted(drive, name, given), what=f"a token for {what}")
        drive.require(not done.at("access_token"), f"there is no token for {what}, and {done}")


async def token_ends(drive: Drive, ask: Ask) -> None:
    """A token is good for as long as it says, by the clock of who issues it: where a later one
    was issued after the end that the first one has in it, the first one opens nothing."""
    first = drive.given(await _granted(drive, drive.config.client_id, drive.config.client_secret))
    life, end = first.at("expires_in"), _claim(first, "exp")
    if not isinstance(life, int) or life > LONGEST_LIFE_S or end is None:
        return
    await drive.hook(Need.ADVANCE_CLOCK, seconds=str(life + LEEWAY_S))
    later = drive.given(await _granted(drive, drive.config.client_id, drive.config.client_secret))
    issued = _claim(later, "iat")
    if issued is None or issued <= end:
        return
    done = await plainly(drive, _with_token(ask, first))
    drive.refused(done, what=f"a token {issued - end} s after its end")
    drive.require(done.status in (401, 403), f"it is 401, and {done}")


async def reader_writes_nothing(drive: Drive, reads: Ask, writes: Sequence[Ask]) -> None:
    """A client that may only read is refused whatever writes, also with a token for which it has
    asked for more. Raises Unclear where it may not read either."""
    reader = drive.config.readonly_client
    if reader is None:
        raise Unclear("readonly_client is not configured")
    credentials = drive.target.credentials_of(reader)

    async def sent(ask: Ask) -> Done:
        ask = with_headers(ask, reader.headers)
        return await drive.send(ask, patient=False, credentials=credentials)

    drive.given(await sent(reads))
    for ask in writes:
        _denied(drive, await sent(ask), "a client that may only read")
    if drive.config.auth != "bearer":
        return
    for wider in await _more(drive, reader):
        for ask in writes:
            done = await plainly(drive, with_headers(_with_token(ask, wider), reader.headers))
            _denied(drive, done, "a client that asked for more than it has")


async def narrow_token(drive: Drive, scope: str, beyond: Sequence[tuple[str, Ask]]) -> None:
    """A token for one scope opens nothing that needs another. What is asked belongs to a scope
    that the client has; nothing is judged where the target does not know these scopes."""
    if drive.config.auth != "bearer":
        return
    client, secret = drive.config.client_id, drive.config.client_secret
    known = _scopes(await _granted(drive, client, secret))
    token = await _granted(drive, client, secret, scope)
    if scope not in known or not token.ok or _scopes(token) != {scope}:
        return
    for needed, ask in beyond:
        if needed in known:
            done = await plainly(drive, _with_token(ask, token))
            _denied(drive, done, f"a token for {scope}, where {needed} is needed,")


async def _more(drive: Drive, reader: Client) -> list[Done]:
    """What the reader gets where it asks for all that the main client has."""
    main = await _granted(drive, drive.config.client_id, drive.config.client_secret)
    wanted = " ".join(sorted(_scopes(main)))
    if not wanted:
        return []
    done = await _granted(drive, reader.client_id, reader.client_secret, wanted)
    return [done] if done.ok and done.at("access_token") else []


async def _granted(drive: Drive, client_id: str, secret: str, scope: str = "") -> Done:
    """What the target says to a request for a token. Raises Unclear where it is not asked."""
    if drive.config.auth != "bearer" or "://" in drive.config.token_url:
        raise Unclear("the target issues no tokens: auth is not bearer, or token_url another host")
    return await plainly(drive, token_ask(drive.config.token_url, client_id, secret, scope))


def _denied(drive: Drive, done: Done, who: str) -> None:
    drive.refused(done, what=f"{done.ask.method} {done.ask.path} by {who}")


def _with_token(ask: Ask, granted: Done) -> Ask:
    return with_headers(ask, {"Authorization": f"Bearer {granted.at('access_token')}"})


def _scopes(granted: Done) -> set[str]:
    said = granted.at("scope")
    return set(said.split()) if isinstance(said, str) else set()


def _claim(granted: Done, name: str) -> int | None:
    """A moment in a token, in seconds; None where it is no JWT, or has none."""
    try:
        _header, claims = read(str(granted.at("access_token")))
    except NoToken:
        return None
    found: Any = claims.get(name)
    return found if isinstance(found, int) else None
