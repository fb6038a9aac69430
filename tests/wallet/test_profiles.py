"""Profiles: what real wallets disagree on, switch by switch, and the files that say it."""

import json
import re
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from simulator.base.errors import ConfigError
from simulator.settings import Settings
from simulator.wallet import profile as profiles
from simulator.wallet.profile import REFERENCE, SWITCHES, Profile, load, read
from simulator.wire.amounts import FORMATS
from simulator.wire.files import find
from simulator.world import Worlds
from tests import processes
from tests.server.tools import count, require_problem
from tests.support import CONTRACTS, Got, Sandbox
from tests.wallet.tools import eur, grant, pass_time, wallet
from tests.wallet.txns import (
    amounts,
    balance,
    body,
    credit,
    debit,
    money,
    no_money_moves,
    payout,
    reserve,
    rollback,
    send,
    transaction,
)

FILES = sorted(find("contracts", "profiles").glob("*.yaml"))
NAMES = [path.stem for path in FILES]


@pytest.fixture
def switched(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Opens a sandbox whose profile is the reference but for some switches."""

    @asynccontextmanager
    async def opened(**switches: Any) -> AsyncIterator[Sandbox]:
        made = msgspec.structs.replace(REFERENCE, **switches)
        monkeypatch.setattr("simulator.world.load_profile", lambda _: made)
        async with wallet() as box:
            yield box

    return opened


# The files ---------------------------------------------------------------------------------------


def test_the_reference_is_written_out_in_full() -> None:
    """Its file names every switch with the default that the code has, and each choice there is."""
    assert load("reference") == REFERENCE == Profile()
    text = find("contracts", "profiles", "reference.yaml").read_text()
    for name, choices in SWITCHES.items():
        line = next(line for line in text.splitlines() if line.startswith(f"{name}:"))
        chosen, _, comment = line.partition("#")
        assert chosen.split(":")[1].strip() == getattr(REFERENCE, name)
        assert tuple(word.strip() for word in comment.split("|")) == choices


def test_the_switches_are_those_of_the_rules() -> None:
    """The wallet's side of the table of profile switches, each with more than one choice."""
    assert {name: len(choices) for name, choices in SWITCHES.items()} == {
        "unknown_rollback": 3,
        "duplicate_answer": 3,
        "win_without_bet": 2,
        "settled_rollback": 3,
        "transaction_scope": 3,
        "reality_check": 2,
        "overdue_hold": 2,
        "money_format": 5,
    }
    assert set(FORMATS) == set(SWITCHES["money_format"])


def test_there_are_profiles_that_differ() -> None:
    """At least two beside the reference; together they differ from it in unknown rollback,
    duplicate answer, win without bet, id scope and money format."""
    assert {"reference", "strict-codes", "per-player"} <= set(NAMES)
    others = [load(name) for name in NAMES if name != "reference"]
    differing = {
        name
        for name in SWITCHES
        for other in others
        if getattr(other, name) != getattr(REFERENCE, name)
    }
    assert differing >= {
        "unknown_rollback",
        "duplicate_answer",
        "win_without_bet",
        "transaction_scope",
        "money_format",
    }


HEAD = "profile: mine\nabout: A test.\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEAD + "unknown_rolback: error\n",
            (
                "mine.yaml: 'unknown_rolback' is not 'unknown_rollback', .*; "
                "did you mean 'unknown_rollback'\\?"
            ),
        ),
        (
            HEAD + "unknown_rollback: not_fond\n",
            (
                "mine.yaml: unknown_rollback: 'not_fond' is not 'tombstone', 'not_found', 'error'; "
                "did you mean 'not_found'\\?"
            ),
        ),
        (HEAD + "duplicate_answer: true\n", "mine.yaml: duplicate_answer: 'True' is not 'same_"),
        (HEAD + "money_format: [1]\n", "mine.yaml: money_format: '\\[1\\]' is not"),
        (HEAD + "7: 8\n", "mine.yaml: '7' is not"),
        ("about: x\n", "mine.yaml: profile is missing"),
        ("profile: mine\n", "mine.yaml: about is missing"),
        ("profile: yours\nabout: x\n", "mine.yaml: profile: 'yours' is not the name of the file"),
        ("- a\n", "mine.yaml: a profile is a list of switches"),
        ("a: [\n", "mine.yaml is not YAML: .*line 2"),
    ],
)
def test_a_wrong_profile_says_what_would_be_right(text: str, message: str) -> None:
    """File, key, value, choices and the nearest word, on one line."""
    with pytest.raises(ConfigError) as refused:
        read("mine.yaml", text)
    assert re.match(message, str(refused.value)), refused.value
    assert "\n" not in str(refused.value)


def test_a_profile_may_leave_switches_out() -> None:
    """They are as the reference has them."""
    made = read("mine.yaml", HEAD + "transaction_scope: round\n")
    assert made == msgspec.structs.replace(REFERENCE, name="mine", transaction_scope="round")


def test_an_unknown_profile_stops_the_start() -> None:
    """With the names that there are and the nearest one."""
    with pytest.raises(ConfigError, match=r"--profile: 'per-playr' is not .*'per-player'\?"):
        Worlds(Settings(profile="per-playr"), CONTRACTS, lambda _: None)


@pytest.mark.parametrize("name", NAMES)
async def test_health_shows_the_profile(name: str) -> None:
    """Of every sandbox of the server, the ones made later too."""
    async with wallet(profile=name) as box:
        assert (await box.admin("GET", "/health")).json["profile"] == name
        await box.admin("POST", "/sandboxes", {"name": "ci-1"})
        other = Sandbox(box.app, box.worlds, "ci-1")
        assert (await other.admin("GET", "/health")).json["profile"] == name


def test_serve_takes_a_profile() -> None:
    """`playmoney serve --profile NAME` is a server of that profile."""
    with (
        processes.running("--profile", "strict-codes") as server,
        urllib.request.urlopen(f"{server.url}/__admin/health") as answer,
    ):
        assert json.load(answer)["profile"] == "strict-codes"


# The switches ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "status", "code"),
    [("tombstone", 200, ""), ("not_found", 404, "BET_NOT_FOUND"), ("error", 409, "INVALID_STATE")],
)
async def test_unknown_rollback(switched: Any, choice: str, status: int, code: str) -> None:
    """Done with a tombstone that bars the late debit, 404, or an error, and never a 5xx; where it
    was refused the late debit is taken, and the rollback sent again undoes it (WAL-42, WAL-45)."""
    async with switched(unknown_rollback=choice) as box:
        got = await rollback(box, key="k-1")
        assert (got.status, got.code) == (status, code)
        assert count(box, "txn") == (0 if code else 2)
        late = await debit(box)
        assert late.status == (200 if code else 409)
        assert (await rollback(box, key="k-2")).status == 200
        assert (await balance(box))["available"] == eur("1000.00")


@pytest.mark.parametrize(
    ("choice", "status", "code"),
    [("not_found", 404, "BET_NOT_FOUND"), ("error", 409, "INVALID_STATE")],
)
async def test_unknown_rollback_of_a_bet(
    switched: Any, choice: str, status: int, code: str
) -> None:
    """`/v1/bets` keeps the same switch: refused, and the late bet is taken (WAL-45)."""
    async with switched(unknown_rollback=choice) as box:
        require_problem(await box.rollback("b-1"), status, code)
        assert (await box.authorize(await box.session(), "b-1", 2)).status == 200
        assert (await box.rollback("b-1")).status == 200
        assert await box.balance() == (eur("1000.00"), eur("0.00"))


STAKES: dict[str, Callable[[Sandbox, int, str], Awaitable[Got]]] = {
    "bet": lambda box, n, session: box.authorize(session, f"b-{n}", 1),
    "debit": lambda box, n, session: debit(box, f"d-{n}", 1, session_id=session),
    "reserve": lambda box, n, session: reserve(box, f"h-{n}", 1, session_id=session),
}


@pytest.mark.parametrize("stake", STAKES)
@pytest.mark.parametrize(
    ("choice", "statuses"),
    [("until_acknowledged", [200, 403, 403, 403]), ("once", [200, 403, 200, 403])],
)
async def test_reality_check(switched: Any, choice: str, statuses: list[int], stake: str) -> None:
    """A due reality check blocks every stake until it is acknowledged, or the first one only, and
    is due again an interval later; the refused stake stays refused (WAL-65)."""
    place = STAKES[stake]
    async with switched(reality_check=choice) as box:
        session = await box.session(constraints={"rg_flags": {"reality_check_min": 20}})
        seen = [(await place(box, 0, session)).status]
        await pass_time(box, 20 * 60)
        seen += [(await place(box, n, session)).status for n in (1, 2)]
        await pass_time(box, 20 * 60)
        got = await place(box, 3, session)
        require_problem(got, 403, "RG_BLOCK")
        assert got.json["details"]["reason"] == "reality_check"
        assert [*seen, got.status] == statuses
        shown = await box.events(event_type="rg.reality_check")
        assert [event["payload"]["acknowledged"] for event in shown] == (
            [False, False] if choice == "once" else []
        )
        await box.call("POST", f"/v1/sessions/{session}/acknowledge")
        assert (await place(box, 4, session)).status == 200


async def test_duplicate_answer_same_body(switched: Any) -> None:
    """A repeat under a new key gets what the first call got, rollbacks too (WAL-08)."""
    async with switched(duplicate_answer="same_body") as box:
        first = await debit(box)
        await debit(box, "d-2")
        undone = await rollback(box, of="d-2")
        await debit(box, "d-3")
        assert (await debit(box)).body == first.body
        assert (await rollback(box, of="d-2")).body == undone.body


async def test_duplicate_answer_current_balance(switched: Any) -> None:
    """A repeat under a new key shows the balance of now; one under the same key is the same bytes
    all the same (WAL-08, PRV-30)."""
    async with switched(duplicate_answer="current_balance") as box:
        first = await debit(box, key="k-1")
        await debit(box, "d-2")
        again = await debit(box)
        assert (again.status, amounts(again.json)["available"]) == (200, eur("996.00"))
        assert (await debit(box, key="k-1")).body == first.body


async def test_duplicate_answer_duplicate_code(switched: Any) -> None:
    """A repeat under a new key is DUPLICATE with the first id, for a debit, a credit, a rollback
    and an item of a batch; nothing moves (WAL-08, WAL-62)."""
    async with switched(duplicate_answer="duplicate_code") as box:
        await debit(box, key="k-1")
        await credit(box, reason="promo", of=None)
        await debit(box, "d-2")
        await rollback(box, of="d-2")
        async with no_money_moves(box):
            for again in (
                await debit(box),
                await credit(box, reason="promo", of=None),
                await rollback(box, of="d-2"),
            ):
                require_problem(again, 409, "DUPLICATE")
                first = again.json["details"]["first_transaction_id"]
                assert first == again.json["details"]["transaction_id"]
            items = {"items": [{"debit": body("d-1", amount=money("2.00"))}]}
            (item,) = (await send(box, "batch", items)).json["items"]
            assert item["error"]["code"] == "DUPLICATE"
            assert (await debit(box, key="k-1")).status == 200


async def test_win_without_bet_as_promo(switched: Any) -> None:
    """It is paid, as a promo: no round has won it, and no round is opened by it (WAL-24)."""
    async with switched(win_without_bet="promo") as box:
        assert (await credit(box, of="d-9")).status == 200
        assert (await transaction(box, "c-1"))["reason"] == "promo"
        require_problem(await box.call("GET", "/v1/rounds/r-1"), 404, "NOT_FOUND")
        await debit(box)
        assert (await credit(box, "c-2")).status == 200
        assert (await transaction(box, "c-2"))["reason"] == "win"
        again = await credit(box, of="d-9")
        assert again.status == 200, "a repeat of what became a promo is a repeat"
        assert (await balance(box))["available"] == eur("1008.00")


async def test_settled_rollback_if_funds_cover(switched: Any) -> None:
    """A settled debit comes back, a win is taken back as long as the money is there; what the
    player has spent is not (WAL-47)."""
    async with switched(settled_rollback="if_funds_cover") as box:
        await debit(box, amount="1.00", player="p_poor")
        await credit(box, player="p_poor")
        assert (await rollback(box, "x-1", of="d-1", player="p_poor")).status == 200
        await debit(box, "d-2", "2.00", player="p_poor")
        async with no_money_moves(box):
            got = await rollback(box, "x-2", of="c-1", player="p_poor")
            require_problem(got, 422, "INSUFFICIENT_FUNDS")
        assert (await rollback(box, "x-3", of="d-2", player="p_poor")).status == 200
        for name in ("x-4", "x-5"):
            assert (await rollback(box, name, of="c-1", player="p_poor")).status == 200
        assert (await balance(box, "p_poor"))["available"] == eur("1.00")


async def test_settled_rollback_below_zero(switched: Any) -> None:
    """A win that the player has spent is taken back all the same: the balance is below zero, in
    every answer; no stake is taken until it is above, wins and deposits land (WAL-11, WAL-47)."""
    async with switched(settled_rollback="negative_allowed") as box:
        await debit(box, amount="1.00", player="p_poor")
        await credit(box, player="p_poor")
        await debit(box, "d-2", "4.00", player="p_poor")
        got = await rollback(box, of="c-1", player="p_poor")
        assert (got.status, amounts(got.json)["available"]) == (200, eur("-4.00"))
        assert await balance(box, "p_poor") == amounts(got.json)
        assert await box.balance("p_poor") == (eur("-4.00"), eur("0.00"))
        async with no_money_moves(box):
            for amount in ("0.01", "4.00"):
                got = await debit(box, "d-3", amount, player="p_poor")
                require_problem(got, 422, "INSUFFICIENT_FUNDS")
        assert (await rollback(box, "x-9", of="c-1", player="p_poor")).status == 200
        payment = {"payment_id": "p-1", "amount": money(5)}
        assert (await box.admin("POST", "/players/p_poor/fund", payment)).status == 200
        assert (await debit(box, "d-4", "1.00", player="p_poor")).status == 200
        require_problem(await debit(box, "d-5", "0.01", player="p_poor"), 422, "INSUFFICIENT_FUNDS")


async def test_bonus_money_does_not_hide_what_is_owed(switched: Any) -> None:
    """What can be staked is the sum of both buckets: 10.00 of bonus less 4.00 that are owed, and
    the stake is bonus money; nothing is still a stake (WAL-05, WAL-11, WAL-40)."""
    async with switched(settled_rollback="negative_allowed") as box:
        await debit(box, amount="1.00", player="p_poor")
        await credit(box, player="p_poor")
        await debit(box, "d-2", "4.00", player="p_poor")
        await rollback(box, of="c-1", player="p_poor")
        assert (await debit(box, "d-0", 0, player="p_poor")).status == 200
        await grant(box, "p_poor", 10)
        require_problem(await debit(box, "d-3", "6.01", player="p_poor"), 422, "INSUFFICIENT_FUNDS")
        got = await debit(box, "d-4", "6.00", player="p_poor")
        assert (amounts(got.json)["cash"], amounts(got.json)["bonus"]) == (
            eur("-4.00"),
            eur("4.00"),
        )


@pytest.mark.parametrize("scope", ["player", "round"])
async def test_transaction_scope(switched: Any, scope: str) -> None:
    """One id is one transaction of a player, or of a round: another's is served, the same one's is
    a repeat; and a read says whose it means (WAL-09)."""
    other = {"player": "p_kay"} if scope == "player" else {"player": "p_19f3"}
    async with switched(transaction_scope=scope) as box:
        made = {"player_id": "p_kay", "currency": "EUR", "cash": 50}
        assert (await box.admin("POST", "/players", made)).status == 201
        assert (await debit(box)).status == 200
        assert (await debit(box, round_id="r-2", **other)).status == 200
        assert (await rollback(box, round_id="r-2", **other)).status == 200
        async with no_money_moves(box):
            assert (await debit(box)).status == 200
            require_problem(await debit(box, amount="3.00"), 409, "DUPLICATE")
        path = "/v1/wallet/transactions/d-1"
        require_problem(await box.call("GET", path), 400, "VALIDATION_FAILED")
        query = "player_id=p_19f3" if scope == "player" else "round_id=r-1"
        assert (await box.call("GET", f"{path}?{query}")).json["status"] == "ok"
        away = "player_id=p_kay" if scope == "player" else "round_id=r-2"
        assert (await box.call("GET", f"{path}?{away}")).json["status"] == "rolled_back"


WRITTEN: dict[str, tuple[str, Any, Any, Any]] = {
    "decimal_number": ("EUR", Decimal("2.00"), Decimal("998.00"), Decimal("2.001")),
    "decimal_string": ("EUR", "2.00", "998.00", "2.001"),
    "integer_minor": ("EUR", 200, 99_800, Decimal("200.5")),
    "millionths": ("EUR", 2_000_000, 998_000_000, 2_000_001),
    "hundred_thousandths": ("EUR", 200_000, 99_800_000, 200_001),
}
"""Format → currency, a stake of 2.00 and what is left of 1000.00, and what is finer than a cent."""


@pytest.mark.parametrize("choice", WRITTEN)
async def test_money_format(switched: Any, choice: str) -> None:
    """Requests and answers, refusals too, are written so; what is finer than the currency is
    refused and not rounded, and so is any other format. `/v1/bets` stays as its contract has it
    (PRV-03)."""
    currency, stake, left, fine = WRITTEN[choice]
    async with switched(money_format=choice) as box:

        def sent(amount: Any) -> Any:
            return body("d-1", amount={"amount": amount, "currency": currency})

        got = await send(box, "debit", sent(stake))
        assert got.status == 200, got.body
        assert got.json["balance"]["available"] == {"amount": left, "currency": currency}
        wrong = [fine, *(w[1] for name, w in WRITTEN.items() if _alien(choice, name))]
        async with no_money_moves(box):
            for amount in wrong:
                refused = await send(box, "debit", {**sent(amount), "transaction_id": "d-9"})
                require_problem(refused, 400, "VALIDATION_FAILED")
                assert "amount" in refused.json["details"]["errors"][0]["field"]
        shown = (await box.call("GET", "/v1/wallet/transactions/d-1")).json["amount"]["amount"]
        assert shown == stake
        assert type(shown) is type(stake)
        listed = (await box.call("GET", "/v1/wallet/transactions")).json["items"][0]
        assert listed["amount"]["amount"] == stake
        poor = await send(
            box,
            "debit",
            {**sent(stake), "player_id": "p_poor", "round_id": "r-2", "transaction_id": "d-2"},
        )
        told = poor.json["details"]["balance"]["available"]["amount"]
        assert type(told) is type(left)
        assert await box.balance() == (Decimal("998.00"), Decimal("0.00"))


def _alien(choice: str, other: str) -> bool:
    """True where a stake written in the other format is no amount in this one."""
    numbers = {"decimal_number", "integer_minor", "millionths", "hundred_thousandths"}
    if other == choice:
        return False
    return "decimal_string" in (choice, other) and {choice, other} - numbers != set()


@pytest.mark.parametrize(
    ("currency", "player", "amount"),
    [("JPY", "p_jpy", 150), ("KWD", "p_kwd", 1_500), ("EUR", "p_19f3", 150)],
)
async def test_minor_units_are_the_currencys_own(
    switched: Any, currency: str, player: str, amount: int
) -> None:
    """150 is 150 yen, 1.50 euros, and 1500 is 1.500 dinars (PRV-03)."""
    async with switched(money_format="integer_minor") as box:
        sent = body("d-1", player=player, amount={"amount": amount, "currency": currency})
        assert (await send(box, "debit", sent)).status == 200
        shown = (await box.call("GET", "/v1/wallet/transactions/d-1")).json["amount"]
        assert shown == {"amount": amount, "currency": currency}


async def test_a_key_is_bound_to_the_amount_and_not_to_its_format(switched: Any) -> None:
    """ "2.0" and "2.00" are one amount, in a jackpot's body and in a batch as well (PRV-31)."""
    async with switched(money_format="decimal_string") as box:
        for what, sent in (
            ("debit", lambda text: body("d-1", amount={"amount": text, "currency": "EUR"})),
            ("credit", lambda text: payout() | {"amount": {"amount": text, "currency": "EUR"}}),
        ):
            first = await send(box, what, sent("2.00"), key="k-1")
            assert first.status == 200, first.body
            again = await send(box, what, sent("2.0"), key="k-1")
            assert (again.body, again.replayed) == (first.body, True)


def test_profiles_are_known_by_nothing_but_the_decisions() -> None:
    """A decision is given its profile; none is kept in a module but the reference."""
    assert [name for name, value in vars(profiles).items() if isinstance(value, Profile)] == [
        "REFERENCE"
    ]
