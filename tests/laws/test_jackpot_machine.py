"""Whatever is asked of a jackpot in whatever order: nothing is lost, nothing is paid twice."""

import asyncio
import shutil
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from simulator.wire.calls import Call, Reply
from tests.jackpot.tools import Hall, hall, pool
from tests.play.tools import ACTS, Send
from tests.support import Got

NIGHTLY = settings.get_current_profile_name() == "nightly"
SEED, CAP, RATE = 1000, 1040, 100
"""Of every pool of the model, in minor units; the rate is one in so many until it is changed."""

ASIDE = "two"
"""The pool whose payouts are set aside before they are paid (JP-13): two calls to the wallet."""

pools = st.sampled_from(["one", "two"])
calls = st.integers(0, 1)
"""Which of the calls to the wallet it happens to; where there is no second one, to none."""
names = st.sampled_from([f"n{n}" for n in range(20)])
places = st.integers(0, 99)
"""Which of the contributions so far."""
stakes = st.sampled_from([30, 100, 250, 1000])


NO = b'{"code":"CURRENCY_MISMATCH","message":"no","retryable":false,"trace_id":"t"}'


async def mumble(send: Send, call: Call) -> Reply:
    """Paid, and the answer says neither that it was nor that it was not."""
    await send(call)
    return Reply(status=200, body=b'{"status": "perhaps"}')


@dataclass
class Model:
    """One pool, in whole numbers."""

    size: int = SEED
    reserve: int = 0
    overflow: int = 0
    cycle: int = 1
    carry: int = 0
    rate: int = RATE
    next_rate: int | None = None
    paused: bool = False
    hits: list[str] = field(default_factory=list)

    def take(self, stake: int) -> tuple[int, int]:
        """The amount of a contribution, and what of it goes to overflow."""
        amount, self.carry = divmod(stake + self.carry, self.rate)
        over = max(0, self.size + amount - CAP)
        self.size += amount - over
        self.overflow += over
        return amount, over

    def fall(self, name: str) -> int:
        """What is won; the pool begins anew."""
        won, self.size = self.size, SEED
        self.cycle += 1
        self.hits.append(name)
        if self.next_rate is not None:
            self.rate, self.next_rate, self.carry = self.next_rate, None, 0
        return won


@dataclass
class Contributed:
    pool: str
    stake: int
    first: bytes
    amount: int
    over: int
    cycle: int
    reversed: bool = False


class JackpotMachine(RuleBasedStateMachine):
    """The pool law is exact after every step, and what the wallet has paid is what was won and not
    parked: whatever is repeated, altered, rolled back, lost, refused, late, paused, changed or cut
    off by a crash (WAL-90..97)."""

    durable = False

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = Path(tempfile.mkdtemp(prefix="jackpot-machine-"))
        self.lives = 0
        self.models = {"one": Model(), "two": Model()}
        self.bets: dict[str, Contributed] = {}
        self.buried: set[str] = set()
        self.won: dict[str, tuple[str, int]] = {}
        self.triggers: dict[str, bytes] = {}
        self.blocked = False
        self.parked: set[str] = set()
        self.credited: set[str] = set()
        self.paid: set[str] = set()
        self.numbers = 0
        self.steps = 0
        self._start(self.folder / "0")
        for name in self.models:
            terms = pool(name, seed="10.00", cap=Decimal("10.40"), sets_aside=name == ASIDE)
            self.do(self.house.open(terms))

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def _start(self, data: Path) -> None:
        self.stack = AsyncExitStack()
        self.data = data
        where = data if self.durable else None
        self.house: Hall = self.do(self.stack.enter_async_context(hall(where)))

    def number(self, kind: str) -> str:
        self.numbers += 1
        return f"{kind}-{self.numbers}"

    def teardown(self) -> None:
        self.do(self.house.box.require_sound())
        self.do(self.stack.aclose())
        self.loop.close()
        shutil.rmtree(self.folder)

    # Contributions --------------------------------------------------------------------------------

    def _send(self, name: str, pool_id: str, stake: int, key: str) -> Got:
        got: Got = self.do(
            self.house.contribute(pool_id, Decimal(stake) / 100, name=name, idempotency_key=key)
        )
        return got

    @rule(name=names, pool_id=pools, stake=stakes)
    def contribute(self, name: str, pool_id: str, stake: int) -> None:
        """New, repeated or altered: the first answer, or a refusal, and one effect."""
        model, known = self.models[pool_id], self.bets.get(name)
        got = self._send(name, pool_id, stake, self.number("key"))
        if known is not None:
            same = (known.pool, known.stake) == (pool_id, stake)
            assert got.status == (201 if same else 409), got.body
            assert not same or got.body == known.first
        elif name in self.buried or model.paused:
            assert (got.status, got.code) == (409, "INVALID_STATE")
        else:
            amount, over = model.take(stake)
            assert got.status == 201, got.body
            assert got.json["contribution"]["amount"] == Decimal(amount) / 100
            self.bets[name] = Contributed(pool_id, stake, got.body, amount, over, model.cycle)

    @rule(at=places, early=st.none() | names)
    def roll_back(self, at: int, early: str | None) -> None:
        """Before a hit it is taken out, after one the reserve pays; early it leaves a tombstone."""
        name = early or self._chosen(at)
        got = self.do(self.house.reverse(name))
        assert got.status == 200, got.body
        if name not in self.bets:
            assert got.json["tombstone"] is True
        self._reversed(name)

    def _reversed(self, name: str) -> None:
        bet = self.bets.get(name)
        if bet is None:
            self.buried.add(name)
            return
        if bet.reversed:
            return
        bet.reversed, model = True, self.models[bet.pool]
        if bet.cycle == model.cycle:
            model.size -= bet.amount - bet.over
            model.overflow -= bet.over
        else:
            model.reserve -= bet.amount

    @rule(at=places, early=st.none() | names)
    def roll_back_at_the_wallet(self, at: int, early: str | None) -> None:
        """The wallet tells of it, and whoever follows its events does the same, once."""
        name = early or self._chosen(at)
        body = {"bet_id": f"b-{name}", "round_id": f"r-{name}", "player_id": "p_19f3"}
        got = self.do(self.house.box.call("POST", "/v1/bets/rollback", body))
        assert got.status == 200, got.body
        for _ in range(2):
            got = self.do(self.house.call("POST", "/feeds/wallet/follow", {}))
            assert got.status == 200, got.body
            self.do(self.house.settled())
        self._reversed(name)

    # Falls ----------------------------------------------------------------------------------------

    def _judge(
        self,
        name: str,
        got: Got,
        *,
        mumbled: bool = False,
        paid: bool = True,
        cancelled: bool = False,
    ) -> None:
        bet = self.bets.get(name)
        model = self.models[bet.pool] if bet else None
        if name in self.triggers:
            assert (got.status, got.body) == (201, self.triggers[name])
        elif bet is None or model is None or model.paused or bet.reversed:
            assert (got.status, got.code) == (409, "INVALID_STATE"), got.body
        else:
            assert got.status == 201, got.body
            amount = model.fall(name)
            assert got.json["amount"]["amount"] == Decimal(amount) / 100
            assert got.json["hit"] == len(model.hits)
            self.triggers[name] = got.body
            payout_id = got.json["jp_payout_id"]
            self.won[payout_id] = bet.pool, amount
            if cancelled:
                model.reserve += amount
                return
            stopped = self.blocked or mumbled
            (self.parked if stopped else self.credited).add(payout_id)
            if paid and not self.blocked:
                self.paid.add(payout_id)

    def _pool_of(self, name: str) -> str:
        bet = self.bets.get(name)
        return bet.pool if bet else "one"

    def _chosen(self, at: int) -> str:
        """One of the contributions so far; an unknown one while there is none."""
        some = sorted(self.bets)
        return some[at % len(some)] if some else "none"

    @rule(
        at=places,
        act=st.sampled_from([None, "mumble", *ACTS]),
        first=calls,
        times=st.integers(1, 2),
    )
    def trigger(self, at: int, act: str | None, first: int, times: int) -> None:
        """New or repeated, a call to the wallet lost, cut, late, twice, turned away, or answered in
        words that nobody can read: whether it was to pay, or to set aside before."""
        name = self._chosen(at)
        self.house.meddle({})
        if act is not None:
            done = {**ACTS, "mumble": mumble}[act]
            self.house.meddle(dict.fromkeys(range(first, first + times), done))
        got = self.do(self.house.trigger(name, self._pool_of(name), key=self.number("key")))
        self.do(self.house.settled())
        mumbled = act == "mumble" and self.house.asked > first
        aside = mumbled and first == 0 and self._pool_of(name) == ASIDE
        self._judge(name, got, mumbled=mumbled, paid=not aside)
        self.house.meddle({})

    @rule(at=places, refused=st.booleans(), first=calls)
    def cancel_while_the_wallet_is_asked(self, at: int, refused: bool, first: int) -> None:
        """It stands if the wallet has paid; else it is cancelled, and nobody is parked."""
        name = self._chosen(at)
        told: list[bool] = []

        async def cancelled(send: Send, call: Call) -> Reply:
            told.append(call.target.endswith("reserve"))
            body = {"decision_id": self.number("d"), "reason": "void", "approved_by": "e.vance"}
            got = await self.house.call("POST", f"/triggers/t-{name}/cancel", body)
            assert got.json["cancelling"] is True
            if refused:
                return Reply(status=422, body=NO)
            reply: Reply = await send(call)
            return reply

        self.house.meddle({first: cancelled})
        got = self.do(self.house.trigger(name, self._pool_of(name), key=self.number("key")))
        self.do(self.house.settled())
        self._judge(name, got, cancelled=bool(told) and (told[0] or refused or self.blocked))
        self.house.meddle({})

    @rule()
    def trigger_at_once(self) -> None:
        """All that may win, at once: each pool's hits follow one another, one winner for each."""
        some = [name for name in self.bets if name not in self.triggers]

        async def all_of_them() -> list[Got]:
            asked = (self.house.trigger(name, self._pool_of(name)) for name in some)
            return list(await asyncio.gather(*asked))

        done = dict(zip(some, self.do(all_of_them()), strict=True))
        hit = [name for name, got in done.items() if got.status == 201]
        hit.sort(key=lambda name: int(done[name].json["hit"]))
        for name in (*hit, *(name for name in some if name not in hit)):
            self._judge(name, done[name])
        self.do(self.house.settled())

    # What people do -------------------------------------------------------------------------------

    @rule(blocked=st.booleans())
    def block(self, blocked: bool) -> None:
        """Compliance stops what jackpots pay, or no longer."""
        self.blocked = blocked
        body = {"payout_block": "AML" if blocked else "none"}
        self.do(self.house.box.admin("PATCH", "/players/p_19f3", body))

    @precondition(lambda self: self.parked)
    @rule(forfeit=st.booleans(), data=st.data())
    def decide(self, forfeit: bool, data: st.DataObject) -> None:
        """A parked payout is released, and paid or parked again, or it is forfeited; not so while
        nobody knows whether it was paid. One that was paid already is so, whatever stops others."""
        payout_id = data.draw(st.sampled_from(sorted(self.parked)))
        what = "forfeit" if forfeit else "release"
        query = f"SELECT reason, set_aside FROM jp_payout WHERE jp_payout_id = '{payout_id}'"
        ((reason, aside),) = self.house.rows(query)
        unknown = forfeit and reason == "UNREADABLE" and aside != "asked"
        got = self.do(self.house.decide(payout_id, what, self.number("d")))
        if unknown:
            assert (got.status, got.json["details"]["reason"]) == (409, "outcome_unknown")
            return
        assert got.status == 200, got.body
        self.do(self.house.settled())
        if forfeit:
            name, amount = self.won[payout_id]
            self.models[name].reserve += amount
            self.parked.discard(payout_id)
        elif not self.blocked or payout_id in self.paid:
            self.credited.add(payout_id)
            self.paid.add(payout_id)
            self.parked.discard(payout_id)

    @rule(pool_id=pools)
    def switch(self, pool_id: str) -> None:
        """Paused, or resumed as it was."""
        model = self.models[pool_id]
        what = "resume" if model.paused else "pause"
        assert self.do(self.house.switch(what, pool_id, self.number("c"))).status == 200
        model.paused = not model.paused

    @rule(pool_id=pools, rate=st.sampled_from([7, 50, 100]))
    def change(self, pool_id: str, rate: int) -> None:
        """Another rate, from the next fall on."""
        body = {"change_id": self.number("c"), "reason": "so", "approved_by": "e.vance"}
        body |= {"rate": {"numerator": 1, "denominator": rate}}  # type: ignore[dict-item]
        assert self.do(self.house.call("POST", f"/pools/{pool_id}/terms", body)).status == 201
        self.models[pool_id].next_rate = rate

    # What holds after every step ------------------------------------------------------------------

    @invariant()
    def the_pool_law_is_exact(self) -> None:
        text = "SELECT pool_id, size, reserve, overflow, cycle, carry, hits FROM jp_pool"
        rows = self.house.rows(f"{text} WHERE pool_id IN ('one', 'two') ORDER BY 1")
        assert rows == [
            (name, m.size, m.reserve, m.overflow, m.cycle, m.carry, len(m.hits))
            for name, m in sorted(self.models.items())
        ]
        self.steps += 1
        if self.steps % 10 == 0:
            self.do(self.house.box.require_sound())

    @invariant()
    def nothing_is_lost_and_nothing_is_paid_twice(self) -> None:
        paid = sum(self.won[payout_id][1] for payout_id in self.paid)
        balance, _ = self.do(self.house.box.balance())
        assert balance == 1000 + Decimal(paid) / 100
        parked = self.house.rows("SELECT jp_payout_id FROM jp_payout WHERE status = 'parked'")
        assert {name for (name,) in parked} == self.parked
        under_way = "SELECT 1 FROM jp_payout WHERE status IN ('due', 'requested')"
        assert not self.house.rows(under_way)
        self.house.require_set_aside()


class MortalJackpotMachine(JackpotMachine):
    """The same of a world on a disk whose power fails between any two calls."""

    durable = True

    @rule()
    def crash(self) -> None:
        """What is on the disk is all that there is."""
        self.lives += 1
        left = self.folder / str(self.lives)
        left.mkdir()
        for path in self.data.glob("*.db*"):
            shutil.copy(path, left / path.name)
        self.do(self.stack.aclose())
        self._start(left)


@pytest.mark.timeout(12 * 3_600 if NIGHTLY else 600)
@pytest.mark.parametrize(
    ("machine", "examples", "steps"), [(JackpotMachine, 20, 40), (MortalJackpotMachine, 1, 15)]
)
def test_a_jackpot_loses_nothing_and_pays_nothing_twice(
    machine: type[JackpotMachine], examples: int, steps: int
) -> None:
    """Contribute, repeat, alter, roll back by call and by event, trigger, trigger at once, set
    aside, lose, refuse, delay, cancel, pause, change, crash, in any order: payouts lost 0, twice 0,
    nothing held for nobody, the pool law exact after each step (WAL-90..97, JP-13, JP-80)."""
    effort = settings(
        max_examples=100 * examples if NIGHTLY else examples,
        stateful_step_count=4 * steps if NIGHTLY else steps,
        deadline=None,
        phases=(Phase.generate, Phase.shrink) if NIGHTLY else (Phase.generate,),
    )
    run(machine, settings=effort)
