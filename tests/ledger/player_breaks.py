"""Ways to break by hand what is kept of a player: bonuses and limits. See `breaks.py`."""

from tests.ledger.breaks import Case

LIMITED = {"stake": "p_19f3", "loss": "p_19f3", "deposit": "p_poor", "withdrawal": "p_poor"}
"""Limits, and whose they are."""

PLAYER_CASES = (
    Case(
        "every bonus is posted once, out of promotion",
        "by another operation",
        (
            (
                "UPDATE bonus SET issued_op = (SELECT n FROM op WHERE topic = 'bonus.issued' "
                "AND n <> issued_op) WHERE bonus_id = 'bonus-old'"
            ),
        ),
        "bonus bonus-old",
    ),
    Case(
        "bonus money is of a bonus that has not ended",
        "the bonus has expired",
        (("UPDATE bonus SET status = 'expired', ended_op = 9999 WHERE bonus_id = 'bonus-p_poor'"),),
        "bonus:p_poor:EUR",
    ),
    Case(
        "bonus money is of a bonus that has not ended",
        "there is none",
        ("UPDATE player SET bonus_id = NULL WHERE player_id = 'p_poor'",),
        "bonus:p_poor:EUR",
    ),
    Case(
        "a bonus counts the stakes that were taken while it ran",
        "a cent more",
        ("UPDATE bonus SET wagered = wagered + 1 WHERE bonus_id = 'bonus-p_poor'",),
        "bonus bonus-p_poor",
    ),
    Case(
        "every bonus has its event",
        "another event",
        (
            (
                "UPDATE op SET topic = 'bonus.consumed' WHERE n = "
                "(SELECT issued_op FROM bonus WHERE bonus_id = 'bonus-p_poor')"
            ),
        ),
        "bonus bonus-p_poor",
    ),
    *(
        Case(
            "a limit counts what its window has seen",
            f"{kind} of a {period}",
            (
                (
                    "UPDATE rg_limit SET used = used + 1 "
                    f"WHERE kind = '{kind}' AND period = '{period}' AND player_id = '{player}'"
                ),
            ),
            f"limit {player}:{kind}:{period}",
        )
        for kind, player in LIMITED.items()
        for period in ("day", "month")
    ),
)
