"""What the tests of play share: a world to play in, a wire that fails on purpose, and the question
whether wallet, studio and play agree."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from simulator.adapters.transport import NotSent, ReplyLost
from simulator.wire.calls import Call, Reply
from tests.support import Got, Sandbox, sandbox

GAME = "studio:slot_forge_02"
MODELS: dict[str, dict[str, Any]] = {
    "hold_first": {},
    "debit_first": {"debit_timing": "debit_first"},
    "outcome_first": {"debit_timing": "outcome_first"},
    "transfer": {"model": "transfer", "transfer": {"amount": 100, "currency": "EUR"}},
}
"""Every way to take a stake, as a session asks for it."""

HEARD = {"hold_first": 4, "debit_first": 4, "outcome_first": 3, "transfer": 2}
"""Calls on the way to the answer."""

Send = Callable[[Call], Any]
Act = Callable[[Send, Call], Any]


# What may become of a call ------------------------------------------------------------------------


async def not_sent(_send: Send, _call: Call) -> Reply:
    """It never got there."""
    raise NotSent("connection refused")


async def lost(send: Send, call: Call) -> Reply:
    """Done, and the caller cannot know it."""
    await send(call)
    raise ReplyLost("no answer")


async def cut(send: Send, call: Call) -> Reply:
    """Done, and what comes back is half of an answer with a 200 on it (WAL-72)."""
    reply = await send(call)
    return Reply(status=200, headers=reply.headers, body=reply.body[: len(reply.body) // 2])


async def busy(_send: Send, _call: Call) -> Reply:
    """Not done, and it says so."""
    body = b'{"code":"UNAVAILABLE","message":"no","retryable":true,"trace_id":"tr_x"}'
    return Reply(status=503, body=body)


async def late(send: Send, call: Call) -> Reply:
    """Done twice: the first delivery is lost and meets its own repeat."""
    await asyncio.gather(send(call), send(call), return_exceptions=True)
    raise ReplyLost("no answer")


ACTS: dict[str, Act] = {
    "not_sent": not_sent,
    "lost": lost,
    "cut": cut,
    "busy": busy,
    "late": late,
}


def _keep(data: Path, left: Path) -> None:
    """What is on the disk at this moment."""
    left.mkdir()
    for path in data.glob("*.db*"):
        shutil.copy(path, left / path.name)


def cuts(data: Path, left: Sequence[Path]) -> dict[int, Act]:
    """Keep the disk as it is before each call, and after what it did but before its answer."""

    def cut_at(n: int) -> Act:
        async def act(send: Send, call: Call) -> Reply:
            _keep(data, left[2 * n])
            reply: Reply = await send(call)
            _keep(data, left[2 * n + 1])
            return reply

        return act

    return {n: cut_at(n) for n in range(len(left) // 2)}


# A world to play in -------------------------------------------------------------------------------


async def at_once(_pause_ns: int, /) -> None:
    """A courier's pause that takes no time."""
    await asyncio.sleep(0)


@dataclass
class Casino:
    """A sandbox with its play party, and what leaves that party."""

    box: Sandbox
    calls: list[str] = field(default_factory=list)
    """What was called, in order: party and the last words of the path."""
    acts: dict[int, Act] = field(default_factory=dict)
    """What becomes of the n-th of them; the others arrive."""

    def __post_init__(self) -> None:
        wire = self.box.world.parties["play"].courier._outgoing
        real = wire.send

        async def send(call: Call) -> Reply:
            n = len(self.calls)
            self.calls.append(f"{call.to} {call.target.partition('?')[0].rpartition('/')[2]}")
            act = self.acts.get(n)
            return await (real(call) if act is None else act(real, call))

        wire.send = send  # type: ignore[method-assign]

    def meddle(self, acts: Mapping[int, Act]) -> None:
        """From here on count calls anew, and do this to them."""
        self.calls.clear()
        self.acts = dict(acts)

    async def call(self, method: str, path: str, body: Any = None, **how: Any) -> Got:
        """Call `/play/v1` as the platform's front end."""
        return await self.box.call(method, f"/play/v1{path}", body, client="platform-demo", **how)

    async def open(self, player: str = "p_19f3", key: str | None = None, **more: Any) -> str:
        """Open a session."""
        got = await self.try_open(player, key, **more)
        assert got.status == 201, got.body
        return str(got.json["session_id"])

    async def try_open(self, player: str = "p_19f3", key: str | None = None, **more: Any) -> Got:
        """Ask for a session."""
        body = {
            "player_id": player,
            "game_id": GAME,
            "currency": "EUR",
            "locale": "de-DE",
            **more,
        }
        return await self.call("POST", "/sessions", body, key=key)

    async def play(
        self, session: str, round_id: str, stake: Any = 2, *, key: str | None = None, **more: Any
    ) -> Got:
        """Play a round."""
        body = {
            "session_id": session,
            "round_id": round_id,
            "stake": {"amount": stake, "currency": "EUR"},
            **more,
        }
        return await self.call("POST", "/rounds", body, key=key or round_id)

    async def settled(self) -> None:
        """Wait until nothing is pending any more."""
        for _ in range(60_000):
            if not self.rows("SELECT 1 FROM task WHERE state = 'pending' LIMIT 1"):
                return
            await asyncio.sleep(0.001)
        raise AssertionError("something stays pending")

    def rows(self, text: str, party: str = "play") -> list[tuple[Any, ...]]:
        """Committed rows of a party."""
        found: list[tuple[Any, ...]] = self.box.world.parties[party].writer.unit.database.rows(text)
        return found

    async def require_agreement(self) -> None:
        """Every party's books are sound, nothing is held, and the three say the same of each round:
        who has staked and won how much, and what the house has won by it."""
        await self.settled()
        await self.box.require_sound()
        text = "SELECT round_id, paid, win FROM play_round WHERE status = 'completed' ORDER BY 1"
        mine = self.rows(text)
        text = "SELECT round_id, stake, win FROM spin WHERE status = 'played' ORDER BY 1"
        studio = self.rows(text, "rgs")
        assert mine == studio
        transfers = {
            row[0] for row in self.rows("SELECT session_id || '-transfer' FROM play_session")
        }
        model = dict(self.rows("SELECT round_id, timing FROM play_round"))
        text = "SELECT round_id, staked, won, status FROM round ORDER BY 1"
        wallet = self.rows(text, "wallet")
        assert {row[3] for row in wallet if row[0] not in transfers} <= {"completed", "cancelled"}
        assert [row[:3] for row in wallet if row[3] == "completed" and row[0] not in transfers] == [
            row for row in mine if model[row[0]] is not None
        ]
        ended = {row[0] for row in wallet if row[3] != "open"}
        net = sum(staked - won for name, staked, won, _ in wallet if name in ended)
        text = "SELECT coalesce(sum(posted_credits - posted_debits), 0) FROM account WHERE kind = "
        assert self.rows(text + "'house'", "wallet") == [(net,)]
        text = "SELECT coalesce(sum(pending_debits), 0) FROM account WHERE kind = 'player'"
        assert self.rows(text, "wallet") == [(0,)]
        assert not self.rows("SELECT 1 FROM game_round WHERE status = 'open'", "rgs")


@asynccontextmanager
async def casino(data: Path | None = None, **settings: Any) -> AsyncIterator[Casino]:
    """A world to play in, whose couriers do not wait."""
    async with sandbox(data, sleep=at_once, **settings) as box:
        yield Casino(box)


def won(got: Got) -> Decimal:
    """What a round has won."""
    assert got.status == 200, got.body
    return Decimal(got.json["win"]["amount"])
