"""The contract against a target: what it allows, what it forbids, and every answer that was met."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from simulator.certify import linked
from simulator.certify.checks.table import CHECKS
from simulator.certify.config import Config, Player
from simulator.certify.contract import Contract, document
from simulator.certify.exchange import Answer, Ask, Exchange
from simulator.certify.profile import Profile
from simulator.certify.roles.table import DRIVES
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.wires.asgi import AsgiWire
from simulator.reports.verdicts import happenings as h

CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "A till", "version": "1"},
    "paths": {
        "/pay": {
            "post": {
                "operationId": "pay",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["cents"],
                                "properties": {"cents": {"type": "integer", "minimum": 0}},
                            }
                        }
                    },
                },
                "responses": {
                    "200": {
                        "description": "Paid.",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["paid"],
                                    "properties": {"paid": {"type": "integer"}},
                                    "additionalProperties": False,
                                }
                            }
                        },
                    },
                    "400": {"description": "No.", "content": {"application/json": {}}},
                },
            }
        }
    },
}

REFUSED = 400, b'{"code":"VALIDATION_FAILED"}'


class Till:
    """Keeps its contract, and tells more than it says."""

    kind = b"application/json"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = (await receive()).get("body", b"")
        if "balance" in scope["path"]:
            status, body = 200, b'{"balance":{"available":{"amount":1.00,"currency":"EUR"}}}'
        else:
            status, body = self.pay(raw)
        headers = [(b"content-type", self.kind), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def pay(self, raw: bytes) -> tuple[int, bytes]:
        try:
            cents = json.loads(raw)["cents"]
        except (ValueError, TypeError, LookupError):
            return self.no()
        if isinstance(cents, float) and cents.is_integer():
            cents = int(cents)
        if isinstance(cents, bool) or not isinstance(cents, int) or cents < 0:
            return self.no()
        return self.yes(cents)

    def yes(self, cents: int) -> tuple[int, bytes]:
        return 200, b'{"paid":1,"and":"thanks"}'

    def no(self) -> tuple[int, bytes]:
        return REFUSED


class FallsOver(Till):
    def yes(self, cents: int) -> tuple[int, bytes]:
        return (500, b"{}") if cents == 0 else super().yes(cents)


class SaysHtml(Till):
    kind = b"text/html"


class OwnStatus(Till):
    def yes(self, cents: int) -> tuple[int, bytes]:
        return 206, b'{"paid":1}'


class PaidIsText(Till):
    def yes(self, cents: int) -> tuple[int, bytes]:
        return 200, b'{"paid":"1"}'


class PaidIsMissing(Till):
    def yes(self, cents: int) -> tuple[int, bytes]:
        return 200, b"{}"


class TakesAnything(Till):
    def no(self) -> tuple[int, bytes]:
        return 200, b'{"paid":1}'


class FallsOverBadBodies(Till):
    def no(self) -> tuple[int, bytes]:
        return 500, b"{}"


def one_of(method: str, name: str, schema: Any = None, **links: Any) -> dict[str, Any]:
    """An operation on a slip, which answers one."""
    slip = {"type": "object", "required": ["slip_id"], "properties": TEXT}
    answer = {"description": "A slip.", "content": {"application/json": {"schema": slip}}}
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    here = {"name": "slip_id", "in": "path", "required": True, "schema": TEXT["slip_id"]}
    return {
        method: {
            "operationId": name,
            **({"requestBody": body} if schema else {"parameters": [here]}),
            "responses": {
                "200": {**answer, "links": links},
                **{status: {"description": "No."} for status in ("400", "404", "409")},
            },
        }
    }


TEXT: dict[str, Any] = {"slip_id": {"type": "string", "pattern": "^[a-z0-9-]{1,64}$"}}
NEXT = {
    name: {"operationId": name, "parameters": {"slip_id": "$response.body#/slip_id"}}
    for name in ("read", "tear")
}
SLIPS = {
    **CONTRACT,
    "paths": {
        "/slips": one_of(
            "post", "write", {"type": "object", "required": ["slip_id"], "properties": TEXT}, **NEXT
        ),
        "/slips/{slip_id}": one_of("get", "read"),
        "/slips/{slip_id}/tear": one_of("post", "tear", **NEXT),
    },
}
"""Slips are written, read and torn; each operation alone finds nothing."""


class Slips:
    """Keeps its contract in every state."""

    def __init__(self) -> None:
        self.torn: dict[str, bool] = {}
        self.asked: list[tuple[str, str, bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = (await receive()).get("body", b"")
        self.asked.append((scope["method"], scope["path"], raw))
        status, slip = self.answer(scope["method"], scope["path"].split("/")[2:], raw)
        body = b"{}" if status != 200 else json.dumps({"slip_id": slip}).encode()
        if "balance" in scope["path"]:
            status, body = 200, b'{"balance":{"available":{"amount":1.00,"currency":"EUR"}}}'
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def answer(self, method: str, parts: list[str], raw: bytes) -> tuple[int, str]:
        if not parts:
            slip = json.loads(raw)["slip_id"]
            fresh = slip not in self.torn
            self.torn.setdefault(slip, False)
            return (200 if fresh else 409), slip
        slip = parts[0]
        if slip not in self.torn:
            return 404, slip
        if method == "GET":
            return self.read(slip), slip
        return self.tear(slip), slip

    def read(self, slip: str) -> int:
        return 200

    def tear(self, slip: str) -> int:
        done, self.torn[slip] = self.torn[slip], True
        return 409 if done else 200


class FallsOverTorn(Slips):
    """What was torn cannot be read any more."""

    def read(self, slip: str) -> int:
        return 500 if self.torn[slip] else 200


class LosesTorn(Slips):
    """What was torn is not found any more, though it was there and says nothing of the kind."""

    def read(self, slip: str) -> int:
        return 404 if self.torn[slip] else 200


def ended(app: Any, word: str, tmp_path: Path, contract: Any = CONTRACT) -> h.CheckEnded:
    """The verdict of one check of the wallet's suite, by a contract of the target's own."""
    file = tmp_path / "till.json"
    file.write_text(json.dumps(contract), "utf-8")
    config = Config(auth="headers", players={"rich": Player(id="p_1")})
    target = Target(AsgiWire(app), config, Profile(), 7, "till", openapi=str(file))

    async def main() -> h.CheckEnded:
        check = next(one for one in CHECKS if one.id == f"wallet.contract.{word}")
        drive = DRIVES["wallet"](target, check, target.credentials())
        verdict, why = "pass", ""
        try:
            await check.drive(drive)
        except Exception as wrong:
            verdict, why = type(wrong).__name__, str(wrong)
        await target.wire.close()
        assert drive.judged
        return h.CheckEnded(
            check=check.id, rules=[], category="", about="", verdict="fail" if why else "pass",
            why=f"{verdict}: {why}", accepted="", blind="", clauses=[], took_ms=0, replay="",
            exchanges=[],
        )  # fmt: skip

    return asyncio.run(main())


@pytest.mark.parametrize("word", ["positive", "negative"])
def test_a_system_that_tells_more_than_its_contract_keeps_it(word: str, tmp_path: Path) -> None:
    """No false alarm: further fields in an answer are the target's own business (WAL-17)."""
    found = ended(Till(), word, tmp_path)
    assert found.verdict == "pass", found.why


@pytest.mark.parametrize(
    ("app", "word", "said"),
    [
        (FallsOver, "positive", "never a 5xx"),
        (SaysHtml, "positive", "content-type"),
        (OwnStatus, "positive", "206"),
        (PaidIsText, "positive", "paid"),
        (PaidIsMissing, "positive", "paid"),
        (TakesAnything, "negative", "has to be refused"),
        (FallsOverBadBodies, "negative", "never a 5xx"),
    ],
)
def test_a_system_that_breaks_its_contract_is_found(
    app: Any, word: str, said: str, tmp_path: Path
) -> None:
    """PRV-64, WAL-77: status, type and body are documented, what is bad is refused, nothing is a
    500; each by the target's own document."""
    found = ended(app(), word, tmp_path)
    assert found.why.startswith("Broken"), found.why
    assert said.lower() in found.why.lower()


@pytest.mark.parametrize("app", [Slips, FallsOverTorn, LosesTorn])
def test_what_fails_only_in_a_sequence_is_not_seen_by_single_requests(
    app: Any, tmp_path: Path
) -> None:
    """The negative control: each operation alone keeps its contract in all of them."""
    found = ended(app(), "positive", tmp_path, SLIPS)
    assert found.verdict == "pass", found.why


def test_a_sequence_along_links_finds_what_single_requests_cannot(tmp_path: Path) -> None:
    """PRV-64: the links of the contract are followed, and the shortest way that failed is told."""
    found = ended(FallsOverTorn(), "stateful", tmp_path, SLIPS)
    assert found.why.startswith("Broken: after 3 steps: never a 5xx"), found.why
    written, torn, read = found.why.splitlines()[1:]
    assert ("POST /slips" in written, "/tear" in torn, "GET" in read) == (True, True, True)


def test_what_was_just_made_has_to_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PRV-64: a read that a link leads to finds what its answer told of."""
    monkeypatch.setattr(linked, "SIMPLER", 1)
    found = ended(LosesTorn(), "stateful", tmp_path, SLIPS)
    assert "what was just made has to be found" in found.why, found.why


def test_links_are_followed_by_seed_and_a_right_system_passes(tmp_path: Path) -> None:
    """SBX-08: no false alarm, states that no single request brings about, and the same bytes for
    the same seed and run."""
    apps = Slips(), Slips()
    for app in apps:
        assert ended(app, "stateful", tmp_path, SLIPS).verdict == "pass"
    first, again = (app.asked for app in apps)
    assert first == again
    assert sum(path.endswith("/tear") for _, path, _ in first) > 5
    assert any(apps[0].torn.values())


def test_without_links_they_are_inferred(tmp_path: Path) -> None:
    """A contract of the target's own seldom has links; what they would say is found by names. Ids
    of its own form are drawn as it has them."""
    bare = json.loads(json.dumps(SLIPS).replace("[a-z0-9-]{1,64}", "[a-z]{1,8}"))
    for path in bare["paths"].values():
        for operation in path.values():
            del operation["responses"]["200"]["links"]
    app = Slips()
    found = ended(app, "stateful", tmp_path, bare)
    assert found.verdict == "pass", found.why
    assert any(apps for apps in app.torn.values())


def answered(path: str, status: int, body: bytes) -> Exchange:
    return Exchange(Ask("GET", path), Answer(status, {"content-type": "application/json"}, body, 1))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"player_id":"p","balance":{"available":{"amount":1.00,"currency":"EUR"}}}', ""),
        (b'{"player_id":"p","extra":1}', ""),
        (b'{"player_id":7}', "player_id"),
        (
            b'{"balance":{"available":{"amount":"1.00","currency":"EUR"}}}',
            "balance.available.amount",
        ),
        (b'{"balance":[]}', "balance"),
        (b"yes", "not JSON"),
    ],
)
def test_what_an_answer_has_is_of_the_contracts_kind(body: bytes, said: str) -> None:
    """Fields may be added and left out; one that is there is what the contract says it is."""
    found = Contract(document("wallet")).wrong(
        answered("/v1/wallet/players/p_1/balance", 200, body)
    )
    assert said in found
    assert bool(said) == bool(found)


def test_the_suite_looks_at_all_that_its_checks_met() -> None:
    """The last check of a suite judges what the ones before it were answered."""

    class Odd(Till):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            body = b'{"player_id":7,"balance":{"available":{"amount":1.00,"currency":"EUR"}}}'
            headers = [(b"content-type", b"application/json")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def main() -> dict[str, h.CheckEnded]:
        config = Config(auth="headers", players={"rich": Player(id="p_1")})
        target = Target(AsgiWire(Odd()), config, Profile(), 7, "odd")
        checks = chosen(CHECKS, "wallet", "standard", ["wallet.contract.answers"])
        order = Order(
            role="wallet", target="http://toy", suite="standard", checks=checks, replay="again"
        )
        return {one.check: one async for one in run(order, target) if isinstance(one, h.CheckEnded)}

    found = asyncio.run(main())["wallet.contract.answers"]
    assert found.verdict == "fail", found.why
    assert "player_id" in found.why
    assert found.exchanges


def test_an_empty_contract_is_none() -> None:
    """SBX-08: a target's own contract that is empty is refused; it is not taken for ours."""
    with pytest.raises(ValueError, match="has no paths"):
        document("wallet", b"")
    assert document("wallet")["paths"], "the negative control"
