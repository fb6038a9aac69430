"""The ASGI application: which world, which operation, then the pipeline.

Contract operations are plain ASGI; Starlette serves the documents. `/s/<sandbox>` in front of a
path names a world, nothing in front of it the default one.
"""

import hmac
from collections.abc import Mapping

from starlette.types import ASGIApp, Message

from simulator.base.clock import stopwatch_ns
from simulator.base.errors import (
    AuthFailed,
    ConfigError,
    Internal,
    NotFound,
    Problem,
)
from simulator.base.log import Log
from simulator.server import control, door, oauth, pipeline
from simulator.server.exchange import (
    Answer,
    Exchange,
    Receive,
    Scope,
    Send,
    finish,
)
from simulator.server.meter import error_of
from simulator.server.party import Party, Sandbox, Sandboxes
from simulator.settings import Settings
from simulator.wire import json
from simulator.wire.amounts import MoneyFormat
from simulator.wire.contract import Contract, Operation, nothing_at

OWN = frozenset({"issueToken", "readJwks"})
"""Operations of the parties' contracts that the server itself answers; they need no scope."""

_DOCUMENTS = ("/docs/", "/openapi/")

log = Log("server")


class App:
    """Every request comes in here. One instance serves all the worlds of a process."""

    def __init__(
        self,
        settings: Settings,
        sandboxes: Sandboxes,
        contracts: Mapping[str, Contract],
        documents: ASGIApp,
    ) -> None:
        self._settings = settings
        self._sandboxes = sandboxes
        sandboxes.serve_by(self)
        self._contracts = contracts
        self._control = contracts["control"]
        self._documents = documents
        wrong = set(self._control.operations) ^ set(control.OPERATIONS)
        for name in sorted(wrong):
            raise ConfigError(f"openapi/control.yaml and its handlers disagree on {name}")
        # What needs no scope is answered by no party, so it has to be what the server answers.
        parties = [contract for name, contract in contracts.items() if name != "control"]
        unscoped = {
            name
            for contract in parties
            for name, operation in contract.operations.items()
            if operation.scope is None
        }
        for name in sorted(unscoped ^ OWN):
            raise ConfigError(f"no scope guards {name}: the contracts and the server disagree")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (or hand the lifespan and the documents to Starlette)."""
        if scope["type"] != "http":
            await self._documents(scope, receive, send)
            return
        if scope["path"] == "/docs" or scope["path"].startswith(_DOCUMENTS):
            await self._document(scope, receive, send)
            return
        raw: bytes = scope.get("raw_path") or scope["path"].encode()
        name, path = split_sandbox(raw.decode("latin-1"))
        exchange = Exchange(scope, path)
        try:
            sandbox = self._sandboxes.get(name)
        except Problem as unknown:
            sandbox = self._sandboxes.get("default")
            pipeline.trace(sandbox, exchange, "trace-aside")
            answer = pipeline.problem_answer(unknown, exchange)
            date = pipeline.http_date(sandbox.clock.now_ns())
        else:
            journal = sandbox.journal  # a reset in this call is the old world's last exchange
            if journal.recording:
                journal.arrive(exchange, sandbox.clock.now_ns())
            pipeline.trace(sandbox, exchange, "trace" if exchange.n else "trace-aside")
            if sandbox.chaos.active or door.TRIGGER in exchange.headers:
                met = await door.meet(sandbox, exchange, scope, receive, send, self._answer)
                if met is not None:
                    if journal.recording and exchange.n:
                        journal.keep(exchange, met.answer, met.date)
                    await met.finish(scope, send, exchange.trace_id)
                    return
            answer = await self._answer(sandbox, exchange, receive)
            date = pipeline.http_date(sandbox.clock.now_ns())
            if journal.recording and exchange.n:
                # Before it is sent: whoever has the answer finds it in the journal.
                journal.keep(exchange, answer, date)
        await finish(scope, receive, send, answer, exchange.trace_id, date)

    async def _document(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page for people, with a trace id like every answer."""
        sandbox = self._sandboxes.get("default")
        exchange = Exchange(scope, scope["path"])
        pipeline.trace(sandbox, exchange, "trace-aside")

        async def traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-trace-id", exchange.trace_id.encode("latin-1")))
            await send(message)

        await self._documents({**scope, "trace_id": exchange.trace_id}, receive, traced)

    async def _answer(self, sandbox: Sandbox, exchange: Exchange, receive: Receive) -> Answer:
        began_ns = stopwatch_ns()
        operation: Operation | None = None
        party: Party | None = None
        money: MoneyFormat | None = None
        try:
            operation, party, values = self._match(sandbox, exchange)
            exchange.operation = operation.operation_id
            exchange.party = "server" if party is None else party.name
            exchange.require_single_headers()
            if exchange.method != "GET":
                await exchange.receive_body(receive)
            if party is None:
                answer = await self._own(sandbox, operation, values, exchange)
            else:
                route = party.routes[operation.operation_id]
                money = route.money
                answer = await pipeline.call_party(sandbox, party, route, values, exchange)
        except Problem as problem:
            answer = pipeline.problem_answer(problem, exchange)
        except Exception as bug:
            log.exception("call failed", trace_id=exchange.trace_id, error=repr(bug))
            ours = Internal("this should not have happened; repeat with the same key")
            answer = pipeline.problem_answer(ours, exchange)
        if party is not None and party.meter is not None and operation is not None:
            error = error_of(answer.status, answer.body) if answer.status >= 400 else ""
            party.meter.count("in", operation.operation_id, stopwatch_ns() - began_ns, error)
        if self._settings.strict and operation is not None:
            try:
                answer = pipeline.checked(operation, answer)
            except Problem as problem:
                answer = pipeline.problem_answer(problem, exchange)
        return answer if money is None else pipeline.in_format(answer, money)

    def _match(
        self, sandbox: Sandbox, exchange: Exchange
    ) -> tuple[Operation, Party | None, dict[str, str]]:
        """The operation at a path, and the party behind it (None: the server itself)."""
        if exchange.path.startswith("/__admin"):
            operation, values = self._control.match(exchange.method, exchange.path)
            return operation, None, values
        for party in sandbox.parties.values():
            for contract in party.contracts:
                found = contract.find(exchange.method, exchange.path)
                if found is not None:
                    operation, values = found
                    return operation, party if operation.scope is not None else None, values
        raise nothing_at(exchange.path)

    async def _own(
        self,
        sandbox: Sandbox,
        operation: Operation,
        values: dict[str, str],
        exchange: Exchange,
    ) -> Answer:
        """Tokens, keys and the control API: what no party answers."""
        if operation.operation_id == "issueToken":
            return oauth.issue_token(sandbox.authority, operation, exchange)
        if operation.operation_id == "readJwks":
            pipeline.read_headers(operation, exchange)
            return Answer(200, json.encode(sandbox.authority.jwks()))
        self._require_owner(exchange)
        pipeline.read_headers(operation, exchange)
        at_root = exchange.path == exchange.target.partition("?")[0]
        if operation.operation_id in control.AT_THE_ROOT and not at_root:
            raise NotFound("sandboxes are made and dropped at the root: /__admin/sandboxes")
        kind, handler = control.OPERATIONS[operation.operation_id]
        message = pipeline.read_message(kind, operation, values, exchange)
        on = control.Control(self._sandboxes, sandbox, self._base_url(exchange), exchange.trace_id)
        given = await handler(on, message)
        if isinstance(given, Answer):
            return given
        body = b"" if given is None else json.encode(given)
        return Answer(operation.success, body)

    def _require_owner(self, exchange: Exchange) -> None:
        """The control API is open on loopback, unless a token was set."""
        token = self._settings.admin_token
        if token is None:
            return
        scheme, _, given = exchange.headers.get(b"authorization", b"").partition(b" ")
        same = hmac.compare_digest(given.strip(), token.encode())
        if scheme.lower() != b"bearer" or not same:
            raise AuthFailed("the control API takes Authorization: Bearer <admin token>")

    def _base_url(self, exchange: Exchange) -> str:
        default = f"{self._settings.host}:{self._settings.port}"
        return f"http://{exchange.header(b'host') or default}"


def split_sandbox(path: str) -> tuple[str, str]:
    """`/s/<sandbox>/rest` → (sandbox, /rest); anything else belongs to the default world."""
    if not path.startswith("/s/"):
        return "default", path
    name, slash, rest = path[3:].partition("/")
    return name, slash + rest
