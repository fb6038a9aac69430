"""Every way to fail, as one tree.

PlaymoneyError
├── ConfigError                  a setting, flag or file is wrong: one clear line, exit 2
├── StoreError                   the store cannot promise what it was asked to
│   ├── StoreBusy                another process holds the data folder
│   ├── StoreBroken              a commit or fsync failed: its outcome is unknown
│   └── StoreDamaged             a file cannot be read as what it was
└── Problem                      an answer of the error model (PRV-25, PRV-26)
    ├── Final                    asking again changes nothing
    │   ├── ValidationFailed     400
    │   ├── AuthFailed           401
    │   ├── ScopeDenied          403
    │   ├── RgBlock              403
    │   │   └── RgBlocked        the same, as /rgs/v1 names it
    │   ├── NotFound, BetNotFound 404
    │   ├── MethodNotAllowed     405
    │   ├── NotAcceptable        406
    │   ├── Duplicate, IdempotencyMismatch, InvalidState 409
    │   ├── TooLarge             413
    │   └── InsufficientFunds, LimitExceeded, CurrencyMismatch, BuildNotCertified 422
    └── Transient                asking again, with the same key, may succeed
        ├── InProgress           425
        ├── RateLimited          429
        ├── Internal             500
        └── Unavailable          503

`PROBLEMS` is the only table from an error to its HTTP status; handlers raise, they never translate.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

Details = Mapping[str, Any]


class PlaymoneyError(Exception):
    """Root of everything this package raises on purpose."""


class ConfigError(PlaymoneyError):
    """Something the user set is wrong; the message names the place, the value and the choices."""


class StoreError(PlaymoneyError):
    """The store cannot keep its promise."""


class StoreBusy(StoreError):
    """Another process holds the data folder."""


class StoreBroken(StoreError):
    """A commit failed in a way that leaves its outcome unknown until recovery has run."""


class StoreDamaged(StoreError):
    """The bytes of a file are no longer those of a database."""


class Problem(PlaymoneyError):
    """A refusal in the one error model: code, message, retryable, details (PRV-25).

    `remembered` says whether a repeat of the same key gets this same answer again (PRV-30).
    """

    code: ClassVar[str]
    status: ClassVar[int]
    retryable: ClassVar[bool]
    remembered: ClassVar[bool] = False

    def __init__(
        self, message: str, *, details: Details | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details: Details = details or {}
        self.retry_after_s = retry_after_s


class Final(Problem):
    """Asking again changes nothing."""

    retryable = False


class Transient(Problem):
    """Asking again, with the same key, may succeed."""

    retryable = True


class ValidationFailed(Final):
    """The request breaks its contract; `details.errors` lists each field."""

    code, status = "VALIDATION_FAILED", 400


class AuthFailed(Final):
    """Nobody we know signed this."""

    code, status = "AUTH_FAILED", 401


class ScopeDenied(Final):
    """The caller is known and may not do this, here (PRV-11, PRV-63)."""

    code, status = "SCOPE_DENIED", 403


class RgBlock(Final):
    """Responsible gaming forbids this bet (WAL-13)."""

    code, status, remembered = "RG_BLOCK", 403, True


class RgBlocked(RgBlock):
    """The same as `/rgs/v1` names it (PRV-26, RGS-31)."""

    code = "RG_BLOCKED"


class NotFound(Final):
    """No such thing, or not yours."""

    code, status, remembered = "NOT_FOUND", 404, True


class BetNotFound(Final):
    """No such bet, or not yours."""

    code, status, remembered = "BET_NOT_FOUND", 404, True


class MethodNotAllowed(Final):
    """The path exists, the method does not."""

    code, status = "METHOD_NOT_ALLOWED", 405


class NotAcceptable(Final):
    """No version that the caller accepts."""

    code, status = "NOT_ACCEPTABLE", 406


class TooLarge(Final):
    """The body is over the limit."""

    code, status = "TOO_LARGE", 413


class Duplicate(Final):
    """The id is known, with other parameters (PRV-32)."""

    code, status, remembered = "DUPLICATE", 409, True


class IdempotencyMismatch(Final):
    """The key is known, with other parameters (PRV-31)."""

    code, status, remembered = "IDEMPOTENCY_MISMATCH", 409, True


class InvalidState(Final):
    """Not in this state; `details.reason` says which."""

    code, status, remembered = "INVALID_STATE", 409, True


class InsufficientFunds(Final):
    """The balance does not cover it; `details.balance` is what there is (WAL-02)."""

    code, status, remembered = "INSUFFICIENT_FUNDS", 422, True


class LimitExceeded(Final):
    """Outside the session's or the system's limits (WAL-15)."""

    code, status, remembered = "LIMIT_EXCEEDED", 422, True


class CurrencyMismatch(Final):
    """Another currency than the wallet's (WAL-12)."""

    code, status, remembered = "CURRENCY_MISMATCH", 422, True


class BuildNotCertified(Final):
    """This build is not certified for the player's country (RGS-22)."""

    code, status, remembered = "BUILD_NOT_CERTIFIED", 422, True


class InProgress(Transient):
    """The first call with this key is still under way."""

    code, status = "IN_PROGRESS", 425


class RateLimited(Transient):
    """Too many calls; Retry-After says when to come back (PRV-62)."""

    code, status = "RATE_LIMITED", 429


class Internal(Transient):
    """Our fault, and nothing was done."""

    code, status = "INTERNAL", 500


class Unavailable(Transient):
    """Not now, or the outcome is unknown: repeat with the same key to learn it."""

    code, status = "UNAVAILABLE", 503


PROBLEMS: dict[str, type[Problem]] = {
    kind.code: kind
    for kind in (
        ValidationFailed,
        AuthFailed,
        ScopeDenied,
        RgBlock,
        NotFound,
        BetNotFound,
        MethodNotAllowed,
        NotAcceptable,
        Duplicate,
        IdempotencyMismatch,
        InvalidState,
        TooLarge,
        InsufficientFunds,
        LimitExceeded,
        CurrencyMismatch,
        BuildNotCertified,
        InProgress,
        RateLimited,
        Internal,
        Unavailable,
    )
}

OTHER_NAMES: dict[str, type[Problem]] = {RgBlocked.code: RgBlocked}
"""What one API calls a refusal of the table, where its field has a word of its own."""
