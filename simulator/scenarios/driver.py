"""Plays planned rounds: what a provider does, with a judge's memory for what it was told."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from simulator.adapters.platform import PlatformClient
from simulator.adapters.replies import Answered, is_replay
from simulator.adapters.transport import AdapterError
from simulator.base.errors import InsufficientFunds, InvalidState, Problem
from simulator.scenarios.model import AUTHORIZED, ROLLED_BACK, SETTLED, Model
from simulator.scenarios.plan import Fate, PlannedBet, PlannedRound
from simulator.scenarios.wires import LosesAnswers
from simulator.wire import messages as m

A = TypeVar("A")

TOPICS = {"authorize": AUTHORIZED, "settle": SETTLED, "rollback": ROLLED_BACK}
"""Operation → the event that tells of it."""


class Driver:
    """Plays planned rounds and believes nothing that was not acknowledged."""

    def __init__(
        self, client: PlatformClient, lossy: LosesAnswers, model: Model, sessions: dict[str, str]
    ) -> None:
        self._client = client
        self._lossy = lossy
        self._model = model
        self._sessions = sessions

    async def play_round(self, planned: PlannedRound) -> None:
        """Every bet of a round in turn, then its end (WAL-60)."""
        self._model.tally.rounds += 1
        settled = opened = False
        for bet in planned.bets:
            if bet.fate is Fate.TOMBSTONE:
                await self._entomb(bet)
            elif await self._authorize(bet):
                opened = True
                settled |= await self._finish(bet)
        if opened:
            ask = m.CloseRound(
                round_id=planned.round_id, outcome="completed" if settled else "cancelled"
            )
            try:
                await self._client.close_round(ask, key=f"{planned.round_id}-close")
            except (Problem, AdapterError) as wrong:
                self._model.is_wrong(f"{planned.round_id}: cannot be closed: {wrong}")

    async def _authorize(self, bet: PlannedBet) -> bool:
        """True where the stake is held; a lack of funds is an answer like any other (WAL-02)."""
        try:
            await self._say("authorize", bet, self._client.authorize_bet, self._ask_for(bet))
        except InsufficientFunds:
            self._model.tally.refusals += 1
            return False
        except (Problem, AdapterError) as wrong:
            self._model.is_wrong(f"{bet.bet_id}: authorize: {wrong}")
            return False
        self._model.authorized(bet)
        return True

    async def _finish(self, bet: PlannedBet) -> bool:
        """Settle or roll back; true where it was settled. Neither may be refused."""
        try:
            if bet.fate is Fate.SETTLE:
                win = m.Money.of(bet.win_minor, bet.purse.currency)
                ask = m.SettleBet(bet_id=bet.bet_id, round_id=bet.round_id, win=win)
                await self._say("settle", bet, self._client.settle_bet, ask)
                self._model.settled(bet)
                return True
            undone = await self._roll_back(bet, "the game was aborted")
        except Problem as refused:
            deed = (AUTHORIZED, bet.bet_id)
            self._model.is_lost(deed, f"authorized, but cannot {bet.fate.value}: {refused}")
            return False
        except AdapterError as wrong:
            self._model.is_wrong(f"{bet.bet_id}: {bet.fate.value}: {wrong}")
            return False
        if undone.answer.tombstone:
            self._model.is_lost((AUTHORIZED, bet.bet_id), "authorized, but its rollback found none")
        self._model.rolled_back(bet)
        return False

    async def _entomb(self, bet: PlannedBet) -> None:
        """The rollback first, then its bet, which has to be refused (WAL-42)."""
        try:
            undone = await self._roll_back(bet, "sent before its bet")
        except (Problem, AdapterError) as wrong:
            self._model.is_wrong(f"{bet.bet_id}: rollback before its bet: {wrong}")
            return
        self._model.entombed(bet)
        if not undone.answer.tombstone:
            self._model.is_wrong(f"{bet.bet_id}: rolled back before it was sent, and no tombstone")
        try:
            await self._client.authorize_bet(self._ask_for(bet), key=f"{bet.bet_id}-authorize")
        except InvalidState:
            return
        except (Problem, AdapterError) as wrong:
            self._model.is_wrong(f"{bet.bet_id}: late bet: {wrong}")
            return
        self._model.is_wrong(f"{bet.bet_id}: accepted after its rollback")

    async def _roll_back(self, bet: PlannedBet, reason: str) -> Answered[m.BetRolledBack]:
        ask = m.RollbackBet(
            bet_id=bet.bet_id, round_id=bet.round_id, player_id=bet.purse.player_id, reason=reason
        )
        return await self._say("rollback", bet, self._client.rollback_bet, ask)

    async def _say(
        self,
        name: str,
        bet: PlannedBet,
        send: Callable[..., Awaitable[Answered[A]]],
        ask: m.Message,
    ) -> Answered[A]:
        """Send, repeat where the plan says so, and hold every answer to the key against the first.

        (PRV-30, WAL-06, WAL-21, WAL-41)
        """
        key = f"{bet.bet_id}-{name}"
        first = await send(ask, key=key)
        answers = [first.reply]
        if name in bet.repeats:
            again = await send(ask, key=key)
            answers.append(again.reply)
            self._model.tally.repeats += 1
        unseen = self._lossy.kept.get(key, [])
        self._model.tally.recovered += bool(unseen)
        if any(answer.body != first.reply.body for answer in (*answers, *unseen)):
            self._model.is_wrong(f"{bet.bet_id}: {name}: two answers to one key differ")
        fresh = [answer for answer in (*answers, *unseen) if not is_replay(answer)]
        if len(fresh) > 1:
            why = f"{name} was done anew {len(fresh)} times under one key"
            self._model.is_repeated((TOPICS[name], bet.bet_id), why)
        return first

    def _ask_for(self, bet: PlannedBet) -> m.AuthorizeBet:
        return m.AuthorizeBet(
            session_id=self._sessions[bet.purse.player_id],
            bet_id=bet.bet_id,
            round_id=bet.round_id,
            amount=m.Money.of(bet.stake_minor, bet.purse.currency),
        )
