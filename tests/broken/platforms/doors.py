"""Platforms that do not look who comes in."""

from tests.broken import doors
from tests.broken.http import Call
from tests.broken.platforms.variant import Broken


class AnySecret(doors.AnySecret, Broken):
    """The client is looked up, and its secret not compared."""

    killed_by = "platform.security.token"


class TokensForEver(doors.TokensForEver, Broken):
    """Tokens have an end, and nobody looks at it."""

    killed_by = "platform.security.token"


class ReadersWrite(doors.ReadersWrite, Broken):
    """What a client may do is written down, and not looked at."""

    killed_by = "platform.security.scopes"


class TokensAreWide(doors.TokensAreWide, Broken):
    """A token has whatever scopes were asked for."""

    killed_by = "platform.security.scopes"


class OneScopeForWrites(doors.OneScopeForWrites, Broken):
    """Whoever may write one thing may write all, and look at it."""

    killed_by = "platform.security.scopes"


class NoncesAreForgottenEarly(doors.NoncesAreForgottenEarly, Broken):
    """A nonce is forgotten minutes after it came, and not after its timestamp."""

    killed_by = "platform.security.nonce-lasts"


class BelievesClaims(Broken):
    """Brand and region are whatever the headers say."""

    killed_by = "platform.security.foreign-tenant"

    def claimed(self, call: Call, tenant: str) -> None:
        return
