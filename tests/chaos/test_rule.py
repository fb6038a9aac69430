"""A rule says where, when and what; one that makes no sense is refused, and says why (SBX-06)."""

from decimal import Decimal
from typing import Any

import pytest

from simulator.chaos.bad import BadRule
from simulator.chaos.fault import Place
from simulator.chaos.rule import read_rule

PLACES = [
    Place("incoming", "wallet", "authorizeBet", writes=True),
    Place("incoming", "wallet", "readBet", writes=False),
    Place("incoming", "wallet", "issueToken", writes=True, guarded=False),
    Place("incoming", "rgs", "spin", writes=True),
    Place("outgoing", "rgs", "spin", writes=True),
]
AT = "wallet.authorizeBet"


def names(rule: Any) -> set[tuple[str, str]]:
    return {(place.side, place.name) for place in read_rule(rule, PLACES).places}


@pytest.mark.parametrize(
    ("given", "field", "said"),
    [
        ([], "rule", "has to be an object"),
        ({"at": AT}, "rule", "`fault`"),
        ({"fault": "latncy"}, "fault", "did you mean 'latency'"),
        ({"fault": "reset", "wiht": {}}, "wiht", "did you mean 'with'"),
        ({"fault": "reset", "at": "wallet.authoriseBet"}, "at", "'wallet.authorizeBet'"),
        ({"fault": "reset", "at": "walet"}, "at", "did you mean 'wallet.*'"),
        ({"fault": "reset", "at": {"brnd": "x"}}, "at.brnd", "did you mean 'brand'"),
        ({"fault": "reset", "at": {"seam": "inside"}}, "at.seam", "incoming"),
        ({"fault": "reset", "at": 7}, "at", "has to be an object"),
        ({"fault": "reset", "when": {"attempt": [1]}}, "when.attempt", "'attempts'"),
        ({"fault": "reset", "when": {"attempts": [0]}}, "when.attempts", ">= 1"),
        ({"fault": "reset", "when": {"attempts": []}}, "when.attempts", "length >= 1"),
        ({"fault": "reset", "when": {"calls": [1], "every": 2}}, "when.calls", "leave every"),
        ({"fault": "reset", "when": {"probability": 0.3}}, "when.probability", '"3/10"'),
        ({"fault": "reset", "when": {"probability": "4/3"}}, "when.probability", "0..1"),
        ({"fault": "reset", "when": {"probability": "1/0"}}, "when.probability", "0..1"),
        ({"fault": "reset", "when": {"probability": 0}}, "when.probability", "never strikes"),
        (
            {"fault": "reset", "when": {"window": {"from_ms": 5, "until_ms": 5}}},
            "when.window",
            "until_ms has to come after",
        ),
        ({"fault": "reset", "attempts": [1], "when": {"attempts": [2]}}, "attempts", "twice"),
        ({"fault": "reset", "ttl_s": 0}, "ttl_s", "1..31536000"),
        ({"fault": "reset", "name": "a b"}, "name", "80 characters"),
        ({"fault": "latency", "with": {"mss": 3}}, "with.mss", "did you mean 'ms'"),
        ({"fault": "latency", "with": {"ms": -3}}, "with.ms", ">= 0"),
        ({"fault": "latency", "with": {"ms": "3"}}, "with.ms", "Expected `int`"),
        ({"fault": "latency", "with": {"distribution": "norml"}}, "with.distribution", "'normal'"),
        ({"fault": "latency", "with": {"distribution": "uniform", "ms": 9}}, "with.to_ms", "least"),
        ({"fault": "clock_skew", "with": {"by_ms": 0}}, "with.by_ms", "is right"),
        ({"fault": "status", "with": {"status": 200}}, "with.status", ">= 400"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_rule_names_the_place_and_what_would_be_right(
    given: Any, field: str, said: str
) -> None:
    """Each wrong word is named with its place, and the nearest word or the choices (SBX-06)."""
    with pytest.raises(BadRule) as refused:
        read_rule(given, PLACES)
    assert refused.value.field == field
    assert said in refused.value.why


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"fault": "refuse", "at": AT}, "a port that all parties share"),
        ({"fault": "stale_read", "at": AT}, "it writes"),
        ({"fault": "duplicate", "at": "wallet.readBet"}, "it only reads"),
        ({"fault": "late_original", "at": "wallet.readBet"}, "it only reads"),
        ({"fault": "blackout", "at": "wallet", "attempts": [1]}, "down for every call"),
        ({"fault": "blackout", "at": AT}, "down as a whole"),
        ({"fault": "expire_token", "at": "wallet.issueToken"}, "asks for no token"),
        ({"fault": "corrupt_signature", "at": "wallet.issueToken"}, "asks for no token"),
        ({"fault": "reset", "at": {"call": AT, "seam": "outgoing"}}, "name the party by --target"),
    ],
    ids=lambda value: str(value.get("fault")) if isinstance(value, dict) else "",
)
def test_a_combination_that_makes_no_sense_is_refused_with_the_reason(
    given: Any, reason: str
) -> None:
    """At load, not when it would strike and could not (SBX-05)."""
    with pytest.raises(BadRule, match=reason):
        read_rule(given, PLACES)


@pytest.mark.parametrize(
    ("at", "places"),
    [
        (AT, {("incoming", AT)}),
        ("wallet.*Bet", {("incoming", AT), ("incoming", "wallet.readBet")}),
        ("rgs", {("incoming", "rgs.spin"), ("outgoing", "rgs.spin")}),
        ("*.spin", {("incoming", "rgs.spin"), ("outgoing", "rgs.spin")}),
        ({"call": "rgs", "seam": "outgoing"}, {("outgoing", "rgs.spin")}),
    ],
)
def test_wildcards_and_seams_say_where(at: Any, places: set[tuple[str, str]]) -> None:
    """A party alone is all of its operations; `seam` is one of the two sides."""
    assert names({"fault": "reset", "at": at}) == places


def test_a_wildcard_leaves_out_where_the_fault_makes_no_sense() -> None:
    """Named by a pattern, only fitting places are taken; none is an error (above)."""
    assert names({"fault": "stale_read", "at": "*"}) == {("incoming", "wallet.readBet")}
    assert names({"fault": "refuse", "at": "*"}) == {("outgoing", "rgs.spin")}


def test_a_rule_is_known_by_its_content() -> None:
    """Short forms and other spellings of a number are the same rule; why, ttl and order of keys
    are no part of it; other content is another one (architecture, D1)."""

    def known_by(rule: dict[str, Any]) -> str:
        return read_rule(rule, PLACES).rule_id

    short = {"fault": "latency", "at": AT, "attempts": [1], "with": {"ms": 5}}
    long = {
        "with": {"ms": 5, "max_ms": 600_000},
        "when": {"attempts": [1]},
        "at": {"call": AT},
        "fault": "latency",
        "why": "for people",
        "ttl_s": 5,
    }
    assert known_by(short) == known_by(long)
    assert known_by(short) != known_by({**short, "attempts": [2]})
    half = {"fault": "reset", "when": {"probability": "1/2"}}
    assert known_by(half) == known_by({"fault": "reset", "when": {"probability": Decimal("0.50")}})
    assert read_rule({**half, "name": "mine"}, PLACES).rule_id == "mine"


@pytest.mark.parametrize(
    "given",
    [
        {"fault": "latency", "at": AT, "when": {"probability": "3/10", "skip": 2}, "ttl_s": 60},
        {"fault": "reset", "at": {"brand": "brand-*", "header": {"X-A": "1"}}, "why": "because"},
        {"fault": "status", "with": {"status": 502, "done": True}, "calls": [1, 3]},
    ],
    ids=["latency", "reset", "status"],
)
def test_a_rule_shown_can_be_written_again(given: dict[str, Any]) -> None:
    """What a rule shows of itself is a rule, the same one (SBX-06)."""
    rule = read_rule(given, PLACES)
    shown = rule.as_json()
    assert read_rule(shown, PLACES) == rule
    del shown["name"]
    assert read_rule(shown, PLACES) == rule
