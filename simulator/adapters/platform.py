"""A typed client of the platform's provider API: one method for each operation (PRV-20..28).

Writes take the idempotency key; every attempt of one call carries the same one (PRV-30). Definite
refusals are raised as the Problem they are; what stays unknown is raised as OutcomeUnknown.
"""

import copy
import itertools
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import msgspec

from simulator.adapters import operations as op
from simulator.adapters.credentials import Auth, with_headers
from simulator.adapters.operations import Operation, PageOf, write_request
from simulator.adapters.replies import Answered, Failed, lost, read, refused
from simulator.adapters.retry import Ending, RetryPolicy, Step, next_step, wait_ns
from simulator.adapters.sleeper import Sleeper, sleep
from simulator.adapters.transport import NotSent, OutcomeUnknown, ReplyLost, Transport
from simulator.base.errors import AuthFailed, Problem
from simulator.base.rng import Rng
from simulator.wire import bonuses as b
from simulator.wire import messages as m
from simulator.wire import players as p
from simulator.wire.calls import Call
from simulator.wire.events import Envelope
from simulator.wire.launch import Launched, LaunchSession

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Provider:
    """For whom the calls are made: the headers of PRV-12 that stay the same."""

    provider_id: str
    brand_id: str
    region: str


class PlatformClient:
    """Calls one platform as one provider. `run` keeps the trace ids of two processes apart."""

    def __init__(
        self,
        transport: Transport,
        auth: Auth,
        provider: Provider,
        rng: Rng,
        run: str,
        *,
        policy: RetryPolicy | None = None,
        sleeper: Sleeper = sleep,
    ) -> None:
        self._transport = transport
        self._auth = auth
        self._provider = provider
        self._rng = rng
        self._run = run
        self._policy = policy or RetryPolicy()
        self._sleep = sleeper
        self._calls = itertools.count(1)

    def under(self, policy: RetryPolicy) -> Self:
        """The same client with another policy."""
        other = copy.copy(self)
        other._policy = policy
        return other

    # Sessions -------------------------------------------------------------------------------------

    async def create_session(self, ask: m.CreateSession, *, key: str) -> Answered[m.Session]:
        """Open a session (PRV-20)."""
        return await self.write(op.CREATE_SESSION, ask, key)

    async def read_session(self, session_id: str) -> m.Session:
        """Read a session."""
        return await self.read(op.READ_SESSION, m.ReadSession(session_id=session_id))

    async def end_session(self, session_id: str, *, key: str) -> Answered[m.Session]:
        """End a session; its open bets stay (WAL-20, WAL-46)."""
        return await self.write(op.END_SESSION, m.EndSession(session_id=session_id), key)

    async def acknowledge(self, session_id: str, *, key: str) -> Answered[m.Session]:
        """The player has seen the reality check (PRV-28)."""
        ask = m.AcknowledgeRealityCheck(session_id=session_id)
        return await self.write(op.ACKNOWLEDGE, ask, key)

    async def launch_session(self, session_id: str, *, key: str) -> Answered[Launched]:
        """Make the player's token for the studio (RGS-02, WAL-63)."""
        return await self.write(op.LAUNCH_SESSION, LaunchSession(session_id=session_id), key)

    # Bets -----------------------------------------------------------------------------------------

    async def authorize_bet(self, ask: m.AuthorizeBet, *, key: str) -> Answered[m.BetAuthorized]:
        """Hold a stake (PRV-21)."""
        return await self.write(op.AUTHORIZE_BET, ask, key)

    async def settle_bet(self, ask: m.SettleBet, *, key: str) -> Answered[m.BetSettled]:
        """Close a bet with its win, zero included (PRV-22)."""
        return await self.write(op.SETTLE_BET, ask, key)

    async def rollback_bet(self, ask: m.RollbackBet, *, key: str) -> Answered[m.BetRolledBack]:
        """Undo an authorize that was not settled, or bar it from arriving late (PRV-23)."""
        return await self.write(op.ROLLBACK_BET, ask, key)

    async def read_bet(self, bet_id: str) -> m.Bet:
        """Read a bet."""
        return await self.read(op.READ_BET, m.ReadBet(bet_id=bet_id))

    async def list_bets(self, ask: m.ListBets) -> PageOf[m.Bet]:
        """A page of bets (PRV-61)."""
        return await self.read(op.LIST_BETS, ask)

    # Rounds ---------------------------------------------------------------------------------------

    async def start_round(self, ask: m.StartRound, *, key: str) -> Answered[m.Round]:
        """Open a round (PRV-27)."""
        return await self.write(op.START_ROUND, ask, key)

    async def read_round(self, round_id: str) -> m.Round:
        """Read a round."""
        return await self.read(op.READ_ROUND, m.ReadRound(round_id=round_id))

    async def close_round(self, ask: m.CloseRound, *, key: str) -> Answered[m.Round]:
        """End a round (PRV-27)."""
        return await self.write(op.CLOSE_ROUND, ask, key)

    # Players, catalogue, events -------------------------------------------------------------------

    async def read_player(self, player_id: str) -> p.Player:
        """Read a player."""
        return await self.read(op.READ_PLAYER, p.ReadPlayer(player_id=player_id))

    async def list_games(self, ask: m.ListGames) -> PageOf[m.Game]:
        """A page of games."""
        return await self.read(op.LIST_GAMES, ask)

    async def read_game(self, game_id: str) -> m.Game:
        """Read a game."""
        return await self.read(op.READ_GAME, m.ReadGame(game_id=game_id))

    async def list_currencies(self) -> PageOf[m.Currency]:
        """Every currency and its decimals (PRV-03)."""
        return await self.read(op.LIST_CURRENCIES, m.ListCurrencies())

    async def list_events(self, ask: m.ListEvents) -> PageOf[Envelope]:
        """A page of the event feed (PRV-40)."""
        return await self.read(op.LIST_EVENTS, ask)

    # Bonuses --------------------------------------------------------------------------------------

    async def issue_bonus(self, ask: b.IssueBonus, *, key: str) -> Answered[b.Bonus]:
        """Give a player bonus money (PRV-24)."""
        return await self.write(op.ISSUE_BONUS, ask, key)

    async def read_bonus(self, bonus_id: str) -> b.Bonus:
        """Read a bonus."""
        return await self.read(op.READ_BONUS, b.ReadBonus(bonus_id=bonus_id))

    async def consume_bonus(self, ask: b.ConsumeBonus, *, key: str) -> Answered[b.Bonus]:
        """End a bonus (PRV-24)."""
        return await self.write(op.CONSUME_BONUS, ask, key)

    async def read_bonus_progress(self, bonus_id: str) -> b.Progress:
        """How far its wagering has come."""
        return await self.read(op.READ_BONUS_PROGRESS, b.ReadProgress(bonus_id=bonus_id))

    # ----------------------------------------------------------------------------------------------

    async def write(self, operation: Operation[A], ask: msgspec.Struct, key: str) -> Answered[A]:
        """Send a write until its outcome is known or the policy gives up.

        Raises Problem or UnknownRefusal for a refusal, NotSent where surely nothing was done, and
        OutcomeUnknown where something may have been.
        """
        call = self._call(operation, ask, {"X-Idempotency-Key": key})
        return await self._persist(operation, ask, call, key)

    async def read(self, operation: Operation[A], ask: msgspec.Struct) -> A:
        """Send a read. Raises Problem, UnknownRefusal, NotSent or ReplyLost."""
        answered = await self._persist(operation, ask, self._call(operation, ask, {}), None)
        return answered.answer

    async def _persist(
        self, operation: Operation[A], ask: msgspec.Struct, call: Call, key: str | None
    ) -> Answered[A]:
        in_doubt = renewed = False
        drawn_for = (self._run, operation.name, key or call.headers["X-Trace-Id"])
        attempt = 0
        while True:
            attempt += 1
            found, signed = await self._attempt(operation, ask, call)
            if isinstance(found, Answered):
                return found
            if isinstance(found.error, AuthFailed) and signed is not None and not renewed:
                renewed = self._auth.renew(signed)
                if renewed:
                    continue
            step = next_step(self._policy, found.ending, attempt, in_doubt=in_doubt)
            # A read changes nothing, so there is nothing to doubt.
            in_doubt |= found.ending is Ending.UNKNOWN and key is not None
            if step is Step.TAKE or (key is None and step is Step.GIVE_UP):
                raise found.error
            if step is Step.GIVE_UP:
                raise OutcomeUnknown(operation.name, key or "", call, attempt) from found.error
            pause = wait_ns(self._policy, attempt, found.retry_after_s, self._rng, *drawn_for)
            await self._sleep(pause)

    async def _attempt(
        self, operation: Operation[A], ask: msgspec.Struct, call: Call
    ) -> tuple[Answered[A] | Failed, Call | None]:
        """One attempt, and the call as it was signed for it (None: it never was)."""
        try:
            signed = await self._auth.sign(call)
        except (NotSent, Problem) as none:
            return refused(none, none.retry_after_s), None
        try:
            reply = await self._transport.send(signed)
        except NotSent as unsent:
            return refused(unsent), signed
        except ReplyLost as gone:
            return lost(gone), signed
        return read(reply, operation.answer, ask), signed

    def _call(self, operation: Operation[Any], ask: msgspec.Struct, more: dict[str, str]) -> Call:
        target, body = write_request(operation, ask)
        trace = self._rng.draw("trace", self._run, next(self._calls))[:8].hex()
        headers = {
            "X-Trace-Id": f"tr_{trace}",
            "X-Brand-Id": self._provider.brand_id,
            "X-Region": self._provider.region,
            "X-Provider-Id": self._provider.provider_id,
            **more,
        }
        call = Call(method=operation.method, target=self._transport.prefix + target, body=body)
        return with_headers(
            call, {"Content-Type": "application/json", **headers} if body else headers
        )
