"""Every check of a client, by category."""

from simulator.certify.clients.check import ClientCheck
from simulator.certify.clients.checks.backoff_grows import CHECK as BACKOFF_GROWS
from simulator.certify.clients.checks.backoff_jitter import CHECK as BACKOFF_JITTER
from simulator.certify.clients.checks.event_acknowledged import CHECK as EVENT_ACKNOWLEDGED
from simulator.certify.clients.checks.event_once import CHECK as EVENT_ONCE
from simulator.certify.clients.checks.intent_same_transaction import CHECK as SAME_TRANSACTION
from simulator.certify.clients.checks.key_same_body import CHECK as SAME_BODY
from simulator.certify.clients.checks.key_same_on_retry import CHECK as SAME_KEY
from simulator.certify.clients.checks.protocol_headers import CHECK as HEADERS
from simulator.certify.clients.checks.protocol_money import CHECK as MONEY
from simulator.certify.clients.checks.refusal_no_retry import CHECK as NO_RETRY
from simulator.certify.clients.checks.refusal_no_rollback import CHECK as NO_ROLLBACK
from simulator.certify.clients.checks.retry_after_honoured import CHECK as RETRY_AFTER
from simulator.certify.clients.checks.retry_profile import CHECK as PROFILE
from simulator.certify.clients.checks.rollback_until_definite import CHECK as ROLLBACK
from simulator.certify.clients.checks.round_finished_retried import CHECK as ROUND
from simulator.certify.clients.checks.sign_nonce import CHECK as NONCE
from simulator.certify.clients.checks.sign_timestamp import CHECK as TIMESTAMP
from simulator.certify.clients.checks.token_not_hammered import CHECK as NOT_HAMMERED
from simulator.certify.clients.checks.token_refreshed import CHECK as REFRESHED
from simulator.certify.clients.checks.unknown_not_guessed import CHECK as NOT_GUESSED
from simulator.certify.clients.checks.unknown_resolved import CHECK as RESOLVED
from simulator.certify.clients.checks.win_never_cancelled import CHECK as NEVER_CANCELLED
from simulator.certify.clients.checks.win_retried import CHECK as WIN_RETRIED

CHECKS: tuple[ClientCheck, ...] = (
    # idempotency
    SAME_KEY,
    SAME_BODY,
    SAME_TRANSACTION,
    EVENT_ACKNOWLEDGED,
    EVENT_ONCE,
    # recovery
    RETRY_AFTER,
    BACKOFF_GROWS,
    BACKOFF_JITTER,
    PROFILE,
    RESOLVED,
    NOT_GUESSED,
    WIN_RETRIED,
    ROUND,
    NO_RETRY,
    # rollback
    NEVER_CANCELLED,
    ROLLBACK,
    NO_ROLLBACK,
    # security
    NONCE,
    TIMESTAMP,
    REFRESHED,
    NOT_HAMMERED,
    # protocol
    HEADERS,
    MONEY,
)


def names() -> list[str]:
    """What a plan or `--only` may name: ids and rules."""
    return [*(check.id for check in CHECKS), *(rule for one in CHECKS for rule in one.rules)]


def chosen(words: list[str]) -> list[ClientCheck]:
    """The checks that are meant by ids, their fronts, or rules."""
    return [
        check
        for check in CHECKS
        if any(w == check.id or w in check.rules or check.id.startswith(f"{w}.") for w in words)
    ]
