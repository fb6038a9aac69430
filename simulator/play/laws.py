"""What must hold among the rows of play, asked from outside (`ledger/reconcile.py`).

What wallet and studio say of the same rounds is theirs to know: the tests compare the three.
"""

from simulator.ledger.reconcile import Law

COUNTED = ("sessions=play_session", "rounds=play_round")

LAWS = (
    Law(
        "a session's sums are those of its rounds",
        """
        SELECT 'session ' || s.session_id, 'counts ' || s.rounds || ' rounds, ' || s.open_rounds ||
               ' open, staked ' || s.staked || ', won ' || s.won || '; its rounds give ' ||
               coalesce(r.rounds, 0) || ', ' || coalesce(r.open_rounds, 0) || ', ' ||
               coalesce(r.staked, 0) || ', ' || coalesce(r.won, 0)
        FROM play_session s
        LEFT JOIN (
          SELECT tenant, session_id,
                 sum(CASE status WHEN 'completed' THEN 1 ELSE 0 END) AS rounds,
                 sum(CASE status WHEN 'open' THEN 1 ELSE 0 END) AS open_rounds,
                 sum(CASE status WHEN 'completed' THEN paid ELSE 0 END) AS staked,
                 sum(CASE status WHEN 'completed' THEN win ELSE 0 END) AS won
          FROM play_round GROUP BY tenant, session_id) r
          ON r.tenant = s.tenant AND r.session_id = s.session_id
        WHERE s.rounds <> coalesce(r.rounds, 0) OR s.open_rounds <> coalesce(r.open_rounds, 0)
           OR s.staked <> coalesce(r.staked, 0) OR s.won <> coalesce(r.won, 0)
        """,
    ),
    Law(
        "a round is of a session",
        """
        SELECT 'round ' || r.round_id, 'session ' || r.session_id || ' does not exist'
        FROM play_round r
        LEFT JOIN play_session s ON s.tenant = r.tenant AND s.session_id = r.session_id
        WHERE s.n IS NULL
        """,
    ),
    Law(
        "every open round is driven, and nothing else",
        """
        SELECT 'rounds', rounds || ' are open, and ' || tasks || ' tasks are pending'
        FROM (SELECT (SELECT count(*) FROM play_round WHERE status = 'open') AS rounds,
                     (SELECT count(*) FROM task
                      WHERE operation = 'playRound' AND state = 'pending') AS tasks) AS counted
        WHERE rounds <> tasks
        """,
    ),
    Law(
        "every change of a round has its event",
        """
        SELECT 'round ' || r.round_id, 'no ' || r.topic || ' at operation ' || coalesce(r.op, 0)
        FROM (SELECT round_id, opened_op AS op, 'round.opened' AS topic FROM play_round
              UNION ALL
              SELECT round_id, ended_op, 'round.' || status FROM play_round
              WHERE status <> 'open') r
        LEFT JOIN op o ON o.n = r.op
        WHERE o.topic IS NULL OR o.topic <> r.topic
        """,
    ),
)
