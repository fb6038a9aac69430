"""What a call is for: which operations take, pay, undo and end, and what names them."""

from enum import StrEnum
from typing import Any, NamedTuple


class Kind(StrEnum):
    """What a write does to a player's money."""

    TAKES = "takes"
    PAYS = "pays"
    UNDOES = "undoes"
    ENDS = "ends a round"
    MOVES = "moves money otherwise"
    OTHER = "other"


class Operation(NamedTuple):
    """Where a call says what it is about; each is a path of keys in its body."""

    kind: Kind
    own: tuple[str, ...] = ()
    """Its transaction, which makes a repeat of it a repeat."""
    of: tuple[str, ...] = ()
    """The transaction that it belongs to: the bet that is settled, the debit that is undone."""
    round: tuple[str, ...] = ("round_id",)
    in_path: bool = False
    """Whether `of` is the last but one part of the path instead."""


OPERATIONS: dict[str, Operation] = {
    "authorizeBet": Operation(Kind.TAKES, ("bet_id",), ("bet_id",)),
    "settleBet": Operation(Kind.PAYS, ("bet_id",), ("bet_id",)),
    "rollbackBet": Operation(Kind.UNDOES, ("bet_id",), ("bet_id",)),
    "closeRound": Operation(Kind.ENDS),
    "debitPlayer": Operation(Kind.TAKES, ("transaction_id",), ("transaction_id",)),
    "debitAndCredit": Operation(
        Kind.TAKES,
        ("debit", "transaction_id"),
        ("debit", "transaction_id"),
        ("debit", "round_id"),
    ),
    "reserveFunds": Operation(Kind.TAKES, ("transaction_id",), ("transaction_id",)),
    "creditPlayer": Operation(Kind.PAYS, ("transaction_id",), ("debit_transaction_id",)),
    "rollbackTransaction": Operation(
        Kind.UNDOES, ("transaction_id",), ("original_transaction_id",)
    ),
    "releaseFunds": Operation(Kind.UNDOES, ("transaction_id",), ("original_transaction_id",)),
    "closeWalletRound": Operation(Kind.ENDS),
    "makeDeposit": Operation(Kind.MOVES, ("payment_id",)),
    "makeWithdrawal": Operation(Kind.MOVES, ("payment_id",)),
    "playSpin": Operation(Kind.TAKES, ("spin_id",), ("spin_id",)),
    "voidSpin": Operation(Kind.UNDOES, in_path=True),
    "endRgsRound": Operation(Kind.ENDS),
    "contribute": Operation(Kind.MOVES, ("jp_contrib_id",), ("jp_contrib_id",)),
    "reverseContribution": Operation(Kind.UNDOES, in_path=True),
    "triggerPool": Operation(Kind.MOVES, ("jp_trigger_id",)),
    "payOut": Operation(Kind.MOVES, ("jp_payout_id",)),
    "startRound": Operation(Kind.OTHER, ("round_id",)),
}
"""The operations of the money APIs; every other write is OTHER and has no name of its own."""

_OTHER = Operation(Kind.OTHER)


def operation(name: str) -> Operation:
    """What is known of an operation."""
    return OPERATIONS.get(name, _OTHER)


def find(body: Any, path: tuple[str, ...]) -> str:
    """The text at a path of a body; empty where there is none."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) and path else ""


def round_of(name: str, target: str, body: Any) -> str:
    """The round that a call is about: of its body, or of its path for the end of one."""
    known = operation(name)
    return named_by(target) if known.kind is Kind.ENDS else find(body, known.round)


def of_what(name: str, target: str, body: Any) -> str:
    """The transaction that a call belongs to, or empty."""
    known = operation(name)
    return named_by(target) if known.in_path else find(body, known.of)


def named_by(target: str) -> str:
    """What a path such as `/v1/rounds/r1/close` is about."""
    parts = target.partition("?")[0].split("/")
    return parts[-2] if len(parts) > 1 else ""
