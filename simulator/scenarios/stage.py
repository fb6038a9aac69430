"""A scenario's sandbox with everything in it: players, sessions, limits, rules, and the callers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.base.blocks import BlockSource
from simulator.base.clock import NS_PER_S
from simulator.base.errors import ConfigError
from simulator.base.money import from_minor
from simulator.base.rng import Rng
from simulator.base.source import Path_
from simulator.scenarios import surface
from simulator.scenarios.asking import Asker, Heard
from simulator.scenarios.document import Player, Scenario, Subscriber
from simulator.scenarios.expecting import told
from simulator.scenarios.host import Host, Sandbox
from simulator.scenarios.purse import Purse, Purses, minor_of
from simulator.scenarios.storm import Measured
from simulator.scenarios.values import duration_ns, money, resolve

CASH = "1000.00 EUR"
PLATFORM = "platform-demo"
"""Who calls studio and play: the platform's own front end."""

OWN_IDS = frozenset(
    {
        "bet_id",
        "round_id",
        "transaction_id",
        "original_transaction_id",
        "reserve_transaction_id",
        "debit_transaction_id",
        "payment_id",
        "spin_id",
    }
)
"""Ids that callers choose: those sent to systems that are not ours carry the run."""


@dataclass(frozen=True, slots=True)
class How:
    """How a call is made; `body` is the whole body as it is to be sent."""

    key: str | None = None
    client: str | None = None
    body: Any = None
    headers: Mapping[str, str] | None = None
    retry: int = 0


HOW = How()


@dataclass(frozen=True, slots=True)
class Noted:
    """What a snapshot notes besides the sandbox itself."""

    funds: dict[str, tuple[int, int]]
    purses: Purses
    play_sessions: dict[tuple[str, str], str]


NO_OWNER = "for a wallet that has no /__admin, give the player the `id` of one that is there"
NO_SESSIONS = "for a wallet that has no /v1/sessions, give the player `session: false`"


@dataclass
class Stage:
    """One scenario under way."""

    scenario: Scenario
    source: BlockSource
    sandbox: Sandbox
    host: Host
    seed: int
    run: str
    purses: Purses = field(default_factory=Purses)
    scope: dict[str, Any] = field(default_factory=dict)
    players: dict[str, str] = field(default_factory=dict)
    """Name → id."""
    sessions: dict[str, str] = field(default_factory=dict)
    """`s-NAME` → id."""
    before: dict[str, tuple[int, int]] = field(default_factory=dict)
    snapshots: dict[str, Noted] = field(default_factory=dict)
    play_sessions: dict[tuple[str, str], str] = field(default_factory=dict)
    """Player and timing → the session at the platform."""
    rules: list[dict[str, Any]] = field(default_factory=list)
    """Chaos rules as the sandbox has taken them."""
    coverage: list[dict[str, Any]] = field(default_factory=list)
    """What chaos has done, once stock was taken."""
    states: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The rules in force then, by name."""
    all_calls: Measured = field(default_factory=Measured)
    storms: Measured = field(default_factory=Measured)

    def __post_init__(self) -> None:
        self.rng = Rng(self.seed)
        foreign = any(self.sandbox.real(party) for party in surface.CONTRACTS)
        self._suffix = f"-{self.run}" if foreign else ""
        world = self.scenario.world
        self.asker = Asker(
            self.sandbox,
            self.host.identities,
            world.auth,
            self.rng,
            self.run,
            frozenset({world.client, PLATFORM}),
        )
        self.scope["seed"] = self.seed
        if world.client not in self.host.identities:
            raise ConfigError(
                f"there is no client {world.client!r}, only {', '.join(self.host.identities)}"
            )

    # Calls ----------------------------------------------------------------------------------------

    async def ask(
        self,
        called: str,
        given: Mapping[str, Any],
        trace: str,
        how: How = HOW,
        scope: Mapping[str, Any] | None = None,
    ) -> Heard:
        """Call an operation. Raises ConfigError for a field that it does not have, NoValue."""
        operation = surface.operation(called)
        scope = self.scope if scope is None else scope
        values = {
            name: self._own(name, resolve(value, scope))
            for name, value in ((operation.field(word), one) for word, one in given.items())
        }
        key = f"{how.key or f'auto-{trace}'}{self._suffix}"
        who = how.client or (
            self.scenario.world.client if operation.party == "wallet" else PLATFORM
        )
        if who not in self.host.identities:
            raise ConfigError(f"there is no client {who!r}, only {', '.join(self.host.identities)}")
        whole = None if how.body is None else self._own("", resolve(how.body, scope))
        filled = {name: str(resolve(text, scope)) for name, text in (how.headers or {}).items()}
        call = self.asker.write(operation, values, key, who, trace, whole, filled)
        heard = await self.asker.ask(operation, values, call, key, who, how.retry)
        if isinstance(whole, dict):
            heard.values = {**values, **whole}
        if operation.party != "control":
            self.all_calls.note(heard)
        self.purses.heard(heard)
        return heard

    async def must(self, called: str, given: Mapping[str, Any], trace: str, how: How = HOW) -> Any:
        """A call of ours that has to go well. Raises ConfigError: the scenario cannot run."""
        return self._done(called, await self.ask(called, given, trace, how))

    def _done(self, called: str, heard: Heard) -> Any:
        if not 200 <= heard.status < 300:
            raise ConfigError(f"{called} did not work: {told(heard)}")
        return heard.body

    def _own(self, name: str, value: Any) -> Any:
        """Names of players and sessions become their ids, at any depth."""
        if isinstance(value, dict):
            return {key: self._own(key, one) for key, one in value.items()}
        if isinstance(value, list):
            return [self._own(name, one) for one in value]
        if not isinstance(value, str):
            return value
        if name == "player_id":
            return self.players.get(value, value)
        if name == "session_id":
            return self.sessions.get(value, value)
        return value + self._suffix if self._suffix and name in OWN_IDS else value

    # The world ------------------------------------------------------------------------------------

    async def build(self) -> None:
        """Subscribers, pools, players, sessions and rules. Raises ConfigError."""
        for name, subscriber in self.scenario.world.subscribers.items():
            await self._subscribe(name, subscriber)
        for at, pool in enumerate(self.scenario.world.pools):
            await self._open(pool, ("world", "pools", at))
        for name, player in self.scenario.world.players.items():
            await self._make(name, player)
        for name in self.players:
            self.before[name] = await self.funds(name)
        for at, rule in enumerate(self.scenario.chaos):
            await self.add_rule(rule, ("chaos", at))

    async def _subscribe(self, name: str, subscriber: Subscriber) -> None:
        given: dict[str, Any] = {
            "subscription_id": name,
            "url": f"inbox:{name}",
            "event_types": subscriber.events,
            "from_start": True,
        }
        if subscriber.retry is not None:
            given["retry_s"] = [duration_ns(text) // NS_PER_S for text in subscriber.retry]
        await self.must("control.createSubscription", given, f"world-{name}")

    async def _open(self, pool: dict[str, Any], path: Path_) -> None:
        """Open a pool. Raises ConfigError with its place for terms that cannot stand."""
        heard = await self.ask("control.openPool", {}, f"world-pool-{path[-1]}", How(body=pool))
        if heard.status != 201:
            raise self.source.wrong(path, said(heard))

    async def _make(self, name: str, player: Player) -> None:
        trace = f"world-{name}"
        self.players[name] = player.id or f"{name}{self._suffix}"
        if player.id is None:
            cash = money(player.cash or CASH)
            given = {"player_id": self.players[name], "currency": cash["currency"], "cash": cash}
            made = await self._needs("control.createPlayer", given, trace, HOW, NO_OWNER)
            if isinstance(made, dict):  # a system of yours may name its players itself
                self.players[name] = str(made.get("player_id") or self.players[name])
        elif player.cash is not None:
            raise ConfigError(f"{player.id} is there already, so give no cash; make a deposit step")
        shown = await self._shown(name, trace, How(retry=8))
        currency = shown["available"]["currency"]
        available, held = await self.funds(name)
        self.purses.purses[self.players[name]] = Purse(currency, available, held)
        for at, limit in enumerate(player.limits):
            asked: dict[str, Any] = {
                "player": name,
                "limit": limit.limit,
                "period": limit.period,
                **({"amount": limit.amount} if limit.amount else {}),
                **({"minutes": limit.minutes} if limit.minutes else {}),
            }
            await self.must("control.setLimit", asked, f"{trace}-{at}")
        if player.session:
            asked = {"player": name, "game": player.game, "currency": currency, "locale": "en-GB"}
            if player.constraints is not None:
                asked["constraints"] = player.constraints
            session = await self._needs(
                "wallet.createSession", asked, trace, How(retry=8), NO_SESSIONS
            )
            self.sessions[f"s-{name}"] = session["session_id"]
            self.purses.sessions[session["session_id"]] = self.players[name]

    async def _needs(
        self, called: str, given: Mapping[str, Any], trace: str, how: How, without: str
    ) -> Any:
        """As `must`; where a wallet of yours does not have the operation, it is said what a
        scenario does without it."""
        heard = await self.ask(called, given, trace, how)
        if heard.status in (404, 405) and self.sandbox.real("wallet"):
            raise ConfigError(f"{called} did not work: {told(heard)}; {without}")
        return self._done(called, heard)

    async def funds(self, name: str) -> tuple[int, int]:
        """Available and held of a player, in minor units."""
        shown = await self._shown(name, f"funds-{name}", How(retry=20))
        return minor_of(shown["available"]), minor_of(shown["held"])

    async def _shown(self, name: str, trace: str, how: How) -> Any:
        """What a player has; a wallet of yours may have `/v1/wallet` and nothing beside it."""
        heard = await self.ask("wallet.readPlayer", {"player": name}, trace, how)
        if heard.status not in (404, 405) or not self.sandbox.real("wallet"):
            return self._done("wallet.readPlayer", heard)
        return (await self.must("wallet.readBalance", {"player": name}, trace, how))["balance"]

    async def add_rule(self, rule: Mapping[str, Any], path: tuple[str | int, ...]) -> None:
        """Put a chaos rule in force. Raises ConfigError with the rule's place."""
        asked = resolve(dict(rule), self.scope)
        at = asked.get("at")
        if isinstance(at, dict) and "player" in at:
            asked["at"] = {**at, "player": self.players.get(at["player"], at["player"])}
        heard = await self.ask(
            "control.addChaosRule", {}, f"rule-{len(self.rules)}", How(body=asked)
        )
        if heard.status != 201:
            raise self.source.wrong(path, said(heard))
        self.rules.append(heard.body)

    def show(self, name: str, pair: tuple[int, int]) -> str:
        """A player's funds for people."""
        return self.purses.show(self.players[name], pair)

    def currency(self, name: str) -> str:
        """A player's currency."""
        return self.purses.purses[self.players[name]].currency

    def amount(self, name: str, minor_units: int) -> str:
        """`48.00 EUR`."""
        currency = self.currency(name)
        return f"{from_minor(minor_units, currency)} {currency}"


def said(heard: Heard) -> str:
    """Why the sandbox's owner was refused, in its words."""
    body = heard.body
    return str(body["message"]) if isinstance(body, dict) and "message" in body else told(heard)
