"""Both sides of a wire, without one: a scripted transport and a platform that remembers keys."""

from collections.abc import Callable, Sequence

from simulator.adapters.platform import PlatformClient, Provider
from simulator.adapters.retry import RetryPolicy
from simulator.adapters.transport import NotSent, ReplyLost
from simulator.base.rng import Rng
from simulator.wire import json
from simulator.wire.calls import Call, Reply
from simulator.wire.messages import AuthorizeBet, Money

PROVIDER = Provider("studio", "brand-42", "EU")
BET = AuthorizeBet(session_id="s_1", bet_id="b_1", round_id="r_1", amount=Money.of(200, "EUR"))
AUTHORIZED = json.encode(
    {
        "status": "authorized",
        "bet_id": "b_1",
        "round_id": "r_1",
        "hold_id": "h_1",
        "balance": {
            "available": {"amount": 998, "currency": "EUR"},
            "held": {"amount": 2, "currency": "EUR"},
        },
    }
)


def ok(body: bytes = AUTHORIZED, status: int = 200, **headers: str) -> Reply:
    return Reply(
        status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}, body=body
    )


def problem(status: int, code: str, *, retryable: bool = False, **headers: str) -> Reply:
    body = {"code": code, "message": "no", "retryable": retryable, "trace_id": "tr_1"}
    return ok(json.encode(body), status, **headers)


class NoAuth:
    """Signs nothing."""

    async def sign(self, call: Call) -> Call:
        return call

    def renew(self, refused: Call) -> bool:
        return False


class FakeTransport:
    """Answers by a function; keeps what was sent."""

    prefix = ""

    def __init__(self, answer: Callable[[Call], Reply]) -> None:
        self.calls: list[Call] = []
        self._answer = answer

    async def send(self, call: Call) -> Reply:
        self.calls.append(call)
        return self._answer(call)

    async def close(self) -> None: ...


class Wallet:
    """Holds one bet once per key, whatever the wire does to the answers.

    The script says what becomes of attempt 1, 2, …; after its end all is well.
    """

    def __init__(self, script: Sequence[str]) -> None:
        self.script = list(script)
        self.keys: list[str] = []
        self.done: set[str] = set()
        self.transport = FakeTransport(self._answer)

    def _answer(self, call: Call) -> Reply:
        key = call.headers["X-Idempotency-Key"]
        self.keys.append(key)
        fate = self.script.pop(0) if self.script else "ok"
        if fate == "refused connection":
            raise NotSent("refused")
        if fate == "429":
            return problem(429, "RATE_LIMITED", retryable=True, retry_after="2")
        if fate == "503":
            return problem(503, "UNAVAILABLE", retryable=True)
        if fate == "lost before":
            raise ReplyLost("time-out")
        replayed = {"idempotency_replayed": "true"} if key in self.done else {}
        self.done.add(key)
        if fate == "lost after":
            raise ReplyLost("reset")
        if fate == "503 after":
            return problem(503, "UNAVAILABLE", retryable=True)
        return ok(AUTHORIZED[:-5] if fate == "cut" else AUTHORIZED, 200, **replayed)


class Naps:
    """A sleeper that takes note and returns."""

    def __init__(self) -> None:
        self.ns: list[int] = []

    async def __call__(self, pause_ns: int, /) -> None:
        self.ns.append(pause_ns)


def client_of(
    transport: FakeTransport, *, policy: RetryPolicy | None = None, naps: Naps | None = None
) -> PlatformClient:
    return PlatformClient(
        transport, NoAuth(), PROVIDER, Rng(7), "t", policy=policy, sleeper=naps or Naps()
    )
