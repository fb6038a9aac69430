"""How the parties of a world reach each other: over the wire, as if another company ran them.

Within a process the bytes go through the same application (`InProcessTransport`), so a call meets
authentication, validation and idempotency like any other. Where `--target` names a URL for a party,
they go there over HTTP instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import msgspec

from simulator.adapters.credentials import Auth, BearerAuth
from simulator.adapters.http import HttpTransport
from simulator.adapters.inprocess import App, InProcessTransport
from simulator.adapters.transport import NotSent, Transport
from simulator.base.clock import Clock
from simulator.base.errors import Problem
from simulator.server.away import Away
from simulator.server.clients import BRANDS, Client
from simulator.server.exchange import PARTY_PEER
from simulator.server.journal import Journal
from simulator.server.journal_wire import JournalledTransport
from simulator.settings import Target
from simulator.wire.calls import Call, Reply


def service_client(party: str, scopes: frozenset[str]) -> Client:
    """The credentials under which a party calls the others: every brand, like the platform's own
    services. Published like all of the test world's."""
    name = f"playmoney-{party}"
    return Client(name, f"{name}-secret", f"{name}-key", "playmoney", BRANDS, scopes)


Tokens = Mapping[tuple[str, str], tuple[str, int]]
"""Who → to whom → the token, and when it is renewed."""


class Wires:
    """Everything that leaves one world's parties. Closed with the world: a call that an ended world
    had under way never reaches the one that has taken its name."""

    def __init__(
        self,
        prefix: str,
        parties: tuple[str, ...],
        targets: Mapping[str, Target],
        clock: Clock,
        journal: Journal,
        away: Away,
    ) -> None:
        self._prefix = prefix
        self._parties = parties
        self._targets = targets
        self._clock = clock
        self._journal = journal
        self._away = away
        self._app: App | None = None
        self._inside: Transport | None = None
        self._outside: dict[str, Transport] = {}
        self._wires: dict[str, Wire] = {}
        self._closed = False

    def serve_by(self, app: App) -> None:
        """The application that answers for the parties in this process."""
        self._app = app

    def wire(self, client: Client) -> "Wire":
        """The way out of one party, which calls as this client."""
        wire = Wire(partial(self._way, client=client), lambda: not self._closed)
        self._wires[client.client_id] = wire
        return wire

    def tokens(self) -> Tokens:
        """What the parties hold from each other: part of the world's state (SBX-04)."""
        return {
            (who, to): held
            for who, wire in self._wires.items()
            for to, held in wire.tokens().items()
        }

    def take_up(self, tokens: Tokens) -> None:
        """Go on with tokens of before, where they are for a party of this process."""
        for (who, to), held in tokens.items():
            if who in self._wires and to in self._parties:
                self._wires[who].hold(to, held)

    def _way(self, to: str, client: Client) -> "Way":
        """Transport and credentials for a party. Raises NotSent where there is none."""
        target = self._targets.get(to)
        if target is not None:
            transport = self._outside.get(to)
            if transport is None:
                http = self._away.over(to, HttpTransport(target.url))
                transport = JournalledTransport(http, to, self._journal, self._clock)
                self._outside[to] = transport
            who, secret = target.client or (client.client_id, client.secret)
            return Way(transport, BearerAuth(transport, who, secret, self._clock))
        if to not in self._parties:
            raise NotSent(f"there is no party {to!r} to call")
        if self._inside is None:
            if self._app is None:
                raise NotSent("nothing is served yet")
            self._inside = InProcessTransport(self._app, prefix=self._prefix, peer=PARTY_PEER)
        return Way(
            self._inside, BearerAuth(self._inside, client.client_id, client.secret, self._clock)
        )

    async def close(self) -> None:
        """Send nothing more, and let go of connections."""
        self._closed = True
        for transport in (*self._outside.values(), *([self._inside] if self._inside else [])):
            await transport.close()


@dataclass(frozen=True, slots=True)
class Way:
    """Where calls to one party go, and what proves who sends them."""

    transport: Transport
    auth: Auth


class Wire:
    """The `Outgoing` of one party. `open` says whether its world still is there."""

    def __init__(self, find: Callable[[str], Way], is_open: Callable[[], bool]) -> None:
        self._find = find
        self._is_open = is_open
        self._ways: dict[str, Way] = {}

    async def send(self, call: Call) -> Reply:
        """One attempt of one call; after a 401 with a token, once more with a new one.

        Raises NotSent or ReplyLost.
        """
        if not self._is_open():
            raise NotSent("this world has ended")
        way = self._way(call.to)
        call = msgspec.structs.replace(call, target=way.transport.prefix + call.target)
        try:
            signed = await way.auth.sign(call)
            reply = await way.transport.send(signed)
            if reply.status == 401 and way.auth.renew(signed):
                reply = await way.transport.send(await way.auth.sign(call))
        except Problem as refused:  # its credentials: to be mended there, and then it goes on
            raise NotSent(f"{call.to} gives us no token: {refused.message}") from refused
        return reply

    def tokens(self) -> dict[str, tuple[str, int]]:
        """To whom → the token, and when it is renewed."""
        return {
            to: way.auth.held for to, way in self._ways.items() if isinstance(way.auth, BearerAuth)
        }

    def hold(self, to: str, held: tuple[str, int]) -> None:
        """Go on with a token of before. Once this world is served."""
        auth = self._way(to).auth
        if isinstance(auth, BearerAuth):
            auth.hold(held)

    def _way(self, to: str) -> Way:
        way = self._ways.get(to)
        if way is None:
            way = self._ways[to] = self._find(to)
        return way
