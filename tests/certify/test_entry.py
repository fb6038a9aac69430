"""Questions about the way in accuse nobody of what was not said, and tell nobody what is secret
(PRV-10, PRV-11, QLT-07)."""

from typing import Any

import msgspec

from simulator.certify.config import TEST_WORLD
from simulator.certify.evidence import seen
from simulator.certify.exchange import Answer, Ask, Exchange
from simulator.reports.verdicts.happenings import CheckEnded
from tests.broken.judging import judged
from tests.broken.platforms import doors
from tests.broken.platforms.right import Reference

ASKED = ("platform.security.scopes", "platform.security.token")


class SaysNothingOfScopes(Reference):
    """Gives one kind of token, whatever is asked for."""

    def granted(self, client: str, scopes: frozenset[str]) -> dict[str, Any]:
        found = super().granted(client, self.scopes(client))
        return {name: value for name, value in found.items() if name != "scope"}


class OwnClock(doors.TokensForEver):
    """Its tokens come from somewhere else, where the clock is not moved."""

    def granted(self, client: str, scopes: frozenset[str]) -> dict[str, Any]:
        now, self.world.now = self.world.now, 0
        try:
            return super().granted(client, scopes)
        finally:
            self.world.now = now


def found(app: Any, **over: Any) -> dict[str, CheckEnded]:
    """The verdicts on the way in, under the test world with some of it replaced."""
    config = msgspec.structs.replace(TEST_WORLD, **over)
    return judged(app, "platform", only=ASKED, config=config)[0]


def test_who_tells_no_scopes_is_not_accused_of_wide_tokens() -> None:
    """PRV-11: a token is held to the scopes that the target says it has, and to no others."""
    verdicts = found(SaysNothingOfScopes())
    assert {one.verdict for one in verdicts.values()} == {"pass"}, verdicts


def test_a_token_is_over_by_the_clock_of_who_issues_it() -> None:
    """PRV-10: where that clock is not the one that is moved, nothing is said of the token's end."""

    class Elsewhere(OwnClock, Reference):
        """The two in one."""

    assert found(Elsewhere())["platform.security.token"].verdict == "pass"


def test_what_cannot_be_asked_is_inconclusive() -> None:
    """SBX-08: without the reader, or without tokens, there is no verdict, but a reason."""
    without = found(Reference(), readonly_client=None)["platform.security.scopes"]
    assert (without.verdict, "needs readonly_client" in without.why) == ("inconclusive", True)
    signed = found(Reference(), auth="hmac")
    token = signed["platform.security.token"]
    assert (token.verdict, "auth is not bearer" in token.why) == ("inconclusive", True)
    assert signed["platform.security.scopes"].verdict == "pass", "signed requests have scopes too"


def test_tokens_are_masked_in_what_a_report_shows() -> None:
    """QLT-07: nobody comes in with what a report says."""
    ask = Ask("POST", "/oauth/token", {"Authorization": "Basic c2VjcmV0"}, b"grant_type=x")
    reply = Answer(200, {}, b'{"access_token": "e30.e30.s3cret", "expires_in": 600}', 1)
    shown = seen(Exchange(ask, reply), "http://127.0.0.1:9000")
    assert '"access_token": "(masked)"' in shown.answered
    assert "expires_in" in shown.answered
    assert not {word for word in ("s3cret", "c2VjcmV0") if word in repr(shown)}
