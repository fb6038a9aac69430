"""The law over what reached subscribers finds what is lost, late, turned around or miscounted; a
scenario goes back in time only where there is something to go back to (PRV-34, SBX-04, SBX-07)."""

import pytest

from tests.scenarios.playing import SHIPPED, ended, played

SCENARIO = """\
scenario: two events
why: One of them goes wrong.
rules: [PRV-34]
world:
  players: {{ana: {{cash: 50.00 EUR}}}}
  subscribers: {{crm: {{events: [bet.*], retry: {retry}}}}}
chaos:
  - {chaos}
steps:
  - call: wallet.authorizeBet
    with: {{session: s-ana, round: r1, bet: b1, amount: 2.00 EUR}}
  - call: wallet.authorizeBet
    with: {{session: s-ana, round: r1, bet: b2, amount: 2.00 EUR}}
  - {step}
then:
  - delivered: {{{law}}}
"""

ONE = '{at: {event: "bet.*"}, attempts: [1], fault: status}'
ALL = '{at: {event: "bet.*"}, fault: status}'
TURNED = '{at: {event: "bet.*"}, calls: [1], fault: reorder}'
TWICE = '{at: {event: "bet.*"}, attempts: [1], fault: duplicate}'
GOOD = "crm: {events: {bet.authorized: 2}}"
LATER = "advance: 10s"


@pytest.mark.parametrize(
    ("retry", "chaos", "step", "law", "says"),
    [
        ("[1s]", ONE, LATER, GOOD, None),
        ("[]", ONE, LATER, GOOD, "2 were given up, expected 0"),
        ("[]", ONE, LATER, "crm: {dead: 2}", None),
        ("[1s, 9h]", ALL, LATER, GOOD, "events are still on their way"),
        ("[1s, 9h]", ALL, LATER, GOOD, "never arrived"),
        ("[1s]", TURNED, LATER, GOOD, "came after a later event of ana"),
        ("[1s]", TURNED, LATER, "crm: {in_order: false}", None),
        ("[1s]", TWICE, LATER, "crm: {arrivals: 2}", "arrivals is 4, expected 2"),
        ("[1s]", TWICE, LATER, "crm: {refused: 1}", "refused is 0, expected 1"),
        ("[1s]", ONE, LATER, "crm: {events: {bet.authorized: 3}}", "2 events bet.authorized"),
        ("[1s]", ONE, LATER, "crn: {}", "there is no subscriber 'crn', only crm"),
        ("[1s]", ONE, "{deliver: dead, subscriber: crn}", GOOD, "no subscriber 'crn', only crm"),
        ("[1s]", ONE, "restore: nowhere", GOOD, "there is no snapshot 'nowhere', only none"),
    ],
)
def test_the_law_finds_what_is_wrong_and_nothing_else(
    retry: str, chaos: str, step: str, law: str, says: str | None
) -> None:
    """Each breach has its own words; the same scenario with what is so passes."""
    text = SCENARIO.format(retry=retry, chaos=chaos, step=step, law=law)
    (one,) = ended(played(text))
    if says is None:
        assert one.verdict == "pass", one.failures
    else:
        assert one.verdict != "pass"
        assert any(says in failure for failure in one.failures), one.failures


def test_back_to_a_snapshot_is_back_in_everything() -> None:
    """Without the step back the same laws fail: money, events and what has arrived have changed."""
    (path,) = [one for one in SHIPPED if one.stem == "back-to-a-snapshot"]
    text = path.read_text("utf-8")
    assert ended(played(text))[0].verdict == "pass"
    (stayed,) = ended(
        played(text[: text.rindex("  - restore: held\n")] + text[text.index("then:") :])
    )
    assert stayed.verdict == "fail"
    said = " ".join(stayed.failures)
    assert all(law in said for law in ("unchanged_since", "player", "delivered"))
