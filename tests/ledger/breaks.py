"""Ways to break the books by hand: each breaks one law and leaves every other one as it is.

Written for the books that `test_reconcile` plays.
"""

from dataclasses import dataclass

EUR = "kind = 'house' AND currency = 'EUR' AND owner = 'brand-42'"
HOUSE = f"(SELECT n FROM account WHERE {EUR})"
FUNDING = (
    "(SELECT n FROM account WHERE kind = 'funding' AND currency = 'EUR' AND owner = 'brand-42')"
)
ANA = "(SELECT n FROM account WHERE owner = 'p_19f3')"
PLAIN_OP = "(SELECT n FROM op WHERE topic = 'session.started' LIMIT 1)"
"""An operation that no bet and no payment knows."""


def _bet(bet_id: str, column: str) -> str:
    return f"(SELECT {column} FROM bet WHERE bet_id = '{bet_id}')"


def enter(
    kind: str,
    debit: str,
    credit: str,
    amount: int = 0,
    *,
    refers_to: str = "NULL",
    op: str = PLAIN_OP,
) -> str:
    """A forged entry; one of amount zero leaves every sum as it is."""
    return (
        "INSERT INTO move (n, op, kind, debit, credit, amount, refers_to) "
        f"SELECT max(n) + 1, {op}, '{kind}', {debit}, {credit}, {amount}, {refers_to} "
        "FROM move"
    )


@dataclass(frozen=True)
class Case:
    """Statements that break one law and no other, and where it is found."""

    law: str
    name: str
    statements: tuple[str, ...]
    where: str


CASES = (
    Case(
        "accounts equal the fold of their entries",
        "sums of one account",
        (
            (
                "UPDATE account SET posted_debits = posted_debits + 1, "
                f"posted_credits = posted_credits + 1 WHERE {EUR}"
            ),
        ),
        "house:brand-42:EUR",
    ),
    Case(
        "debits equal credits in each currency",
        "an entry to nobody",
        (
            enter("post", HOUSE, "9999", 5),
            f"UPDATE account SET posted_debits = posted_debits + 5 WHERE {EUR}",
        ),
        "EUR",
    ),
    Case(
        "an entry moves one currency",
        "euros to dollars",
        (enter("post", HOUSE, "(SELECT n FROM account WHERE owner = 'p_usd')"),),
        "entry",
    ),
    Case(
        "a hold ends with its own amount and accounts",
        "another amount",
        (enter("release", ANA, HOUSE, refers_to=_bet("won", "hold_move")),),
        "entry",
    ),
    Case(
        "a hold ends with its own amount and accounts",
        "other accounts",
        (enter("release", HOUSE, ANA, refers_to=_bet("free", "hold_move")),),
        "entry",
    ),
    Case(
        "a hold ends with its own amount and accounts",
        "not a hold",
        (
            enter("post", ANA, HOUSE),
            enter("release", ANA, HOUSE, refers_to="(SELECT max(n) FROM move)"),
        ),
        "entry",
    ),
    Case(
        "no player is below zero",
        "spent what was not there",
        (
            enter("post", ANA, HOUSE, 10**9),
            "UPDATE account SET posted_debits = posted_debits + 1000000000 WHERE owner = 'p_19f3'",
            f"UPDATE account SET posted_credits = posted_credits + 1000000000 WHERE {EUR}",
        ),
        "p_19f3:EUR",
    ),
    Case(
        "every entry belongs to an operation",
        "an operation that is not there",
        (
            (
                "UPDATE move SET op = 9999 "
                f"WHERE kind = 'capture' AND refers_to = {_bet('won', 'hold_move')}"
            ),
        ),
        "entry",
    ),
    Case(
        "operations and entries are numbered without a gap",
        "an operation is gone",
        (f"DELETE FROM op WHERE n = {PLAIN_OP}",),
        "op",
    ),
    Case(
        "operations and entries are numbered without a gap",
        "an entry is gone",
        (
            enter("post", ANA, HOUSE),
            "UPDATE move SET n = n + 1 WHERE n = (SELECT max(n) FROM move)",
        ),
        "move",
    ),
    Case(
        "what is pending is the sum of the open bets",
        "a bet of nobody",
        ("UPDATE bet SET player_id = 'p_nobody' WHERE bet_id = 'open'",),
        "p_19f3:EUR",
    ),
    Case(
        "a bet holds its own stake",
        "held by another operation",
        (f"UPDATE move SET op = {PLAIN_OP} WHERE n = {_bet('open', 'hold_move')}",),
        "bet open",
    ),
    Case(
        "an open bet's hold has not ended",
        "ended behind its back",
        (enter("reverse", ANA, HOUSE, refers_to=_bet("open", "hold_move")),),
        "bet open",
    ),
    Case(
        "every settled bet has its capture and its win",
        "another bet's capture",
        (
            (
                f"UPDATE move SET refers_to = {_bet('won', 'hold_move')} "
                f"WHERE refers_to = {_bet('lost', 'hold_move')}"
            ),
        ),
        "bet lost",
    ),
    Case(
        "every settled bet has its capture and its win",
        "a win that was not posted",
        (
            (
                f"UPDATE move SET op = {PLAIN_OP} "
                f"WHERE kind = 'post' AND op = {_bet('won', 'closed_op')}"
            ),
        ),
        "bet won",
    ),
    Case(
        "every rolled-back bet has its release",
        "another bet's release",
        (
            (
                f"UPDATE move SET refers_to = {_bet('back', 'hold_move')} "
                f"WHERE refers_to = {_bet('back2', 'hold_move')}"
            ),
        ),
        "bet back2",
    ),
    Case(
        "every hold belongs to a bet",
        "a hold of nobody",
        (enter("hold", ANA, HOUSE),),
        "entry",
    ),
    Case(
        "every change of a bet has its event",
        "another event",
        (f"UPDATE op SET topic = 'bet.lost' WHERE n = {_bet('won', 'closed_op')}",),
        "bet won",
    ),
    Case(
        "every change of a bet has its event",
        "no event",
        (f"UPDATE op SET topic = NULL, event = NULL WHERE n = {_bet('open', 'opened_op')}",),
        "bet open",
    ),
    Case(
        "every change of a bet has its event",
        "a tombstone without an event",
        (f"UPDATE op SET topic = NULL, event = NULL WHERE n = {_bet('tomb', 'closed_op')}",),
        "bet tomb",
    ),
    Case(
        "every event tells of a change",
        "of an authorize",
        (f"UPDATE op SET topic = 'bet.authorized' WHERE n = {PLAIN_OP}",),
        "operation",
    ),
    Case(
        "every event tells of a change",
        "of a settle",
        (f"UPDATE op SET topic = 'bet.settled' WHERE n = {PLAIN_OP}",),
        "operation",
    ),
    Case(
        "every event tells of a change",
        "of a rollback",
        (f"UPDATE op SET topic = 'bet.rolled_back' WHERE n = {PLAIN_OP}",),
        "operation",
    ),
    *(
        Case(
            "a round's sums are those of its bets",
            column,
            (f"UPDATE round SET {column} = {column} + 1 WHERE round_id = 'r-1'",),
            "round r-1",
        )
        for column in ("bets", "open_bets", "staked", "won")
    ),
    Case(
        "every payment is posted once",
        "another amount",
        ("UPDATE payment SET amount = amount + 1",),
        "payment pay-1",
    ),
    Case(
        "every payment is posted once",
        "not posted",
        (f"UPDATE payment SET amount = 0, op = {PLAIN_OP}",),
        "payment pay-1",
    ),
    Case(
        "every payment is posted once",
        "posted twice",
        (
            enter("post", HOUSE, FUNDING, 5, op="(SELECT op FROM payment)"),
            f"UPDATE account SET posted_debits = posted_debits + 5 WHERE {EUR}",
            f"UPDATE account SET posted_credits = posted_credits + 5 WHERE n = {FUNDING}",
        ),
        "payment pay-1",
    ),
)
