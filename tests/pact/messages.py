"""What a studio reads of the platform's events: the envelope, and the payload of each kind that it
acts on (PRV-40, PRV-41)."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec

from simulator.wire import events as e

PLAYER, BET, ROUND = "p-told", "b-told", "r-told"


@dataclass(frozen=True)
class Told:
    """One kind of event: under which state it comes, and what of it is read."""

    event_type: str
    payload: type[msgspec.Struct]
    example: dict[str, Any]
    state: str
    params: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        """The whole event."""
        return {
            "event_id": "evt_1",
            "event_type": self.event_type,
            "occurred_at": "2026-01-01T00:00:00.000Z",
            "tenant_id": "brand-42",
            "brand_id": "brand-42",
            "licence": "MGA-TEST-42",
            "region": "EU",
            "provider_id": "studio",
            "player_id": PLAYER,
            "trace_id": "tr_1",
            "payload": self.example,
            "idempotency_key": "key-1",
            "schema_version": "1.2.0",
        }


def _money(amount: str) -> dict[str, Any]:
    return {"amount": Decimal(amount), "currency": "EUR"}


def _params(name: str) -> dict[str, str]:
    return {
        "player_id": f"{PLAYER}-{name}",
        "bet_id": f"{BET}-{name}",
        "round_id": f"{ROUND}-{name}",
    }


_IDS = {"bet_id": BET, "round_id": ROUND}
_GAME = {"game_id": "studio:slot_forge_02"}

STARTED = Told(
    "session.started",
    e.SessionStarted,
    {**_GAME, "currency": "EUR", "geo": "DE", "expires_at": "2026-01-01T01:00:00.000Z"},
    "an open session",
    {"player_id": f"{PLAYER}-started"},
)

MESSAGES = (
    STARTED,
    Told(
        "session.ended",
        e.SessionEnded,
        {**_GAME, "reason": "ended"},
        "an ended session",
        {"player_id": f"{PLAYER}-ended"},
    ),
    Told(
        "bet.authorized",
        e.BetWasAuthorized,
        {**_IDS, **_GAME, "bet": _money("2.00")},
        "a held bet",
        _params("held"),
    ),
    Told(
        "bet.settled",
        e.BetWasSettled,
        {
            **_IDS,
            **_GAME,
            "settlement_id": "st_1",
            "bet": _money("2.00"),
            "win": _money("5.00"),
            "in_bonus": False,
        },
        "a settled bet",
        _params("settled"),
    ),
    Told(
        "bet.rolled_back",
        e.BetWasRolledBack,
        {**_IDS, "tombstone": False, "bet": _money("2.00")},
        "a bet that was taken back",
        _params("back"),
    ),
    Told(
        "bonus.issued",
        e.BonusIssued,
        {"bonus_id": "bo-told", "amount": _money("10.00"), "required": _money("30.00")},
        "an active bonus",
        {"player_id": f"{PLAYER}-bonus", "bonus_id": "bo-told"},
    ),
)
