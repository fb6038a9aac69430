"""Seeded rounds over the wire, with repeats, lost answers, rollbacks and tombstones, and a verdict.

`driver` plays what `plan` draws and tells `model` what was acknowledged; `audit` compares.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from simulator.adapters.credentials import Auth
from simulator.adapters.platform import PlatformClient, Provider
from simulator.adapters.retry import RetryPolicy
from simulator.adapters.sleeper import Sleeper, sleep
from simulator.adapters.transport import Transport
from simulator.base.errors import ConfigError
from simulator.base.rng import Rng
from simulator.scenarios.audit import Verdict, audit
from simulator.scenarios.driver import Driver
from simulator.scenarios.model import Account, Model
from simulator.scenarios.plan import PURSES, TOP_UNITS, Purse, plan_round
from simulator.scenarios.wires import LosesAnswers, Stopwatch
from simulator.wire import messages as m

GAME = "studio:slot_forge_02"

ENOUGH = 50
"""Findings after which nothing more is played: the verdict cannot change any more."""

POLICY = RetryPolicy(attempts=6, first_wait_ms=5, max_wait_ms=500)
"""Quick, because most of what it meets here is lost on purpose."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to play. Another `run` under the same seed plays the same rounds under other ids."""

    rounds: int
    seed: int
    run: str
    side_by_side: int = 12


@dataclass(frozen=True, slots=True)
class Played:
    """The verdict, and how long the calls took."""

    verdict: Verdict
    watch: Stopwatch


async def play(
    order: Order,
    transport: Transport,
    auth: Auth,
    provider: Provider,
    *,
    timer: Callable[[], int],
    on_round: Callable[[], None] = lambda: None,
    sleeper: Sleeper = sleep,
    admin_token: str | None = None,
) -> Played:
    """Play an order to its end. Raises ConfigError where the test world is not there to play in."""
    rng = Rng(order.seed)
    watch = Stopwatch(transport, timer)
    lossy = LosesAnswers(watch, rng, order.run)
    client = PlatformClient(lossy, auth, provider, rng, order.run, policy=POLICY, sleeper=sleeper)
    model, sessions = await _enter(client, order.run)
    driver = Driver(client, lossy, model, sessions)
    numbers = iter(range(1, order.rounds + 1))

    async def lane() -> None:
        for number in numbers:
            if len(model.findings) >= ENOUGH:
                return
            await driver.play_round(plan_round(rng, order.run, number))
            on_round()

    async with asyncio.TaskGroup() as lanes:
        for _ in range(order.side_by_side):
            lanes.create_task(lane())
    return Played(await audit(model, client, transport, order.run, admin_token), watch)


async def _enter(client: PlatformClient, run: str) -> tuple[Model, dict[str, str]]:
    """What each player owns before, and a session for each."""
    accounts: dict[str, Account] = {}
    sessions: dict[str, str] = {}
    for purse in PURSES:
        player = await client.read_player(purse.player_id)
        if player.currency != purse.currency:
            raise ConfigError(
                f"{purse.player_id} has {player.currency}, not {purse.currency}: this is not the "
                "test world; POST /__admin/reset makes it so"
            )
        accounts[purse.player_id] = Account(
            purse.player_id, purse.currency, player.available.minor, player.held.minor
        )
        opened = await client.create_session(_session(purse), key=f"{run}-{purse.player_id}")
        sessions[purse.player_id] = opened.answer.session_id
    return Model(accounts), sessions


def _session(purse: Purse) -> m.CreateSession:
    def units(count: int) -> Decimal:
        return m.Money.of(count * purse.unit_minor, purse.currency).amount

    limits = m.Constraints(max_bet=units(TOP_UNITS), min_bet=units(1), step=units(1))
    return m.CreateSession(
        player_id=purse.player_id,
        game_id=GAME,
        currency=purse.currency,
        locale="en-GB",
        constraints=limits,
    )
