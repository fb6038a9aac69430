"""Whom we judge: the way in, the clock of the other side, what can be brought about."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import msgspec

from simulator.base.clock import WallClock
from simulator.certify.check import Need
from simulator.certify.config import Client, Config, Hook
from simulator.certify.credentials import Bearer, Credentials, Plain, Signed, with_headers
from simulator.certify.exchange import PLAIN, Answer, Ask, Exchange, Manner, Reply
from simulator.certify.profile import Profile
from simulator.certify.reading import NotJson, parse
from simulator.certify.wires.elsewhere import send_to
from simulator.certify.wires.wire import Wire

MET = 20_000
"""Exchanges that are kept for the checks that look at all of them."""

MAX_DRIFT_NS = 30 * 1_000_000_000
"""A target whose `Date` is further away has a clock of its own, by which requests are signed."""


class HookFailed(Exception):
    """What had to be brought about was not; the message says which hook and what came."""


class Sender(NamedTuple):
    """The client as which a hook may be sent."""

    headers: Mapping[str, str]
    prove: Callable[[Ask], Awaitable[Ask]]
    forget: Callable[[], None]
    """What was fetched is no longer believed (a 401)."""


@dataclass(slots=True)
class Target:
    """A running system, and the order under which it is judged."""

    wire: Wire
    config: Config
    profile: Profile
    seed: int
    run: str
    offset_ns: int = 0
    """The target's clock minus ours."""
    makes_no_players: str = ""
    """Why hooks.create_player is not asked any more."""
    openapi: str = ""
    """Path or URL of the contract that is meant; without one, ours."""
    met: deque[Exchange] = field(default_factory=lambda: deque(maxlen=MET))
    """What the checks have met so far, for a look at all of it."""
    main: tuple[Mapping[str, str], Credentials] | None = None
    """Headers and proof of hooks `as_client`, where the role has a client of its own."""

    def as_role(self, role: str) -> "Target":
        """The same system, called as the client that the configuration has for this role."""
        client = self.config.roles.get(role)
        if client is None:
            return self
        config = msgspec.structs.replace(
            self.config,
            client_id=client.client_id,
            client_secret=client.client_secret,
            signing_key=client.signing_key,
            headers=client.headers,
            other_client=client.other_client or self.config.other_client,
        )
        return replace(self, config=config, main=(self.config.headers, self.credentials()))

    def failed(self, needs: Collection[Need]) -> str:
        """Why a hook among these is not asked any more; empty where none has failed."""
        return self.makes_no_players if Need.CREATE_PLAYER in needs else ""

    def now_ns(self) -> int:
        """Time on the target's clock."""
        return WallClock().now_ns() + self.offset_ns

    async def send(self, ask: Ask, manner: Manner = PLAIN) -> Reply:
        """One call, as it stands; the answer's `Date` is taken note of."""
        reply = await self.wire.send(ask, manner)
        self.note(reply)
        return reply

    def note(self, reply: Reply) -> None:
        """Learn the target's clock from an answer."""
        said = reply.headers.get("date") if isinstance(reply, Answer) else None
        try:
            moment = parsedate_to_datetime(said) if said else None
        except ValueError:
            moment = None
        if moment is not None:
            drift_ns = round(moment.timestamp()) * 1_000_000_000 - WallClock().now_ns()
            self.offset_ns = drift_ns if abs(drift_ns) > MAX_DRIFT_NS else 0

    def credentials(self) -> Credentials:
        """What the configuration gives to prove who we are."""
        return self.credentials_of(self.config)

    def other_credentials(self) -> Credentials:
        """The same of the other tenant's client."""
        if self.config.other_client is None:
            raise HookFailed("other_client is not configured")
        return self.credentials_of(self.config.other_client)

    def signer(self, client_id: str, key: str, algorithm: str = "hmac-sha256") -> Signed:
        """Signs as the profile has it."""
        body_only = self.profile.signature == "body_only"
        return Signed(self.wire.prefix, client_id, key, algorithm, body_only=body_only)

    def credentials_of(self, client: Config | Client) -> Credentials:
        """By the configuration's `auth`, for one of its clients."""
        match self.config.auth:
            case "headers":
                return Plain()
            case "bearer":
                path = self.config.token_url
                return Bearer(self.wire, path, client.client_id, client.client_secret)
            case "hmac":
                return self.signer(client.client_id, client.signing_key)
            case "ed25519":
                return self.signer(client.client_id, client.signing_key, "ed25519")

    async def bring_about(
        self,
        name: str,
        values: Mapping[str, str],
        sender: Sender,
        keep: Callable[[Exchange], None],
    ) -> dict[str, Any]:
        """Use a hook; what it answered. It goes out as `sender` where it is `as_client`, and
        `keep` is told of the call.

        Raises HookFailed.
        """
        hook: Hook | None = getattr(self.config.hooks, name)
        if hook is None:
            raise HookFailed(f"hooks.{name} is not configured")
        try:
            async with asyncio.timeout(hook.timeout_ms / 1000):
                said = await (
                    self._run(hook, values)
                    if hook.command
                    else self._ask(hook, values, sender if hook.as_client else None, keep)
                )
            return _object(said)
        except TimeoutError:
            raise HookFailed(f"hooks.{name}: nothing came within {hook.timeout_ms} ms") from None
        except (HookFailed, NotJson, OSError) as wrong:
            raise HookFailed(f"hooks.{name}: {wrong}") from None

    async def _ask(
        self,
        hook: Hook,
        values: Mapping[str, str],
        sender: Sender | None,
        keep: Callable[[Exchange], None],
    ) -> bytes:
        body = _fill(hook.body, values).encode() if hook.body is not None else b""
        about = {"Content-Type": "application/json"} if body else {}
        path = _fill(hook.url or "", values)
        bare = Ask(hook.method, path, about, body)
        for last in (sender is None, True):  # a client's token may have expired meanwhile
            ask = bare
            if sender is not None:
                ask = await sender.prove(with_headers(bare, sender.headers))
            ask = with_headers(ask, hook.headers)
            reply = await send_to(path, ask, self.wire, timeout_ms=hook.timeout_ms)
            self.note(reply)
            keep(Exchange(ask, reply))
            if last or sender is None or not _denied(reply):
                break
            sender.forget()
        if not isinstance(reply, Answer):
            raise HookFailed(f"{hook.method} {path}: {reply.why}")
        if not 200 <= reply.status < 300:
            said = reply.body[:300].decode("utf-8", "replace")
            raise HookFailed(f"{hook.method} {path} was answered {reply.status} {said}")
        return reply.body

    async def _run(self, hook: Hook, values: Mapping[str, str]) -> bytes:
        words = [_fill(word, values) for word in hook.command or ()]
        process = await asyncio.create_subprocess_exec(
            *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        try:
            out, err = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode:
            said = err[-300:].decode("utf-8", "replace").strip()
            raise HookFailed(f"{words[0]} ended with {process.returncode}: {said}")
        return out


def _denied(reply: Reply) -> bool:
    return isinstance(reply, Answer) and reply.status == 401


def _fill(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def _object(said: bytes) -> dict[str, Any]:
    found = parse(said) if said.strip() else {}
    return found if isinstance(found, dict) else {"value": found}
