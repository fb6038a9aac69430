"""Pools of a scenario's own world: opened by the service's rules, before anybody plays."""

from simulator.reports.runs import happenings as h
from tests.scenarios.playing import played

POOL = """\
scenario: a pool of its own
why: it is wrong, or open already
rules: [WAL-91]
world:
  players: {ana: {cash: 5.00 EUR}}
  pools:
    - {pool_id: %s, title: A, kind: progressive, scope: local, level: mini, currency: EUR,
       owner: brand-42, members: [{brand: brand-42, region: EU}], seed: "10.00", %s}
steps:
  - call: jackpot.readPool
    with: {pool: small-1}
    expect: {status: 200, body: {size: {amount: 10.00, currency: EUR}}}
"""

RATE = "rate: {numerator: 1, denominator: 100}"


def ended(name: str, more: str) -> h.ScenarioEnded:
    (found,) = [one for one in played(POOL % (name, more)) if isinstance(one, h.ScenarioEnded)]
    return found


def test_a_pool_is_there_before_the_first_step() -> None:
    """SBX-07, JP-01: `world: pools` has what a file of contracts/jackpots/ has."""
    assert ended("small-1", RATE).verdict == "pass"


def test_a_pool_that_cannot_be_is_named_with_its_place() -> None:
    """SBX-07: a misspelt key, terms that do not fit together and a name that is taken."""
    for name, more, said in (
        ("small-1", f"{RATE}, capp: '12.00'", "'capp'"),
        ("small-1", f"{RATE}, cap: '9.00'", "cap: is not above the seed"),
        ("grand-eu-01", RATE, "pool grand-eu-01 is open already"),
    ):
        found = ended(name, more)
        assert found.verdict == "could_not_run"
        assert "here.yaml:7:7: world.pools.0: " in found.failures[0]
        assert said in found.failures[0]


def test_events_are_counted_in_the_feed_of_their_party() -> None:
    """JP-20, SBX-07: what the jackpot tells is there as often as it happened, not 0 times."""
    steps = """steps:
  - call: jackpot.triggerPool
    with: {jp_trigger: t1, pool: small-1, reason: random,
      selection: {player_id: ana, round_id: r1}}
    expect: {status: 409}
  - call: jackpot.contribute
    with: {jp_contrib: c1, tenant: brand-42, pool: small-1, round: r1, bet_id: b1, player: ana,
      bet: 2.00 EUR, idempotency_key: c1}
then:
  - events: {jp.contribution.recorded: %d, jp.triggered: 0, wallet.credit.ok: 0}
"""
    text = POOL.partition("steps:")[0] + steps
    for many, verdict in ((1, "pass"), (0, "fail")):
        (found,) = [
            one
            for one in played(text % ("small-1", f"{RATE}, trigger: {{by: call}}", many))
            if isinstance(one, h.ScenarioEnded)
        ]
        assert found.verdict == verdict, found.failures
