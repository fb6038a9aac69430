"""The laws of the studio's rows, asked from outside by the reconciliation (SBX-11)."""

from simulator.ledger.reconcile import Law

LAWS = (
    Law(
        "a session counts the cash spins that stand",
        """
        SELECT s.session_id, 'counts ' || s.spins || ' spins, ' || s.staked || ' staked, ' ||
               s.won || ' won; its spins give ' || coalesce(p.spins, 0) || ', ' ||
               coalesce(p.staked, 0) || ', ' || coalesce(p.won, 0)
        FROM game_session s
        LEFT JOIN (SELECT tenant, session_id, count(*) AS spins, sum(stake) AS staked,
                          sum(win) AS won
                   FROM spin WHERE spin_type = 'cash' AND status = 'played'
                   GROUP BY tenant, session_id) p
          ON p.tenant = s.tenant AND p.session_id = s.session_id
        WHERE s.spins <> coalesce(p.spins, 0) OR s.staked <> coalesce(p.staked, 0)
           OR s.won <> coalesce(p.won, 0)
        """,
    ),
    Law(
        "a round counts the spins that stand",
        """
        SELECT r.round_id, 'counts ' || r.spins || ' spins, ' || r.staked || ' staked, ' ||
               r.won || ' won; its spins give ' || coalesce(p.spins, 0) || ', ' ||
               coalesce(p.staked, 0) || ', ' || coalesce(p.won, 0)
        FROM game_round r
        LEFT JOIN (SELECT tenant, round_id, count(*) AS spins, sum(stake) AS staked,
                          sum(win) AS won
                   FROM spin WHERE status = 'played' GROUP BY tenant, round_id) p
          ON p.tenant = r.tenant AND p.round_id = r.round_id
        WHERE r.spins <> coalesce(p.spins, 0) OR r.staked <> coalesce(p.staked, 0)
           OR r.won <> coalesce(p.won, 0)
        """,
    ),
    Law(
        "what came into a session and left it is its transfers",
        """
        SELECT s.session_id, 'in ' || s.moved_in || ', out ' || s.moved_out ||
               '; its transfers give ' || coalesce(t.moved_in, 0) || ', ' ||
               coalesce(t.moved_out, 0)
        FROM game_session s
        LEFT JOIN (SELECT tenant, session_id,
                          sum(CASE direction WHEN 'in' THEN amount ELSE 0 END) AS moved_in,
                          sum(CASE direction WHEN 'out' THEN amount ELSE 0 END) AS moved_out
                   FROM money_move GROUP BY tenant, session_id) t
          ON t.tenant = s.tenant AND t.session_id = s.session_id
        WHERE s.moved_in <> coalesce(t.moved_in, 0) OR s.moved_out <> coalesce(t.moved_out, 0)
        """,
    ),
    Law(
        "a transfer session keeps what came in, less stakes, plus wins, less what left",
        """
        SELECT session_id, 'keeps ' || balance || ', not ' ||
               (moved_in - moved_out - staked + won)
        FROM game_session
        WHERE balance IS NOT NULL AND balance <> moved_in - moved_out - staked + won
        """,
    ),
    Law(
        "a grant counts the free spins that consumed it",
        """
        SELECT g.grant_id, 'consumed ' || g.consumed || ', won ' || g.won ||
               '; its spins give ' || coalesce(p.spins, 0) || ', ' || coalesce(p.won, 0)
        FROM free_spins g
        LEFT JOIN (SELECT tenant, grant_id, count(*) AS spins, sum(win) AS won
                   FROM spin WHERE status = 'played' AND grant_id IS NOT NULL
                   GROUP BY tenant, grant_id) p
          ON p.tenant = g.tenant AND p.grant_id = g.grant_id
        WHERE g.consumed <> coalesce(p.spins, 0) OR g.won <> coalesce(p.won, 0)
        """,
    ),
    Law(
        "a place in a tournament counts its spins",
        """
        SELECT e.tournament_id || ':' || e.player_id, 'counts ' || e.spins || ', ' || e.staked ||
               ', ' || e.won || '; its spins give ' || coalesce(p.spins, 0) || ', ' ||
               coalesce(p.staked, 0) || ', ' || coalesce(p.won, 0)
        FROM tournament_entry e
        LEFT JOIN (SELECT tenant, tournament_id, player_id, count(*) AS spins,
                          sum(stake) AS staked, sum(win) AS won
                   FROM spin WHERE status = 'played' AND tournament_id IS NOT NULL
                   GROUP BY tenant, tournament_id, player_id) p
          ON p.tenant = e.tenant AND p.tournament_id = e.tournament_id
         AND p.player_id = e.player_id
        WHERE e.spins <> coalesce(p.spins, 0) OR e.staked <> coalesce(p.staked, 0)
           OR e.won <> coalesce(p.won, 0)
        """,
    ),
    Law(
        "a spin is of a session and a round of that session",
        """
        SELECT p.spin_id, 'session ' || p.session_id || ', round ' || p.round_id
        FROM spin p
        LEFT JOIN game_session s ON s.tenant = p.tenant AND s.session_id = p.session_id
        LEFT JOIN game_round r ON r.tenant = p.tenant AND r.round_id = p.round_id
                              AND r.session_id = p.session_id
        WHERE s.n IS NULL OR r.n IS NULL OR s.player_id <> p.player_id
           OR s.currency <> p.currency
        """,
    ),
    Law(
        "every spin can be played again",
        """
        SELECT p.spin_id, 'its seed or data was not kept'
        FROM spin p
        LEFT JOIN used_seed u ON u.fingerprint = p.seed_fingerprint
        LEFT JOIN game_data d ON d.data_hash = p.data_hash
        WHERE u.n IS NULL OR d.n IS NULL
        """,
    ),
    Law(
        "every spin was told once",
        """
        SELECT p.spin_id, 'told ' || count(o.n) || ' times'
        FROM spin p
        LEFT JOIN op o ON o.topic = 'spin_finished' AND o.player_id = p.player_id
                      AND o.n = p.op
        GROUP BY p.n, p.spin_id HAVING count(o.n) <> 1
        """,
    ),
)
"""What breaks each of them is selected by its statement."""

COUNTED = (
    "sessions=game_session",
    "rounds=game_round",
    "spins=spin",
    "grants=free_spins",
    "tournaments=tournament",
)
"""What a reconciliation counts."""
