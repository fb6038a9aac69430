"""Ways to break the books by hand: each breaks one law and leaves every other one as it is.

Written for the books that `test_reconcile` plays.
"""

from dataclasses import dataclass

EUR = "kind = 'house' AND currency = 'EUR' AND owner = 'brand-42'"
HOUSE = f"(SELECT n FROM account WHERE {EUR})"
PURSE = "(SELECT n FROM account WHERE kind = 'clearing' AND currency = 'EUR')"
FUNDING = (
    "(SELECT n FROM account WHERE kind = 'funding' AND currency = 'EUR' AND owner = 'brand-42')"
)
ANA = "(SELECT n FROM account WHERE owner = 'p_19f3')"
BONUS = "(SELECT n FROM account WHERE kind = 'bonus' AND owner = 'p_poor')"
PLAIN_OP = "(SELECT n FROM op WHERE topic = 'session.started' LIMIT 1)"
"""An operation that no bet and no payment knows."""


def _bet(bet_id: str, column: str) -> str:
    return f"(SELECT {column} FROM bet WHERE bet_id = '{bet_id}')"


def _pay(debit: str, credit: str, amount: int, op: str | None = None) -> tuple[str, ...]:
    """A forged payment, of which the accounts know."""
    return (
        enter("post", debit, credit, amount, op=op or PLAIN_OP),
        f"UPDATE account SET posted_debits = posted_debits + {amount} WHERE n = {debit}",
        f"UPDATE account SET posted_credits = posted_credits + {amount} WHERE n = {credit}",
    )


def _swap(kind: str, one: str, other: str, column: str = "hold_move") -> str:
    """One bet's end becomes another's; both were of one amount between the same accounts."""
    return (
        f"UPDATE move SET refers_to = {_bet(one, column)} "
        f"WHERE refers_to = {_bet(other, column)} AND kind = '{kind}'"
    )


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
        _pay(ANA, FUNDING, 10**9),
        "p_19f3:EUR",
    ),
    Case(
        "no player is below zero",
        "spent a bonus that was not there",
        _pay(BONUS, FUNDING, 10**9),
        "p_poor:EUR",
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
        "a bet in another currency",
        ("UPDATE bet SET currency = 'USD' WHERE bet_id = 'open'",),
        "player:p_19f3:EUR",
    ),
    Case(
        "what is pending is the sum of the open bets",
        "a bonus bet in another currency",
        ("UPDATE bet SET currency = 'USD' WHERE bet_id = 'mix-open'",),
        "bonus:p_poor:EUR",
    ),
    Case(
        "a bet holds its own stake",
        "held by another operation",
        (f"UPDATE move SET op = {PLAIN_OP} WHERE n = {_bet('open', 'hold_move')}",),
        "bet open",
    ),
    Case(
        "a bet holds its own stake",
        "in other buckets",
        ("UPDATE bet SET bonus_amount = bonus_amount - 1 WHERE bet_id = 'mix-won'",),
        "bet mix-won",
    ),
    Case(
        "a bet holds its own stake",
        "taken from another player",
        ("UPDATE bet SET player_id = 'p_19f3' WHERE bet_id = 'mix-back'",),
        "bet mix-back",
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
        (_swap("capture", "won", "lost"),),
        "bet lost",
    ),
    Case(
        "every settled bet has its capture and its win",
        "another bet's capture of bonus money",
        (_swap("capture", "mix-won", "mix-lost", "bonus_move"),),
        "bet mix-lost",
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
        (_swap("release", "back", "back2"),),
        "bet back2",
    ),
    Case(
        "every rolled-back bet has its release",
        "another bet's release of bonus money",
        (_swap("release", "mix-back", "mix-back2", "bonus_move"),),
        "bet mix-back2",
    ),
    Case(
        "every hold belongs to a bet",
        "a hold of nobody",
        (enter("hold", ANA, HOUSE),),
        "entry",
    ),
    Case(
        "clearing has what open rounds have in it",
        "money of no round",
        _pay(PURSE, FUNDING, 5),
        "clearing:brand-42/studio:EUR",
    ),
    Case(
        "clearing has what open rounds have in it",
        "a round of another provider",
        ("UPDATE round SET provider = 'nobody' WHERE round_id = 'r-1'",),
        "clearing:brand-42/studio:EUR",
    ),
    Case(
        "a round that ended has posted its net to the house",
        "posted by another operation",
        (
            (
                f"UPDATE move SET op = {PLAIN_OP} WHERE kind = 'post' AND "
                "op = (SELECT closed_op FROM round WHERE round_id = 'r-2')"
            ),
        ),
        "round r-2",
    ),
    Case(
        "a round that ended has posted its net to the house",
        "never posted",
        ("UPDATE round SET closed_op = 0 WHERE round_id = 'r-3'",),
        "round r-3",
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
        for column in ("bets", "open_bets")
    ),
    *(
        Case(
            "a round's sums are those of its bets",
            f"{column} of another round",
            (
                f"UPDATE round SET {column} = {column} + 1 WHERE round_id = 'r-1'",
                f"UPDATE round SET {column} = {column} - 1 WHERE round_id = 'r-4'",
            ),
            "round r-",
        )
        for column in ("staked", "held", "won")
    ),
    *(
        Case(
            "every payment is posted once",
            f"another amount of {payment}",
            (f"UPDATE payment SET amount = amount + 1 WHERE payment_id = '{payment}'",),
            f"payment {payment}",
        )
        for payment in ("pay-1", "pay-in", "pay-out")
    ),
    Case(
        "every payment is posted once",
        "not posted",
        (f"UPDATE payment SET amount = 0, op = {PLAIN_OP} WHERE payment_id = 'pay-1'",),
        "payment pay-1",
    ),
    Case(
        "every payment is posted once",
        "posted twice",
        _pay(HOUSE, FUNDING, 5, "(SELECT op FROM payment WHERE payment_id = 'pay-1')"),
        "payment pay-1",
    ),
    Case(
        "every payment is posted once",
        "the other way round",
        ("UPDATE payment SET kind = 'deposit' WHERE payment_id = 'pay-out'",),
        "payment pay-out",
    ),
)
