"""A world of several parties: each has a store of its own, and they talk over the wire (SBX-04).

The second party here is a shop whose orders are paid by debits of the wallet; it is registered as
one table entry, as every party is.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simulator.adapters.transport import NotSent, ReplyLost
from simulator.base.errors import ConfigError, InsufficientFunds
from simulator.ledger.reconcile import Law
from simulator.parties import PARTIES, WALLET
from simulator.server.kind import PartyKind, Setup
from simulator.server.routes import Service
from simulator.settings import Target
from simulator.store.flow import Decide, Hear, Step
from simulator.store.rows import Fact, Op, Task
from simulator.store.sqlite import Database
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from simulator.wire.contract import Contract
from tests import processes
from tests.server.tools import require_problem
from tests.server.toy_party import (
    SCHEMA,
    LeaveNote,
    Order,
    PlaceOrder,
    cancel,
    finish,
    leave_note,
    reserve,
    until,
    written,
)
from tests.support import BRAND_42, CONTRACTS, Got, Sandbox, sandbox


def buy(ask: PlaceOrder) -> Generator[Step, Any, Any]:
    """Reserve, be paid by the wallet, finish; or cancel where it refuses."""
    yield Decide(reserve, ask)
    body = {
        "player_id": "p_19f3",
        "round_id": ask.order_id,
        "transaction_id": ask.order_id,
        "amount": {"amount": Decimal(ask.amount), "currency": "EUR"},
        "game_id": "studio:slot_forge_02",
    }
    headers = {
        **BRAND_42,
        "X-Trace-Id": "tr_shop",
        "X-Idempotency-Key": f"debit-{ask.order_id}",
        "Content-Type": "application/json",
    }
    call = Call(
        to="wallet",
        method="POST",
        target="/v1/wallet/debit",
        headers=headers,
        body=json.encode(body),
    )
    paid = yield Hear(call)
    if paid.status != 200:
        yield Decide(cancel, ask)
        raise InsufficientFunds(f"the wallet says {paid.status}")
    return (yield Decide(finish, ask))


def _services(setup: Setup) -> Sequence[Service]:
    contract = setup.contracts["toy"]
    return [
        Service(contract, {"leaveNote": (LeaveNote, leave_note)}, {"placeOrder": (PlaceOrder, buy)})
    ]


@pytest.fixture
def shop(tmp_path: Path) -> PartyKind:
    """The table entry of the shop."""
    schema = tmp_path / "shop.sql"
    schema.write_text(SCHEMA)
    return PartyKind(
        name="shop",
        contracts=("toy",),
        services=_services,
        rows=(Op, Task, Fact, Order),
        schemas=("store/schema.sql", str(schema)),
        laws=(Law("no order is cheap", "SELECT order_id, amount FROM toy_order WHERE amount < 2"),),
        counted=("orders=toy_order",),
    )


@asynccontextmanager
async def world(
    shop: PartyKind, tmp_path: Path, data: Path | None = None, **settings: Any
) -> AsyncIterator[Sandbox]:
    """A server whose worlds have the shop besides their own parties."""
    contracts = {**CONTRACTS, "toy": Contract(written(tmp_path))}
    async with sandbox(
        data, contracts=contracts, kinds=(*PARTIES, shop), sleep=no_sleep, **settings
    ) as box:
        yield box


async def no_sleep(_pause_ns: int, /) -> None:
    """A world in which waiting takes no time would spin here: nothing in these tests waits."""
    raise AssertionError("a call was not answered at once")


async def order(box: Sandbox, order_id: str, amount: int = 5) -> Got:
    body = {"order_id": order_id, "amount": amount}
    return await box.call("POST", "/toy/orders", body, key=f"order-{order_id}")


def orders(box: Sandbox) -> list[tuple[str, str]]:
    rows = database(box).rows("SELECT order_id, state FROM toy_order ORDER BY n")
    return [(str(order_id), str(state)) for order_id, state in rows]


def database(box: Sandbox, party: str = "shop") -> Database:
    return box.world.parties[party].writer.unit.database


def facts(box: Sandbox, party: str) -> dict[str, str]:
    rows = database(box, party).rows("SELECT name, value FROM fact")
    return {name: value for name, value in rows if not name.startswith("setting.")}


# Over the wire -----------------------------------------------------------------------------------


async def test_a_party_calls_another_over_the_wire(shop: PartyKind, tmp_path: Path) -> None:
    """An order debits the player in the wallet, authenticated as the shop; a refusal of the wallet
    ends the order; each party's books are sound and say so by name (SBX-04, SBX-11)."""
    async with world(shop, tmp_path) as box:
        assert (await order(box, "o-1")).json["state"] == "finished"
        assert (await order(box, "o-1")).replayed
        assert (await box.balance())[0] == Decimal("995.00")
        require_problem(await order(box, "o-2", 2_000), 422, "INSUFFICIENT_FUNDS")
        assert orders(box) == [("o-1", "finished"), ("o-2", "cancelled")]
        clients = {op[0] for op in database(box, "wallet").rows("SELECT client FROM op")}
        assert "playmoney-shop" in clients
        found = (await box.admin("GET", "/reconcile")).json
        assert found["sound"]
        assert found["checked"]["shop.orders"] == 2
        heads = (await box.admin("GET", "/audit")).json["heads"]
        assert set(heads) == {kind.name for kind in PARTIES} | {"shop"}
        await box.require_sound()


async def test_each_sandbox_has_parties_of_its_own(shop: PartyKind, tmp_path: Path) -> None:
    """What a shop of one world orders is paid by the player of that world (SBX-04)."""
    async with world(shop, tmp_path) as box:
        await box.admin("POST", "/sandboxes", {"name": "ci-1"})
        other = Sandbox(box.app, box.worlds, "ci-1")
        assert (await order(other, "o-1", 7)).status == 200
        assert (await other.balance())[0] == Decimal("993.00")
        assert (await box.balance())[0] == Decimal("1000.00")
        assert orders(box) == []


async def test_a_wire_gets_a_new_token_when_the_old_one_ends(
    shop: PartyKind, tmp_path: Path
) -> None:
    """Whether the clock has moved beyond a token's life or a reset has made the authority anew, the
    next call is answered (PRV-10)."""
    async with world(shop, tmp_path) as box:
        assert (await order(box, "o-1")).status == 200
        await box.admin("POST", "/clock/advance", {"by_ms": 3_600_000})
        box.tokens.clear()
        assert (await order(box, "o-2")).status == 200
        await box.admin("POST", "/reset", {"seed": 9})
        box.tokens.clear()
        assert (await order(box, "o-1")).status == 200


async def test_an_ended_world_sends_nothing_into_the_next(
    shop: PartyKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flow that waits for another party while the world is reset is answered 503, and its call
    never reaches the world that has taken the name (SBX-04)."""
    async with world(shop, tmp_path) as box:
        wire, waits = box.world.parties["shop"].courier._outgoing, asyncio.Event()

        async def lose(_call: Call) -> Reply:
            raise ReplyLost("no answer")

        async def pause(_pause_ns: int, /) -> None:
            waits.set()
            while box.world.parties["shop"].courier._outgoing is wire:
                await asyncio.sleep(0)

        courier = box.world.parties["shop"].courier
        monkeypatch.setattr(wire, "send", lose)
        monkeypatch.setattr(courier, "_sleep", pause)
        ordered = asyncio.ensure_future(order(box, "o-1"))
        await waits.wait()
        monkeypatch.undo()
        assert (await box.admin("POST", "/reset")).status == 200
        require_problem(await ordered, 503, "UNAVAILABLE")
        assert (await box.balance())[0] == Decimal("1000.00")
        with pytest.raises(NotSent, match="this world has ended"):
            await wire.send(Call(to="wallet", method="GET", target="/v1/players/p_19f3"))


# Kept --------------------------------------------------------------------------------------------


async def test_every_party_is_kept_in_a_file_of_its_own(shop: PartyKind, tmp_path: Path) -> None:
    """After a restart each goes on where it was, on the same seed; the file of one holds nothing of
    the other (SBX-04)."""
    data = tmp_path / "world"
    async with world(shop, tmp_path, data, seed=5) as box:
        assert (await order(box, "o-1")).status == 200
        await box.admin("PUT", "/seed", {"seed": 8})
    assert {path.name for path in data.glob("*.db")} >= {"wallet.db", "shop.db"}
    async with world(shop, tmp_path, data) as box:
        assert orders(box) == [("o-1", "finished")]
        assert facts(box, "shop")["seed"] == facts(box, "wallet")["seed"] == "8"
        assert facts(box, "shop")["made_with"] == "5"
        tables = {name for (name,) in database(box).rows("SELECT name FROM sqlite_schema")}
        assert "toy_order" in tables
        assert "player" not in tables
        await box.require_sound()


async def test_a_party_that_is_new_joins_an_old_folder(shop: PartyKind, tmp_path: Path) -> None:
    """A folder made without it is opened with it: the wallet is as it was, the newcomer on the same
    seed (SBX-04)."""
    data = tmp_path / "world"
    async with sandbox(data, seed=5) as box:
        await box.authorize(await box.session(), "b-1", 2)
        await box.admin("PUT", "/seed", {"seed": 8})
    async with world(shop, tmp_path, data) as box:
        assert (await box.call("GET", "/v1/bets/b-1")).status == 200
        mine = facts(box, "shop")
        assert (mine["made_with"], mine["first_seed"], mine["seed"]) == ("5", "5", "8")


async def test_a_reset_empties_every_party(shop: PartyKind, tmp_path: Path) -> None:
    """No order is left, nor is the payment of it, now and after a restart (SBX-04)."""
    data = tmp_path / "world"
    async with world(shop, tmp_path, data) as box:
        await order(box, "o-1")
        assert (await box.admin("POST", "/reset", {"seed": 7})).status == 200
        assert orders(box) == []
        box.tokens.clear()
        assert (await order(box, "o-1")).status == 200
    async with world(shop, tmp_path, data) as box:
        assert orders(box) == [("o-1", "finished")]
        assert facts(box, "shop")["seed"] == facts(box, "wallet")["seed"] == "7"
        await box.require_sound()


async def test_a_crash_in_a_reset_leaves_one_world(shop: PartyKind, tmp_path: Path) -> None:
    """The power fails when the wallet was made anew and the shop not yet: nobody goes on with
    orders that were paid in a world that is gone (SBX-04)."""
    data = tmp_path / "world"
    async with world(shop, tmp_path, data) as box:
        await order(box, "o-1")
    before = tmp_path / "before"
    shutil.copytree(data, before)
    async with world(shop, tmp_path, data) as box:
        await box.admin("POST", "/reset")
    shutil.copy(before / "shop.db", data / "shop.db")
    async with world(shop, tmp_path, data) as box:
        assert (await box.balance())[0] == Decimal("1000.00")
        assert orders(box) == []
        assert (await order(box, "o-1")).status == 200
        await box.require_sound()


async def test_a_store_without_its_leader_is_not_taken_up(shop: PartyKind, tmp_path: Path) -> None:
    """Where the wallet's file was taken away, the others' belong to no world: all begin anew."""
    data = tmp_path / "world"
    async with world(shop, tmp_path, data) as box:
        await order(box, "o-1")
    (data / "wallet.db").unlink()
    async with world(shop, tmp_path, data) as box:
        assert orders(box) == []


async def test_what_waits_for_a_party_is_sent_after_a_restart(
    shop: PartyKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder copied while an order waits for its payment: the next server finishes it, and the
    wallet is debited once (WAL-72)."""
    data, left = tmp_path / "world", tmp_path / "left"
    async with world(shop, tmp_path, data) as box:
        party = box.world.parties["shop"]
        wire = party.courier._outgoing
        real = wire.send

        async def send(call: Call) -> Reply:
            left.mkdir()
            for path in data.glob("*.db*"):
                shutil.copy(path, left / path.name)
            return await real(call)

        monkeypatch.setattr(wire, "send", send)
        assert (await order(box, "o-1")).status == 200
    async with world(shop, tmp_path, left) as box:
        await until(lambda: orders(box) == [("o-1", "finished")])
        assert (await box.balance())[0] == Decimal("995.00")
        await box.require_sound()


# What is wrong is named --------------------------------------------------------------------------


async def test_a_broken_law_names_its_party(shop: PartyKind, tmp_path: Path) -> None:
    """A party's own law is asked by the reconciliation of the world (SBX-11)."""
    async with world(shop, tmp_path) as box:
        assert (await order(box, "o-1", 1)).status == 200
        found = (await box.admin("GET", "/reconcile")).json
        assert not found["sound"]
        assert found["breaks"] == [
            {"law": "no order is cheap", "where": "o-1", "message": "1", "party": "shop"}
        ]


async def test_a_row_that_was_changed_names_its_party(shop: PartyKind, tmp_path: Path) -> None:
    """Every party's rows are held against a chain of their own (QLT-05)."""
    async with world(shop, tmp_path) as box:
        assert (await order(box, "o-1")).status == 200
        database(box).writer.execute("UPDATE toy_order SET amount = 6")
        found = (await box.admin("GET", "/audit")).json
        assert not found["sound"]
        assert (found["first_bad"]["party"], found["first_bad"]["table"]) == ("shop", "toy_order")


# Targets -----------------------------------------------------------------------------------------


async def test_a_party_can_be_somebody_elses(shop: PartyKind, tmp_path: Path) -> None:
    """With `--target wallet=http://…` the shop debits there, over sockets, and not here."""
    with processes.running("--strict") as server:
        url = server.url.replace("://", "://studio-demo:studio-demo-secret@")
        target = Target.parse(f"wallet={url}")
        async with world(shop, tmp_path, targets={"wallet": target}) as box:
            assert (await order(box, "o-1")).json["state"] == "finished"
            assert (await box.balance())[0] == Decimal("1000.00")
            wire = box.world.parties["shop"].courier._outgoing
            there = await wire.send(
                Call(
                    to="wallet",
                    method="GET",
                    target="/v1/players/p_19f3",
                    headers={**BRAND_42, "X-Trace-Id": "tr_look"},
                )
            )
            assert json.decode(there.body)["available"]["amount"] == Decimal("995.00")


async def test_a_target_that_is_no_party_stops_the_start(shop: PartyKind, tmp_path: Path) -> None:
    """A misspelt party would otherwise be called here, unnoticed."""
    with pytest.raises(ConfigError, match="did you mean 'wallet'"):
        async with world(shop, tmp_path, targets={"walet": Target("walet", "http://h")}):
            pass


def test_the_wallet_leads(shop: PartyKind) -> None:
    """Its store says which world it is; and no two parties share a name or a contract."""
    assert PARTIES[0] is WALLET
    assert len({kind.name for kind in PARTIES}) == len(PARTIES)
    contracts = [name for kind in PARTIES for name in kind.contracts]
    assert len(set(contracts)) == len(contracts)
    assert replace(shop, name="other").contracts == shop.contracts
