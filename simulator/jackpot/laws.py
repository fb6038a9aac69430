"""What must hold among the rows of the jackpot service, asked from outside (`ledger/reconcile.py`).

The pool law and the law of the carried remainder are CHECKs of the schema as well; here the sums in
them are asked of the rows that they are sums of (WAL-91).
"""

from simulator.ledger.reconcile import Law

COUNTED = (
    "pools=jp_pool",
    "contributions=jp_contribution",
    "triggers=jp_trigger",
    "payouts=jp_payout",
)

_PUT_IN = """
  SELECT pool_id,
         count(*) AS bets,
         sum(amount) AS contributed,
         sum(amount - current) AS diverted,
         sum(CASE charged_to WHEN 'pool' THEN current ELSE 0 END) AS reversed,
         sum(CASE WHEN charged_to = 'pool' THEN 0 ELSE to_reserve END)
           - sum(CASE charged_to WHEN 'reserve' THEN amount ELSE 0 END) AS reserve,
         sum(CASE WHEN charged_to = 'pool' THEN 0 ELSE to_seed END) AS seed_fund,
         sum(CASE WHEN charged_to = 'pool' THEN 0 ELSE to_overflow END) AS overflow
  FROM jp_contribution GROUP BY pool_id
"""
_WON = "SELECT pool_id, sum(amount) AS paid, count(*) AS hits FROM jp_trigger GROUP BY pool_id"
EXPECTED_SIZES = f"""
  SELECT p.pool_id, coalesce(c.bets, 0) AS bets, coalesce(c.contributed, 0) AS contributed,
         coalesce(t.paid, 0) AS paid, coalesce(t.hits, 0) AS hits,
         p.seeded + coalesce(c.contributed, 0) - coalesce(t.paid, 0) - coalesce(c.reversed, 0)
           - coalesce(c.diverted, 0) AS size
  FROM jp_pool p
  LEFT JOIN ({_PUT_IN}) c ON c.pool_id = p.pool_id
  LEFT JOIN ({_WON}) t ON t.pool_id = p.pool_id
"""  # noqa: S608 - our own text
"""What the rows of a pool add up to; its drift is how far its size is from that (JP-51)."""

_FORFEITED = """
  SELECT pool_id, sum(amount) AS amount FROM jp_payout
  WHERE status IN ('forfeited', 'cancelled') GROUP BY pool_id
"""

LAWS = (
    Law(
        "a pool is its seedings and contributions less its payouts, reversals and diversions",
        f"""
        SELECT 'pool ' || p.pool_id,
               'size ' || p.size || ', contributed ' || p.contributed || ', paid ' || p.paid ||
               ', reversed ' || p.reversed || ', diverted ' || p.diverted || '; its rows give ' ||
               coalesce(c.contributed, 0) || ', ' || coalesce(t.paid, 0) || ', ' ||
               coalesce(c.reversed, 0) || ', ' || coalesce(c.diverted, 0)
        FROM jp_pool p
        LEFT JOIN ({_PUT_IN}) c ON c.pool_id = p.pool_id
        LEFT JOIN ({_WON}) t ON t.pool_id = p.pool_id
        WHERE p.contributed <> coalesce(c.contributed, 0) OR p.paid <> coalesce(t.paid, 0)
           OR p.reversed <> coalesce(c.reversed, 0) OR p.diverted <> coalesce(c.diverted, 0)
           OR p.hits <> coalesce(t.hits, 0)
           OR p.size <> p.seeded + coalesce(c.contributed, 0) - coalesce(t.paid, 0)
                        - coalesce(c.reversed, 0) - coalesce(c.diverted, 0)
        """,  # noqa: S608 - our own texts
    ),
    Law(
        "the seed fund has paid each seeding, the reserve what came back late",
        f"""
        SELECT 'pool ' || p.pool_id,
               'reserve ' || p.reserve || ', seed fund ' || p.seed_fund || ', overflow ' ||
               p.overflow || '; its rows give ' ||
               (coalesce(c.reserve, 0) + coalesce(f.amount, 0)) || ', ' ||
               (coalesce(c.seed_fund, 0) - p.seeded) || ', ' || coalesce(c.overflow, 0)
        FROM jp_pool p
        LEFT JOIN ({_PUT_IN}) c ON c.pool_id = p.pool_id
        LEFT JOIN ({_FORFEITED}) f ON f.pool_id = p.pool_id
        WHERE p.reserve <> coalesce(c.reserve, 0) + coalesce(f.amount, 0)
           OR p.seed_fund <> coalesce(c.seed_fund, 0) - p.seeded
           OR p.overflow <> coalesce(c.overflow, 0)
           OR p.forfeited <> coalesce(f.amount, 0)
        """,  # noqa: S608 - our own texts
    ),
    Law(
        "contributions and the carried remainder are the rate's part of the stakes, in every cycle",
        """
        SELECT 'pool ' || k.pool_id || ', cycle ' || k.cycle,
               k.stakes || ' staked, ' || k.taken || ' taken; its rows give ' ||
               coalesce(c.stakes, 0) || ', ' || coalesce(c.taken, 0)
        FROM (SELECT pool_id, cycle, stakes, taken, rate_n, rate_d, carry_in, carry FROM jp_pool
              UNION ALL
              SELECT pool_id, cycle, stakes, taken, rate_n, rate_d, carry_in, carry
              FROM jp_trigger) k
        LEFT JOIN (SELECT pool_id, cycle, sum(stake) AS stakes, sum(amount) AS taken
                   FROM jp_contribution GROUP BY pool_id, cycle) c
          ON c.pool_id = k.pool_id AND c.cycle = k.cycle
        WHERE k.stakes <> coalesce(c.stakes, 0) OR k.taken <> coalesce(c.taken, 0)
           OR k.taken * k.rate_d + k.carry <> coalesce(c.stakes, 0) * k.rate_n + k.carry_in
        """,
    ),
    Law(
        "a place holds its contribution's tickets and those of the places that it covers",
        """
        SELECT 'pool ' || t.pool_id || ', cycle ' || t.cycle || ', place ' || t.place,
               t.tickets || ' tickets; its rows give ' || (t.live + coalesce(b.tickets, 0))
        FROM (SELECT k.pool_id, k.cycle, CAST(k.place AS bigint) AS place, k.tickets,
                     CASE c.status WHEN 'recorded' THEN k.own ELSE 0 END AS live
              FROM jp_ticket k
              JOIN jp_pool p ON p.pool_id = k.pool_id AND CAST(p.cycle AS text) = k.cycle
              LEFT JOIN jp_contribution c
                ON c.tenant = k.tenant AND c.jp_contrib_id = k.jp_contrib_id) t
        LEFT JOIN (SELECT pool_id, cycle, sum(tickets) AS tickets,
                          CAST(place AS bigint) + (CAST(place AS bigint) & -CAST(place AS bigint))
                            AS place
                   FROM jp_ticket GROUP BY 1, 2, 4) b
          ON b.pool_id = t.pool_id AND b.cycle = t.cycle AND b.place = t.place
        WHERE t.tickets <> t.live + coalesce(b.tickets, 0)
        """,
    ),
    Law(
        "every fall owes one payout, of its own amount",
        """
        SELECT 'trigger ' || t.jp_trigger_id, 'owes ' || t.amount || ' ' || t.currency || ' as ' ||
               t.jp_payout_id || '; there is ' || coalesce(p.amount || ' ' || p.currency, 'nothing')
        FROM jp_trigger t
        LEFT JOIN jp_payout p ON p.tenant = t.tenant AND p.jp_payout_id = t.jp_payout_id
        WHERE p.n IS NULL OR p.amount <> t.amount OR p.currency <> t.currency
           OR p.jp_trigger_id <> t.jp_trigger_id OR p.player_id <> t.player_id
           OR p.pool_id <> t.pool_id
        UNION ALL
        SELECT 'payout ' || p.jp_payout_id, 'no trigger ' || p.jp_trigger_id || ' owes it'
        FROM jp_payout p
        LEFT JOIN jp_trigger t ON t.tenant = p.tenant AND t.jp_trigger_id = p.jp_trigger_id
        WHERE t.n IS NULL
        """,
    ),
    Law(
        "the hits of a pool follow one another",
        """
        SELECT 'pool ' || pool_id, hits || ' hits, numbered ' || first || ' to ' || last
        FROM (SELECT pool_id, count(*) AS hits, min(hit) AS first, max(hit) AS last
              FROM jp_trigger GROUP BY pool_id) h
        WHERE first <> 1 OR last <> hits
        """,
    ),
    Law(
        "every payout under way is driven",
        """
        SELECT 'payout ' || p.jp_payout_id, p.status || ', and no task drives it'
        FROM jp_payout p
        WHERE p.status IN ('due', 'requested') AND NOT EXISTS (
          SELECT 1 FROM task t WHERE t.state = 'pending' AND
            (t.operation = 'send' OR
             (t.operation = 'payOut' AND t.key = p.jp_payout_id || '/' || p.attempt)))
        """,
    ),
    Law(
        "what is watched is what waits and what is held back",
        """
        SELECT 'tenant ' || w.tenant,
               'oldest ' || coalesce(w.oldest_ns, 0) || ', held ' || w.held ||
               '; its rows give ' || coalesce(p.oldest_ns, 0) || ', ' || coalesce(h.held, 0)
        FROM jp_watch w
        LEFT JOIN (SELECT tenant, min(waits_ns) AS oldest_ns FROM jp_payout GROUP BY tenant) p
          ON p.tenant = w.tenant
        LEFT JOIN (SELECT tenant, count(*) AS held FROM jp_held
                   WHERE status = 'held' GROUP BY tenant) h
          ON h.tenant = w.tenant
        WHERE w.held <> coalesce(h.held, 0)
           OR coalesce(w.oldest_ns, -1) <> coalesce(p.oldest_ns, -1)
        """,
    ),
    Law(
        "a region's part of a network is what its rows say",
        """
        SELECT 'pool ' || r.pool_id || ', region ' || r.region,
               coalesce(s.contributed, 0) || ' contributed, ' || coalesce(s.reversed, 0) ||
               ' reversed, ' || coalesce(s.paid, 0) || ' paid, ' || coalesce(s.size, 0) ||
               ' in the pool; its rows give ' || r.contributed || ', ' || r.reversed || ', ' ||
               r.paid || ', ' || r.size
        FROM (SELECT pool_id, region, sum(bets) AS bets, sum(contributed) AS contributed,
                     sum(reversed) AS reversed, sum(paid) AS paid, sum(hits) AS hits,
                     sum(size) AS size
              FROM (SELECT c.pool_id, c.region, 1 AS bets, c.amount AS contributed,
                           CASE c.charged_to WHEN 'pool' THEN c.current ELSE 0 END AS reversed,
                           0 AS paid, 0 AS hits,
                           CASE WHEN c.status = 'recorded' AND c.cycle >= p.since_cycle
                                THEN c.current ELSE 0 END AS size
                    FROM jp_contribution c JOIN jp_pool p ON p.pool_id = c.pool_id
                    UNION ALL
                    SELECT pool_id, region, 0, 0, 0, amount, 1, 0 FROM jp_trigger
                    UNION ALL
                    SELECT pool_id, region, 0, 0, 0, 0, 0, 0 FROM jp_subpool) parts
              GROUP BY pool_id, region) r
        JOIN (SELECT pool_id FROM jp_subpool GROUP BY pool_id) n ON n.pool_id = r.pool_id
        JOIN jp_pool p ON p.pool_id = r.pool_id
        LEFT JOIN jp_subpool s ON s.pool_id = r.pool_id AND s.region = r.region
        WHERE coalesce(s.bets, 0) <> r.bets OR coalesce(s.contributed, 0) <> r.contributed
           OR coalesce(s.reversed, 0) <> r.reversed OR coalesce(s.paid, 0) <> r.paid
           OR coalesce(s.hits, 0) <> r.hits
           OR CASE s.since_cycle WHEN p.since_cycle THEN s.size ELSE 0 END <> r.size
        """,
    ),
    Law(
        "every change of a contribution, a pool or a payout has its event",
        """
        SELECT r.what, 'no ' || r.topic || ' at operation ' || coalesce(r.op, 0)
        FROM (SELECT 'contribution ' || jp_contrib_id AS what, op,
                     'jp.contribution.recorded' AS topic FROM jp_contribution
              UNION ALL
              SELECT 'contribution ' || jp_contrib_id, reversed_op, 'jp.contribution.reversed'
              FROM jp_contribution WHERE status = 'reversed'
              UNION ALL
              SELECT 'payout ' || jp_payout_id, changed_op,
                     CASE status WHEN 'due' THEN 'jp.payout.released'
                                 WHEN 'parked' THEN 'jp.payout.failed'
                                 ELSE 'jp.payout.' || status END
              FROM jp_payout WHERE changed_op IS NOT NULL) r
        LEFT JOIN op o ON o.n = r.op
        WHERE o.topic IS NULL OR o.topic <> r.topic
        """,
    ),
)
