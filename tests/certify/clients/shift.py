"""A shift of our own adapters: what a good integrator's code does all day (SBX-12)."""

import asyncio
from typing import Any

from simulator.adapters.credentials import Auth, BearerAuth, HmacAuth
from simulator.adapters.inprocess import InProcessTransport
from simulator.adapters.platform import PlatformClient, Provider
from simulator.adapters.recovery import authorize_or_undo, roll_back, settle
from simulator.adapters.retry import UNTIL_DEFINITE
from simulator.adapters.transport import NotSent, Transport
from simulator.base.errors import Problem
from simulator.base.rng import Rng
from simulator.server.clients import CLIENTS
from simulator.wire import messages as m
from tests.support import Sandbox

KNOWN = CLIENTS["studio-demo"]


class Shift:
    """Rounds on some lanes side by side; `ends` counts how bets ended."""

    def __init__(self, proof: str, rounds: int = 9, lanes: int = 3) -> None:
        self.proof = proof
        self.rounds = rounds
        self.lanes = lanes
        self.ends: dict[str, int] = {}

    async def __call__(self, box: Sandbox) -> None:
        transport = InProcessTransport(box.app, timeout_ms=5_000)
        rng = Rng(3)
        provider = Provider("studio", "brand-42", "EU")
        client = PlatformClient(transport, self._auth(box, transport), provider, rng, "shift")
        await asyncio.gather(*(self._lane(client, lane) for lane in range(self.lanes)))
        await asyncio.sleep(60)
        await client.under(UNTIL_DEFINITE).create_session(_session(), key="s-last")
        await transport.close()

    def _auth(self, box: Sandbox, transport: Transport) -> Auth:
        clock = box.world.clock
        if self.proof == "bearer":
            return BearerAuth(transport, KNOWN.client_id, KNOWN.secret, clock)
        return HmacAuth(KNOWN.client_id, KNOWN.hmac_key, clock, Rng(1), "shift")

    async def _lane(self, client: PlatformClient, lane: int) -> None:
        opened = await client.under(UNTIL_DEFINITE).create_session(_session(), key=f"s-{lane}")
        for number in range(self.rounds):
            end = await self._round(client, opened.answer.session_id, f"{lane}-{number}", number)
            self.ends[end] = self.ends.get(end, 0) + 1
            await asyncio.sleep(0.5)

    async def _round(self, client: PlatformClient, session: str, name: str, number: int) -> str:
        bet, round_id = f"b-{name}", f"r-{name}"
        stake = m.Money.of(100 + number, "EUR")
        ask = m.AuthorizeBet(session_id=session, bet_id=bet, round_id=round_id, amount=stake)
        try:
            begun: Any = await authorize_or_undo(client, ask, key=f"a-{bet}", undo_key=f"u-{bet}")
        except (Problem, NotSent) as refused:
            return type(refused).__name__
        if begun.answer.status != "authorized":
            return "undone"
        if number % 4 == 3:
            undo = m.RollbackBet(bet_id=bet, round_id=round_id)
            await roll_back(client, undo, key=f"u-{bet}")
            return "rolled back"
        won = m.SettleBet(bet_id=bet, round_id=round_id, win=m.Money.of(number * 10, "EUR"))
        await settle(client, won, key=f"w-{bet}")
        done = m.CloseRound(round_id=round_id, outcome="completed")
        await client.under(UNTIL_DEFINITE).close_round(done, key=f"c-{round_id}")
        return "settled"


def _session() -> m.CreateSession:
    return m.CreateSession(
        player_id="p_19f3", game_id="studio:slot_forge_02", currency="EUR", locale="de-DE"
    )
