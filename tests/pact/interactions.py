"""What a studio asks of a platform through `PlatformClient`, and what of the answers it reads.

Requests are the adapter's own messages. An answer names only what the adapter needs. Each text and
number of it stands for its type, but for what is called as in `EXACT`: those have to be the same.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from simulator.adapters import operations as op
from simulator.adapters.operations import Operation
from simulator.wire import bonuses as b
from simulator.wire import messages as m
from simulator.wire import players as p
from simulator.wire.launch import LaunchSession
from simulator.wire.messages import Money
from tests.pact.messages import STARTED

GAME = "studio:slot_forge_02"
SESSION = "s_1"
"""Stands for the session that the provider state has opened: `${session_id}`."""

EXACT = {
    "bet_id",
    "bonus_id",
    "currency",
    "game_id",
    "player_id",
    "round_id",
    "status",
    "tombstone",
}
EXACT_IN_REFUSALS = {"code", "retryable"}


@dataclass(frozen=True)
class Interaction:
    """One call: under which state, what is asked, what is answered."""

    says: str
    operation: Operation[Any]
    ask: msgspec.Struct
    answer: dict[str, Any]
    state: str = "nothing"
    params: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def key(self) -> str:
        """Its idempotency key, one for each."""
        return "pact-" + self.says.replace(" ", "-").replace(",", "")


def _eur(amount: int) -> Money:
    return Money.of(amount * 100, "EUR")


def _money(amount: str) -> dict[str, Any]:
    return {"amount": Decimal(amount), "currency": "EUR"}


def _refusal(code: str, **more: Any) -> dict[str, Any]:
    return {"code": code, "message": "why", "retryable": False, "trace_id": "tr_1", **more}


def _session(player: str, status: str = "open") -> dict[str, Any]:
    return {
        "session_id": SESSION,
        "player_id": player,
        "game_id": GAME,
        "currency": "EUR",
        "locale": "de-DE",
        "geo": "DE",
        "build_hash": "sha256:0",
        "status": status,
        "created_at": "2026-01-01T00:00:00.000Z",
        "expires_at": "2026-01-01T01:00:00.000Z",
    }


def _round(player: str, name: str, status: str = "open") -> dict[str, Any]:
    return {
        "round_id": name,
        "player_id": player,
        "status": status,
        "bets": 0,
        "open_bets": 0,
        "staked": _money("0.00"),
        "won": _money("0.00"),
        "started_at": "2026-01-01T00:00:00.000Z",
    }


def _bonus(player: str, name: str, status: str = "active") -> dict[str, Any]:
    return {
        "bonus_id": name,
        "player_id": player,
        "status": status,
        "amount": _money("10.00"),
        "wagered": _money("0.00"),
        "required": _money("30.00"),
        "issued_at": "2026-01-01T00:00:00.000Z",
    }


_GAME = {
    "game_id": GAME,
    "name": "Forge",
    "provider_id": "studio",
    "kind": "slot",
    "builds": [{"build_hash": "sha256:0", "countries": ["DE"]}],
}
_BALANCE = {"available": _money("98.00"), "held": _money("2.00")}


def _bet(name: str) -> dict[str, Any]:
    return {"bet_id": name, "round_id": f"r-{name}"}


def _authorize(name: str, amount: int = 2) -> m.AuthorizeBet:
    return m.AuthorizeBet(session_id=SESSION, **_bet(name), amount=_eur(amount))


def _held(player: str, name: str) -> dict[str, Any]:
    return {"state": "a held bet", "params": {"player_id": player, **_bet(name)}}


def _open(player: str) -> dict[str, Any]:
    return {"state": "an open session", "params": {"player_id": player}}


SESSIONS = (
    Interaction(
        "a session for a player",
        op.CREATE_SESSION,
        m.CreateSession(player_id="p-create", game_id=GAME, currency="EUR", locale="de-DE"),
        _session("p-create"),
        "a player",
        {"player_id": "p-create"},
        status=201,
    ),
    Interaction(
        "a session for nobody",
        op.CREATE_SESSION,
        m.CreateSession(player_id="p-nobody", game_id=GAME, currency="EUR", locale="de-DE"),
        _refusal("NOT_FOUND"),
        status=404,
    ),
    Interaction(
        "a session, read",
        op.READ_SESSION,
        m.ReadSession(session_id=SESSION),
        _session("p-read"),
        **_open("p-read"),
    ),
    Interaction(
        "a session, ended",
        op.END_SESSION,
        m.EndSession(session_id=SESSION),
        _session("p-end", "ended"),
        **_open("p-end"),
    ),
    Interaction(
        "a reality check, seen",
        op.ACKNOWLEDGE,
        m.AcknowledgeRealityCheck(session_id=SESSION),
        _session("p-seen"),
        "an open session with reality checks",
        {"player_id": "p-seen"},
    ),
    Interaction(
        "a session, launched",
        op.LAUNCH_SESSION,
        LaunchSession(session_id=SESSION),
        {
            "session_id": SESSION,
            "player_id": "p-launch",
            "game_id": GAME,
            "build_hash": "sha256:0",
            "geo": "DE",
            "currency": "EUR",
            "player_token": "eyJ",
            "audience": "studio",
            "expires_at": "2026-01-01T01:00:00.000Z",
        },
        **_open("p-launch"),
    ),
)

BETS = (
    Interaction(
        "a stake that the player has",
        op.AUTHORIZE_BET,
        _authorize("b-fits"),
        {"status": "authorized", **_bet("b-fits"), "hold_id": "h_1", "balance": _BALANCE},
        **_open("p-fits"),
    ),
    Interaction(
        "a stake that the player has not",
        op.AUTHORIZE_BET,
        _authorize("b-large", 101),
        _refusal("INSUFFICIENT_FUNDS", details={"balance": _BALANCE}),
        **_open("p-large"),
        status=422,
    ),
    Interaction(
        "a stake of an excluded player",
        op.AUTHORIZE_BET,
        _authorize("b-excluded"),
        _refusal("RG_BLOCK"),
        "an open session of a self-excluded player",
        {"player_id": "p-excluded"},
        status=403,
    ),
    Interaction(
        "a known bet with another amount",
        op.AUTHORIZE_BET,
        _authorize("b-known", 3),
        _refusal("DUPLICATE"),
        **_held("p-known", "b-known"),
        status=409,
    ),
    Interaction(
        "a win",
        op.SETTLE_BET,
        m.SettleBet(**_bet("b-won"), win=_eur(5)),
        {"status": "credited", **_bet("b-won"), "settlement_id": "st_1", "balance": _BALANCE},
        **_held("p-won", "b-won"),
    ),
    Interaction(
        "a win without a bet",
        op.SETTLE_BET,
        m.SettleBet(**_bet("b-none"), win=_eur(5)),
        _refusal("BET_NOT_FOUND"),
        status=404,
    ),
    Interaction(
        "a bet, taken back",
        op.ROLLBACK_BET,
        m.RollbackBet(**_bet("b-back"), reason="no answer"),
        {"status": "rolled_back", **_bet("b-back"), "balance": _BALANCE},
        **_held("p-back", "b-back"),
    ),
    Interaction(
        "a bet that never came, taken back",
        op.ROLLBACK_BET,
        m.RollbackBet(**_bet("b-never")),
        {"status": "rolled_back", **_bet("b-never"), "tombstone": True},
    ),
    Interaction(
        "a settled bet, taken back",
        op.ROLLBACK_BET,
        m.RollbackBet(**_bet("b-late")),
        _refusal("INVALID_STATE"),
        "a settled bet",
        {"player_id": "p-late", **_bet("b-late")},
        status=409,
    ),
    Interaction(
        "a bet, read",
        op.READ_BET,
        m.ReadBet(bet_id="b-read"),
        {**_bet("b-read"), "status": "authorized"},
        **_held("p-reads", "b-read"),
    ),
    Interaction(
        "the bets of a player",
        op.LIST_BETS,
        m.ListBets(player_id="p-lists", limit=10),
        {"items": [{**_bet("b-listed"), "status": "authorized"}], "has_more": False},
        **_held("p-lists", "b-listed"),
    ),
)

ROUNDS = (
    Interaction(
        "a round, opened",
        op.START_ROUND,
        m.StartRound(round_id="r-start", session_id=SESSION),
        _round("p-start", "r-start"),
        **_open("p-start"),
        status=201,
    ),
    Interaction(
        "a round, read",
        op.READ_ROUND,
        m.ReadRound(round_id="r-look"),
        _round("p-look", "r-look"),
        "an open round",
        {"player_id": "p-look", "round_id": "r-look"},
    ),
    Interaction(
        "a round, closed",
        op.CLOSE_ROUND,
        m.CloseRound(round_id="r-close", outcome="completed"),
        _round("p-close", "r-close", "completed"),
        "an open round",
        {"player_id": "p-close", "round_id": "r-close"},
    ),
)

REST = (
    Interaction(
        "a player, read",
        op.READ_PLAYER,
        p.ReadPlayer(player_id="p-who"),
        {
            "player_id": "p-who",
            "brand_id": "brand-42",
            "region": "EU",
            "country": "DE",
            "currency": "EUR",
            "status": "active",
            "rg": {"self_excluded": False},
            "available": _money("100.00"),
            "held": _money("0.00"),
        },
        "a player",
        {"player_id": "p-who"},
    ),
    Interaction(
        "the games",
        op.LIST_GAMES,
        m.ListGames(limit=1),
        {
            "items": [_GAME],
            "has_more": True,
            "next_cursor": "1",
        },
    ),
    Interaction(
        "a game, read",
        op.READ_GAME,
        m.ReadGame(game_id=GAME),
        _GAME,
    ),
    Interaction(
        "the currencies",
        op.LIST_CURRENCIES,
        m.ListCurrencies(),
        {"items": [{"code": "EUR", "scale": 2}], "has_more": False},
    ),
    Interaction(
        "the events of a kind",
        op.LIST_EVENTS,
        m.ListEvents(event_type="session.started", limit=10),
        {"items": [STARTED.body], "has_more": False},
        **_open("p-events"),
    ),
    Interaction(
        "a bonus, issued",
        op.ISSUE_BONUS,
        b.IssueBonus(bonus_id="bo-new", player_id="p-bonus", amount=_eur(10), wager_multiplier=3),
        _bonus("p-bonus", "bo-new"),
        "a player",
        {"player_id": "p-bonus"},
        status=201,
    ),
    Interaction(
        "a bonus, read",
        op.READ_BONUS,
        b.ReadBonus(bonus_id="bo-read"),
        _bonus("p-reader", "bo-read"),
        "an active bonus",
        {"player_id": "p-reader", "bonus_id": "bo-read"},
    ),
    Interaction(
        "a bonus, ended",
        op.CONSUME_BONUS,
        b.ConsumeBonus(bonus_id="bo-end"),
        _bonus("p-ender", "bo-end", "consumed"),
        "an active bonus",
        {"player_id": "p-ender", "bonus_id": "bo-end"},
    ),
    Interaction(
        "how far a bonus is wagered",
        op.READ_BONUS_PROGRESS,
        b.ReadProgress(bonus_id="bo-far"),
        {
            "bonus_id": "bo-far",
            "status": "active",
            "wagered": _money("0.00"),
            "required": _money("30.00"),
            "left": _money("10.00"),
        },
        "an active bonus",
        {"player_id": "p-far", "bonus_id": "bo-far"},
    ),
)

INTERACTIONS = (*SESSIONS, *BETS, *ROUNDS, *REST)
