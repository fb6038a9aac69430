"""The laws that tie bets, rounds, payments and events to the book."""

from simulator.ledger.reconcile import Law

COUNTED = (
    "accounts=account",
    "entries=move",
    "bets=bet",
    "events=op WHERE topic IS NOT NULL",
)
"""What a reconciliation says it has looked at."""

LAWS = (
    Law(
        "what is pending is the sum of the open bets",
        """
        SELECT a.owner || ':' || a.currency, 'pending ' || a.pending_debits ||
               ', its open bets hold ' || coalesce(b.held, 0)
        FROM account a
        LEFT JOIN (SELECT tenant, player_id, currency, sum(amount) AS held FROM bet
                   WHERE status = 'authorized' GROUP BY tenant, player_id, currency) b
          ON b.tenant = a.tenant AND b.player_id = a.owner AND b.currency = a.currency
        WHERE a.kind = 'player' AND a.pending_debits <> coalesce(b.held, 0)
        """,
    ),
    Law(
        "a bet holds its own stake",
        """
        SELECT 'bet ' || b.bet_id, 'stake ' || b.amount || ', entry ' || b.hold_move || ' is a ' ||
               coalesce(m.kind, 'gap') || ' of ' || coalesce(m.amount, 0)
        FROM bet b LEFT JOIN move m ON m.n = b.hold_move
        WHERE b.hold_move IS NOT NULL
          AND (m.n IS NULL OR m.kind <> 'hold' OR m.amount <> b.amount OR m.op <> b.opened_op)
        """,
    ),
    Law(
        "an open bet's hold has not ended",
        """
        SELECT 'bet ' || b.bet_id, 'its hold was ended by entry ' || e.n
        FROM bet b JOIN move e ON e.refers_to = b.hold_move WHERE b.status = 'authorized'
        """,
    ),
    Law(
        "every settled bet has its capture and its win",
        """
        SELECT 'bet ' || b.bet_id, 'win ' || b.win || ', posted ' ||
               coalesce((SELECT sum(amount) FROM move w WHERE w.op = b.closed_op
                         AND w.kind = 'post'), 0) || ', captures ' ||
               (SELECT count(*) FROM move e WHERE e.refers_to = b.hold_move AND e.kind = 'capture')
        FROM bet b
        LEFT JOIN move c ON c.refers_to = b.hold_move AND c.kind = 'capture'
        LEFT JOIN (SELECT op, sum(amount) AS amount FROM move WHERE kind = 'post' GROUP BY op) p
          ON p.op = b.closed_op
        WHERE b.status = 'settled' AND (c.n IS NULL OR coalesce(p.amount, 0) <> b.win)
        """,
    ),
    Law(
        "every rolled-back bet has its release",
        """
        SELECT 'bet ' || b.bet_id, 'rolled back, and its hold was not released'
        FROM bet b LEFT JOIN move r ON r.refers_to = b.hold_move AND r.kind = 'release'
        WHERE b.status = 'rolled_back' AND b.hold_move IS NOT NULL AND r.n IS NULL
        """,
    ),
    Law(
        "every hold belongs to a bet",
        """
        SELECT 'entry ' || m.n, 'a hold of ' || m.amount || ' that no bet knows'
        FROM move m LEFT JOIN bet b ON b.hold_move = m.n
        WHERE m.kind = 'hold' AND b.n IS NULL
        """,
    ),
    Law(
        "every change of a bet has its event",
        """
        SELECT 'bet ' || b.bet_id, 'no ' || b.topic || ' at operation ' || b.op
        FROM (SELECT bet_id, opened_op AS op, 'bet.authorized' AS topic FROM bet
              WHERE hold_move IS NOT NULL
              UNION ALL
              SELECT bet_id, closed_op, 'bet.' || status FROM bet
              WHERE status <> 'authorized') b
        LEFT JOIN op o ON o.n = b.op
        WHERE o.topic IS NULL OR o.topic <> b.topic
        """,
    ),
    Law(
        "every event tells of a change",
        """
        SELECT 'operation ' || o.n, o.topic || ' tells of no bet'
        FROM op o
        LEFT JOIN bet a ON a.opened_op = o.n AND a.hold_move IS NOT NULL
        LEFT JOIN bet c ON c.closed_op = o.n
        WHERE (o.topic = 'bet.authorized' AND a.n IS NULL)
           OR (o.topic IN ('bet.settled', 'bet.rolled_back') AND c.n IS NULL)
        """,
    ),
    Law(
        "a round's sums are those of its bets",
        """
        SELECT 'round ' || r.round_id, 'counts ' || r.bets || ' bets, ' || r.open_bets ||
               ' open, staked ' || r.staked || ', won ' || r.won || '; its bets give ' ||
               coalesce(b.bets, 0) || ', ' || coalesce(b.open_bets, 0) || ', ' ||
               coalesce(b.staked, 0) || ', ' || coalesce(b.won, 0)
        FROM round r
        LEFT JOIN (
          SELECT tenant, round_id, count(*) AS bets,
                 sum(CASE status WHEN 'authorized' THEN 1 ELSE 0 END) AS open_bets,
                 sum(CASE status WHEN 'rolled_back' THEN 0 ELSE amount END) AS staked,
                 sum(coalesce(win, 0)) AS won
          FROM bet WHERE hold_move IS NOT NULL GROUP BY tenant, round_id) b
          ON b.tenant = r.tenant AND b.round_id = r.round_id
        WHERE r.bets <> coalesce(b.bets, 0) OR r.open_bets <> coalesce(b.open_bets, 0)
           OR r.staked <> coalesce(b.staked, 0) OR r.won <> coalesce(b.won, 0)
        """,
    ),
    Law(
        "every payment is posted once",
        """
        SELECT 'payment ' || p.payment_id, 'of ' || p.amount || ', posted ' ||
               coalesce(m.amount, 0)
        FROM payment p
        LEFT JOIN (SELECT op, sum(amount) AS amount FROM move WHERE kind = 'post' GROUP BY op) m
          ON m.op = p.op
        WHERE coalesce(m.amount, -1) <> p.amount
        """,
    ),
)
