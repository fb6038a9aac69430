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
        SELECT a.kind || ':' || a.owner || ':' || a.currency, 'pending ' || a.pending_debits ||
               ', its open bets hold ' || coalesce(b.held, 0)
        FROM account a
        LEFT JOIN (SELECT tenant, 'player' AS kind, player_id, currency,
                          sum(amount - bonus_amount) AS held
                   FROM bet WHERE status = 'authorized' GROUP BY tenant, player_id, currency
                   UNION ALL
                   SELECT tenant, 'bonus', player_id, currency, sum(bonus_amount)
                   FROM bet WHERE status = 'authorized' GROUP BY tenant, player_id, currency) b
          ON b.tenant = a.tenant AND b.kind = a.kind AND b.player_id = a.owner
             AND b.currency = a.currency
        WHERE a.kind IN ('player', 'bonus') AND a.pending_debits <> coalesce(b.held, 0)
        """,
    ),
    Law(
        "a bet holds its own stake",
        """
        SELECT 'bet ' || b.bet_id, b.bucket || ' stake ' || b.stake || ', entry ' || b.move ||
               ' is a ' || coalesce(m.kind, 'gap') || ' of ' || coalesce(m.amount, 0) || ' from ' ||
               coalesce(a.kind, 'nobody')
        FROM bet_hold b
        LEFT JOIN move m ON m.n = b.move
        LEFT JOIN account a ON a.n = m.debit
        WHERE m.n IS NULL OR m.kind <> 'hold' OR m.amount <> b.stake OR m.op <> b.opened_op
           OR a.kind <> b.bucket OR a.owner <> b.player_id
        """,
    ),
    Law(
        "an open bet's hold has not ended",
        """
        SELECT 'bet ' || b.bet_id, 'its hold was ended by entry ' || e.n
        FROM bet_hold b JOIN move e ON e.refers_to = b.move WHERE b.status = 'authorized'
        """,
    ),
    Law(
        "every settled bet has its capture and its win",
        """
        SELECT 'bet ' || b.bet_id, b.bucket || ' stake ' || b.stake || ' was not captured'
        FROM bet_hold b
        LEFT JOIN move c ON c.refers_to = b.move AND c.kind = 'capture'
        WHERE b.status = 'settled' AND c.n IS NULL
        UNION ALL
        SELECT 'bet ' || b.bet_id, 'win ' || b.win || ', posted ' || coalesce(p.amount, 0)
        FROM bet b
        LEFT JOIN (SELECT m.op, sum(m.amount) AS amount
                   FROM move m JOIN account a ON a.n = m.debit AND a.kind = 'clearing'
                   WHERE m.kind = 'post' GROUP BY m.op) p
          ON p.op = b.closed_op
        WHERE b.status = 'settled' AND coalesce(p.amount, 0) <> b.win
        """,
    ),
    Law(
        "every rolled-back bet has its release",
        """
        SELECT 'bet ' || b.bet_id, 'rolled back, and its ' || b.bucket || ' hold was not released'
        FROM bet_hold b LEFT JOIN move r ON r.refers_to = b.move AND r.kind = 'release'
        WHERE b.status = 'rolled_back' AND r.n IS NULL
        """,
    ),
    Law(
        "every hold belongs to a bet",
        """
        SELECT 'entry ' || m.n, 'a hold of ' || m.amount || ' that no bet knows'
        FROM move m LEFT JOIN bet_hold b ON b.move = m.n
        WHERE m.kind = 'hold' AND b.move IS NULL
        """,
    ),
    Law(
        "clearing has what open rounds have in it",
        """
        SELECT a.kind || ':' || a.owner || ':' || a.currency, 'has ' ||
               (a.posted_credits - a.posted_debits) || ', ' || a.pending_credits ||
               ' pending; its open rounds give ' || coalesce(r.net, 0) || ', ' ||
               coalesce(r.held, 0)
        FROM account a
        LEFT JOIN (SELECT tenant, brand || '/' || provider AS owner, currency,
                          sum(staked - held - won) AS net, sum(held) AS held
                   FROM round WHERE status = 'open' GROUP BY tenant, brand, provider, currency) r
          ON r.tenant = a.tenant AND r.owner = a.owner AND r.currency = a.currency
        WHERE a.kind = 'clearing'
          AND (a.posted_credits - a.posted_debits <> coalesce(r.net, 0)
               OR a.pending_credits <> coalesce(r.held, 0))
        """,
    ),
    Law(
        "a round that ended has posted its net to the house",
        """
        SELECT 'round ' || r.round_id, 'net ' || (r.staked - r.won) || ', posted ' ||
               coalesce(p.net, 0)
        FROM round r
        LEFT JOIN (SELECT m.op, sum(CASE WHEN c.kind = 'house' THEN m.amount ELSE -m.amount END)
                          AS net
                   FROM move m JOIN account d ON d.n = m.debit JOIN account c ON c.n = m.credit
                   WHERE (d.kind = 'clearing' AND c.kind = 'house')
                      OR (d.kind = 'house' AND c.kind = 'clearing') GROUP BY m.op) p
          ON p.op = r.closed_op
        WHERE r.status <> 'open' AND coalesce(p.net, 0) <> r.staked - r.won
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
               ' open, staked ' || r.staked || ', held ' || r.held || ', won ' || r.won ||
               '; its bets give ' || coalesce(b.bets, 0) || ', ' || coalesce(b.open_bets, 0) ||
               ', ' || coalesce(b.staked, 0) || ', ' || coalesce(b.held, 0) || ', ' ||
               coalesce(b.won, 0)
        FROM round r
        LEFT JOIN (
          SELECT tenant, round_id, count(*) AS bets,
                 sum(CASE status WHEN 'authorized' THEN 1 ELSE 0 END) AS open_bets,
                 sum(CASE status WHEN 'rolled_back' THEN 0 ELSE amount END) AS staked,
                 sum(CASE status WHEN 'authorized' THEN amount ELSE 0 END) AS held,
                 sum(coalesce(win, 0)) AS won
          FROM bet WHERE hold_move IS NOT NULL GROUP BY tenant, round_id) b
          ON b.tenant = r.tenant AND b.round_id = r.round_id
        WHERE r.bets <> coalesce(b.bets, 0) OR r.open_bets <> coalesce(b.open_bets, 0)
           OR r.staked <> coalesce(b.staked, 0) OR r.held <> coalesce(b.held, 0)
           OR r.won <> coalesce(b.won, 0)
        """,
    ),
    Law(
        "every payment is posted once",
        """
        SELECT 'payment ' || p.payment_id, p.kind || ' of ' || p.amount || ', posted ' ||
               coalesce(m.amount, 0)
        FROM payment p
        LEFT JOIN (SELECT m.op, sum(CASE d.kind WHEN 'funding' THEN m.amount ELSE -m.amount END)
                          AS amount
                   FROM move m JOIN account d ON d.n = m.debit JOIN account c ON c.n = m.credit
                   WHERE m.kind = 'post' AND (d.kind = 'funding' OR c.kind = 'funding')
                   GROUP BY m.op) m
          ON m.op = p.op
        WHERE m.amount IS NULL
           OR m.amount <> CASE p.kind WHEN 'withdrawal' THEN -p.amount ELSE p.amount END
        """,
    ),
)
