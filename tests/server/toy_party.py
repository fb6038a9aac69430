"""A small party for the tests of flows and courier: a kiosk that takes orders and asks a bank.

Its contract, its rows, its decisions and its one flow; and the bank, which remembers keys as every
party has to, answers by a script and loses what it is told to lose.
"""

import asyncio
import json
import shutil
from collections import deque
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.adapters.transport import NotSent, ReplyLost
from simulator.base.errors import Duplicate, InsufficientFunds, LimitExceeded, StoreError
from simulator.server.kind import PartyKind
from simulator.server.party import Party
from simulator.server.routes import Service
from simulator.store.flow import Decide, Hear, Step
from simulator.store.queries import SqliteQueries
from simulator.store.rows import Op, Row, Task
from simulator.store.sqlite import Database
from simulator.store.tx import Tx
from simulator.store.unit import Unit
from simulator.store.writer import Writer
from simulator.wire.calls import Call, Reply
from simulator.wire.contract import Contract
from simulator.wire.events import Event, SessionEnded
from simulator.wire.messages import Message, invalid
from tests.support import Got, Sandbox, sandbox

LARGEST = 100
"""The kiosk finds out too late (after it was paid) that it cannot confirm a larger order."""

SCHEMA = """
CREATE TABLE toy_order (
  k        BLOB NOT NULL UNIQUE CHECK (length(k) = 16),
  n        INTEGER PRIMARY KEY,
  order_id TEXT NOT NULL,
  amount   INTEGER NOT NULL CHECK (amount > 0),
  receipt  TEXT NOT NULL,
  op       INTEGER NOT NULL REFERENCES op (n) DEFERRABLE INITIALLY DEFERRED,
  state    TEXT NOT NULL
) STRICT;
"""


class Order(Row, frozen=True, kw_only=True, array_like=True, gc=False):
    """An order; `op` is the operation that made it, as an entry of a ledger names its own."""

    TABLE = "toy_order"
    NAMED_BY = ("order_id",)
    CHANGES = ("state",)

    order_id: str
    amount: int
    receipt: str
    op: int
    state: str


ROWS = (Op, Task, Order)


class PlaceOrder(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked of the flow."""

    order_id: str
    amount: int


class LeaveNote(Message, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked of the decision that lets the bank know of something."""

    note_id: str


class Shown(Message, frozen=True, kw_only=True, omit_defaults=True):
    """An answer of the kiosk."""

    order_id: str
    state: str
    receipt: str


# Decisions and the flow --------------------------------------------------------------------------


def reserve(tx: Tx, ask: PlaceOrder) -> Shown:
    """The first step: an order of this id, once."""
    if ask.amount == 0:
        raise invalid("amount", "must be above zero")
    if tx.lock(Order, (ask.order_id,)) is not None:
        raise Duplicate(f"order {ask.order_id} exists already")
    order = Order(
        order_id=ask.order_id,
        amount=ask.amount,
        receipt=tx.mint("rc"),
        op=tx.position,
        state="reserved",
    )
    return _told(tx, order)


def confirm(tx: Tx, ask: PlaceOrder) -> Shown:
    """The order is paid. What is too large is refused, after it was written."""
    shown = _change(tx, ask, "confirmed")
    if ask.amount > LARGEST:
        raise LimitExceeded("the kiosk is too small", details={"largest": LARGEST})
    return shown


def finish(tx: Tx, ask: PlaceOrder) -> Shown:
    """The last step."""
    return _change(tx, ask, "finished")


def cancel(tx: Tx, ask: PlaceOrder) -> Shown:
    """The compensation."""
    return _change(tx, ask, "cancelled")


def leave_note(tx: Tx, ask: LeaveNote) -> Shown:
    """One decision that has a call sent; it is refused for a note named `bad`, after asking."""
    tx.lock(Order, (ask.note_id,))
    tx.ask(bank_call("note", ask.note_id))
    if ask.note_id == "bad":
        raise Duplicate("a bad note")
    return Shown(order_id=ask.note_id, state="noted", receipt=tx.mint("nt"))


def place_order(ask: PlaceOrder) -> Generator[Step, Any, Any]:
    """Reserve, be paid, confirm, have it brewed, finish; or give back what was taken."""
    yield Decide(reserve, ask)
    paid = yield Hear(bank_call("pay", ask.order_id))
    if paid.status != 200:
        yield Decide(cancel, ask)
        raise InsufficientFunds(f"the bank says {paid.status}")
    try:
        yield Decide(confirm, ask)
    except LimitExceeded:
        yield Hear(bank_call("refund", ask.order_id))
        yield Decide(cancel, ask)
        raise
    yield Hear(bank_call("brew", ask.order_id))
    return (yield Decide(finish, ask))


def bank_call(what: str, about: str) -> Call:
    """A call to the bank: its key says what it is for, so every repeat carries the same."""
    headers = {"x-idempotency-key": f"{what}-{about}"}
    target = f"/bank/about/{about}/{what}"
    return Call(to="bank", method="POST", target=target, headers=headers, body=b"{}")


def _change(tx: Tx, ask: PlaceOrder, state: str) -> Shown:
    order = tx.lock(Order, (ask.order_id,))
    assert order is not None
    return _told(tx, order.but(state=state))


def _told(tx: Tx, order: Order) -> Shown:
    tx.put(order)
    payload = SessionEnded(game_id=order.order_id, reason=order.state)
    tx.emit(Event(topic=f"order.{order.state}", payload=payload))
    return Shown(order_id=order.order_id, state=order.state, receipt=order.receipt)


# The bank ----------------------------------------------------------------------------------------

Act = Callable[["Bank", Call], Reply]


@dataclass
class Bank:
    """The other party. `script` says what becomes of its next calls; then it behaves."""

    script: deque[Act] = field(default_factory=deque)
    calls: list[Call] = field(default_factory=list)
    done: dict[str, Call] = field(default_factory=dict)
    """Key → the call that took effect; a repeat of it has none."""
    doors: asyncio.Event = field(default_factory=asyncio.Event)
    """While they are closed, calls arrive and nobody answers."""
    lets_in: int = 0
    """So many calls are answered through closed doors."""
    pauses: list[int] = field(default_factory=list)
    """Nanoseconds that the courier wanted to wait between two attempts."""

    def __post_init__(self) -> None:
        self.doors.set()

    @property
    def keys(self) -> list[str]:
        """What it was called for, in order."""
        return [call.headers["x-idempotency-key"] for call in self.calls]

    async def send(self, call: Call) -> Reply:
        """One attempt of one call."""
        self.calls.append(call)
        if len(self.calls) > self.lets_in:
            await self.doors.wait()
        return (self.script.popleft() if self.script else do)(self, call)

    async def sleep(self, pause_ns: int, /) -> None:
        """The courier's sleeper: takes note and returns."""
        self.pauses.append(pause_ns)
        await asyncio.sleep(0)


def do(bank: Bank, call: Call) -> Reply:
    """Once per key, however often it comes; another call under a known key is a mistake."""
    key = call.headers["x-idempotency-key"]
    assert bank.done.setdefault(key, call) == call
    return Reply(status=200, body=b'{"done": true}')


def do_and_cut(bank: Bank, call: Call) -> Reply:
    """Done, and what comes back is no answer of the contract."""
    do(bank, call)
    return Reply(status=502, body=b"<html>Bad Gate")


def do_not_send(_bank: Bank, _call: Call) -> Reply:
    """It never got there."""
    raise NotSent("connection refused")


def do_and_lose(bank: Bank, call: Call) -> Reply:
    """Done, and the caller cannot know it."""
    do(bank, call)
    raise ReplyLost("no answer")


def say(status: int, code: str, **headers: str) -> Act:
    """A refusal in the error model."""
    retryable = status in (425, 429, 500, 503)
    body = {"code": code, "message": "no", "retryable": retryable, "trace_id": "tr_bank"}
    reply = Reply(status=status, headers=headers, body=json.dumps(body).encode())
    return lambda _bank, _call: reply


# The party in a world ----------------------------------------------------------------------------


@dataclass
class Kiosk:
    """The party behind a server in this process."""

    box: Sandbox
    party: Party
    bank: Bank
    folder: Path

    async def order(self, order_id: str = "o-1", amount: int = 5, key: str = "k-1") -> Got:
        """Place an order."""
        body = {"order_id": order_id, "amount": amount}
        return await self.box.call("POST", "/toy/orders", body, key=key)

    async def note(self, note_id: str = "n-1", key: str = "k-1") -> Got:
        """Leave a note."""
        return await self.box.call("POST", "/toy/notes", {"note_id": note_id}, key=key)

    def orders(self) -> dict[str, str]:
        """Order → state, as committed."""
        return dict(self._rows("SELECT order_id, state FROM toy_order"))

    def tasks(self) -> dict[str, str]:
        """Operation → state of its (one) task, as committed."""
        return dict(self._rows("SELECT operation, state FROM task"))

    def topics(self) -> list[str]:
        """The topics of the events, as committed."""
        return [event["event_type"] for event in self.events()]

    def events(self) -> list[Any]:
        """The events, as committed."""
        rows = self._rows("SELECT event FROM op WHERE topic IS NOT NULL ORDER BY n")
        return [json.loads(event) for (event,) in rows]

    def power_cut(self) -> Path:
        """What is on the disk at this moment, in another folder."""
        to = self.folder / "cut"
        to.mkdir()
        for name in ("toy.db", "toy.db-wal"):
            shutil.copy(self.folder / name, to / name)
        return to

    def _rows(self, text: str) -> Any:
        return self.party.writer.unit.database.rows(text)


@asynccontextmanager
async def kiosk(folder: Path, bank: Bank | None = None) -> AsyncIterator[Kiosk]:
    """A kiosk that keeps its store in a folder, and takes up what it finds there."""
    bank = bank or Bank()
    async with sandbox() as box:
        unit = Unit(_database(folder), ROWS, box.world.clock)
        unit.rng = box.world.rng
        service = Service(
            Contract(written(folder)),
            {"leaveNote": (LeaveNote, leave_note)},
            {"placeOrder": (PlaceOrder, place_order)},
        )
        party = Party(
            PartyKind("toy", ("toy",), lambda _: [service], ROWS, ()),
            [service],
            Writer(unit, _broken),
            SqliteQueries(unit.database),
            bank,
            bank.sleep,
        )
        box.world.parties = {**box.world.parties, "toy": party}
        party.courier.wake()
        yield Kiosk(box, party, bank, folder)


async def until(true: Callable[[], bool]) -> None:
    """Wait for what goes on behind."""
    for _ in range(60_000):
        if true():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never came about")


def closed_bank(lets_in: int = 0) -> Bank:
    """A bank that does not answer until its doors are opened."""
    bank = Bank(lets_in=lets_in)
    bank.doors.clear()
    return bank


async def give_up(caller: "asyncio.Future[Got]") -> None:
    """The caller does not wait any longer."""
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)


def fill_the_disk_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next commit that has something to write fails, and surely did not happen."""
    commit = Database.commit

    def fail_once(self: Database) -> None:
        if not self.dirty:
            commit(self)
            return
        monkeypatch.setattr(Database, "commit", commit)
        self.rollback()
        raise StoreError("nothing was committed: the disk is full")

    monkeypatch.setattr(Database, "commit", fail_once)


def _broken(wrong: Exception) -> None:
    raise wrong


def _database(folder: Path) -> Database:
    folder.mkdir(exist_ok=True)
    schema = Path(simulator.__file__).with_name("store") / "schema.sql"
    return Database(folder / "toy.db", [schema.read_text(), SCHEMA])


def written(folder: Path) -> Path:
    """The kiosk's contract, as a file."""
    names = ("X-Trace-Id", "X-Brand-Id", "X-Region", "X-Provider-Id", "X-Idempotency-Key")
    text = {"schema": {"type": "string"}}
    headers = [{"name": name, "in": "header", **text} for name in names]
    paths = {
        f"/toy/{name}s": {"post": _operation(f"{verb}{name.title()}", headers, fields)}
        for verb, name, fields in (
            ("place", "order", {"order_id": {"type": "string"}, "amount": {"type": "integer"}}),
            ("leave", "note", {"note_id": {"type": "string"}}),
        )
    }
    path = folder / "toy.yaml"
    info = {"title": "toy", "version": "1.0.0"}
    path.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}))
    return path


def _operation(name: str, headers: list[Any], fields: dict[str, Any]) -> dict[str, Any]:
    def content(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
        schema = {"type": "object", "required": required, "properties": properties}
        return {"description": "…", "content": {"application/json": {"schema": schema}}}

    return {
        "operationId": name,
        "security": [{"oauth2": ["bets:write"]}],
        "parameters": headers,
        "requestBody": {**content(list(fields), fields), "required": True},
        "responses": {
            "200": content(["order_id", "state", "receipt"], {}),
            "default": content(["code", "message", "retryable", "trace_id"], {}),
        },
    }
