"""The platform's operations: name → method, path, type of the answer. One row each, checked against
`openapi/platform.yaml` by a test (PRV-20..28)."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from simulator.wire import bonuses as b
from simulator.wire import json
from simulator.wire import messages as m
from simulator.wire import players as p
from simulator.wire.events import Envelope
from simulator.wire.launch import Launched

A = TypeVar("A")
T = TypeVar("T")


class PageOf(m.Message, Generic[T], frozen=True, kw_only=True):
    """One page of a list; pass `next_cursor` on as `cursor` (PRV-60)."""

    items: list[T]
    has_more: bool
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Operation(Generic[A]):
    """One operation of the contract."""

    name: str
    method: str
    path: str
    answer: type[A]


CREATE_SESSION = Operation("createSession", "POST", "/v1/sessions", m.Session)
READ_SESSION = Operation("readSession", "GET", "/v1/sessions/{session_id}", m.Session)
END_SESSION = Operation("endSession", "POST", "/v1/sessions/{session_id}/end", m.Session)
ACKNOWLEDGE = Operation(
    "acknowledgeRealityCheck", "POST", "/v1/sessions/{session_id}/acknowledge", m.Session
)
LAUNCH_SESSION = Operation("launchSession", "POST", "/v1/sessions/{session_id}/launch", Launched)
AUTHORIZE_BET = Operation("authorizeBet", "POST", "/v1/bets/authorize", m.BetAuthorized)
SETTLE_BET = Operation("settleBet", "POST", "/v1/bets/settle", m.BetSettled)
ROLLBACK_BET = Operation("rollbackBet", "POST", "/v1/bets/rollback", m.BetRolledBack)
READ_BET = Operation("readBet", "GET", "/v1/bets/{bet_id}", m.Bet)
LIST_BETS = Operation("listBets", "GET", "/v1/bets", PageOf[m.Bet])
START_ROUND = Operation("startRound", "POST", "/v1/rounds", m.Round)
READ_ROUND = Operation("readRound", "GET", "/v1/rounds/{round_id}", m.Round)
CLOSE_ROUND = Operation("closeRound", "POST", "/v1/rounds/{round_id}/close", m.Round)
READ_PLAYER = Operation("readPlayer", "GET", "/v1/players/{player_id}", p.Player)
LIST_GAMES = Operation("listGames", "GET", "/v1/games", PageOf[m.Game])
READ_GAME = Operation("readGame", "GET", "/v1/games/{game_id}", m.Game)
LIST_CURRENCIES = Operation("listCurrencies", "GET", "/v1/currencies", PageOf[m.Currency])
LIST_EVENTS = Operation("listEvents", "GET", "/v1/events", PageOf[Envelope])
ISSUE_BONUS = Operation("issueBonus", "POST", "/v1/bonuses", b.Bonus)
READ_BONUS = Operation("readBonus", "GET", "/v1/bonuses/{bonus_id}", b.Bonus)
CONSUME_BONUS = Operation("consumeBonus", "POST", "/v1/bonuses/{bonus_id}/consume", b.Bonus)
READ_BONUS_PROGRESS = Operation(
    "readBonusProgress", "GET", "/v1/bonuses/{bonus_id}/progress", b.Progress
)

OPERATIONS: tuple[Operation[Any], ...] = (
    CREATE_SESSION,
    READ_SESSION,
    END_SESSION,
    ACKNOWLEDGE,
    LAUNCH_SESSION,
    AUTHORIZE_BET,
    SETTLE_BET,
    ROLLBACK_BET,
    READ_BET,
    LIST_BETS,
    START_ROUND,
    READ_ROUND,
    CLOSE_ROUND,
    READ_PLAYER,
    LIST_GAMES,
    READ_GAME,
    LIST_CURRENCIES,
    LIST_EVENTS,
    ISSUE_BONUS,
    READ_BONUS,
    CONSUME_BONUS,
    READ_BONUS_PROGRESS,
)


def write_request(operation: Operation[Any], ask: msgspec.Struct) -> tuple[str, bytes]:
    """Target (without a prefix) and body of a message: path parameters first, then query or body.

    Raises ValueError for a path parameter that would make it another path.
    """
    values = {name: getattr(ask, name) for name in ask.__struct_fields__}
    target = operation.path
    for name in values.keys() & _path_names(operation.path):
        target = target.replace(f"{{{name}}}", _segment(name, values.pop(name)))
    rest = {name: value for name, value in values.items() if value is not None}
    if operation.method != "GET":
        return target, json.encode(rest) if rest else b""
    query = urlencode(rest, quote_via=quote)
    return f"{target}?{query}" if query else target, b""


def _path_names(path: str) -> set[str]:
    return {part[1:-1] for part in path.split("/") if part.startswith("{")}


def _segment(name: str, value: str) -> str:
    if value in ("", ".", ".."):
        raise ValueError(f"{name} {value!r} cannot stand in a path")
    return quote(value, safe="")
