"""The calls that play makes: to the wallet as its platform, to the studio as its operator.

Each has a key made of the id of what it is for, so every repeat of it carries the same one, in
this life of the process or in the next (WAL-72). One id names a spin, its bet and its debit.
"""

from collections.abc import Mapping
from typing import Any, Literal, NoReturn, TypeVar

import msgspec

from simulator.adapters.replies import read_problem
from simulator.adapters.transport import UnknownRefusal
from simulator.base.errors import PROBLEMS, InvalidState, Problem
from simulator.wire import json
from simulator.wire.calls import Call, Caller, Reply
from simulator.wire.messages import Message, Money
from simulator.wire.play import Party, Refusal

A = TypeVar("A")


class Way(Message, frozen=True, kw_only=True, omit_defaults=True):
    """On whose behalf calls are made."""

    brand: str
    region: str
    provider: str
    trace_id: str

    @classmethod
    def of(cls, caller: Caller, game_id: str) -> "Way":
        """The caller's brand, and the studio whose game it is."""
        studio, colon, _ = game_id.partition(":")
        return cls(
            brand=caller.brand,
            region=caller.region,
            provider=studio if colon else caller.provider,
            trace_id=caller.trace_id,
        )

    def post(self, to: Party | Literal["jackpot"], target: str, key: str, body: Any = None) -> Call:
        """A write. The body may be a message or plain values."""
        return Call(
            to=to,
            method="POST",
            target=target,
            headers={
                **self._headers,
                "Content-Type": "application/json",
                "X-Idempotency-Key": key,
            },
            body=b"{}" if body is None else json.encode(body),
        )

    def get(self, to: Party, target: str) -> Call:
        """A read."""
        return Call(to=to, method="GET", target=target, headers=self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "X-Trace-Id": self.trace_id,
            "X-Brand-Id": self.brand,
            "X-Region": self.region,
            "X-Provider-Id": self.provider,
        }


def spin_of(round_id: str) -> str:
    """The one id of a round's spin, its bet and its debit."""
    return f"{round_id}-1"


def credit_of(debit_id: str, player_id: str, round_id: str, win: Money) -> dict[str, Any]:
    """The win of a debit; there is one."""
    return {
        "transaction_id": f"{debit_id}-win",
        "debit_transaction_id": debit_id,
        "player_id": player_id,
        "round_id": round_id,
        "amount": win,
        "reason": "win",
    }


def back_of(debit_id: str, player_id: str, round_id: str) -> dict[str, Any]:
    """The rollback of a debit; there is one."""
    return {
        "transaction_id": f"{debit_id}-back",
        "original_transaction_id": debit_id,
        "player_id": player_id,
        "round_id": round_id,
    }


def end_at_rgs(way: Way, round_id: str) -> Call:
    """The end of the studio's round: its spin stays what it is from here on (WAL-60)."""
    return way.post("rgs", f"/rgs/v1/rounds/{round_id}/end", f"{round_id}-end")


class Said(Message, frozen=True, kw_only=True, omit_defaults=True):
    """A refusal of another party, as it is kept with a round."""

    by: Party
    code: str
    message: str
    details: Mapping[str, Any] = msgspec.field(default_factory=dict)

    def shown(self) -> Refusal:
        """As the game client sees it."""
        return Refusal(by=self.by, code=self.code, message=self.message)

    def problem(self) -> Problem:
        """The same refusal as ours. What another party would not remember is remembered here as a
        state: the round has ended by it (PRV-30)."""
        kind = PROBLEMS.get(self.code)
        details = {**self.details, "by": self.by}
        balance = details.get("balance")
        if isinstance(balance, dict) and "amount" in balance:  # the studio holds nothing
            nothing = {"amount": 0, "currency": balance.get("currency")}
            details["balance"] = {"available": balance, "held": nothing}
        if kind is None or not kind.remembered:
            return InvalidState(
                f"{self.by} says {self.code}: {self.message}",
                details={"reason": f"{self.by}_refused", "code": self.code, "by": self.by},
            )
        return kind(self.message, details=details)


def refusal(by: Party, reply: Reply) -> Said | None:
    """What a reply refuses; None for a success."""
    if 200 <= reply.status < 300:
        return None
    problem = read_problem(reply)
    if isinstance(problem, Problem):
        return Said(
            by=by, code=problem.code, message=problem.message, details=dict(problem.details)
        )
    code = problem.code if isinstance(problem, UnknownRefusal) else f"STATUS_{reply.status}"
    return Said(by=by, code=code, message=str(problem))


def read(by: Party, reply: Reply, kind: type[A]) -> A:
    """A success as a message. Raises the refusal that it is instead, or InvalidState where it says
    something that its contract does not know."""
    said = refusal(by, reply)
    if said is not None:
        raise said.problem()
    try:
        return msgspec.convert(json.decode(reply.body), kind)
    except (json.NotJson, msgspec.ValidationError) as wrong:
        _misspoke(by, wrong)


def _misspoke(by: Party, wrong: Exception) -> NoReturn:
    raise InvalidState(
        f"the answer of {by} cannot be read: {wrong}",
        details={"reason": f"{by}_unreadable", "by": by},
    )
