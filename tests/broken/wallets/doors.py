"""Wallets that do not look who comes in."""

from tests.broken import doors
from tests.broken.wallets.variant import Broken


class AnySecret(doors.AnySecret, Broken):
    """The client is looked up, and its secret not compared."""

    killed_by = "wallet.security.token"


class TokensForEver(doors.TokensForEver, Broken):
    """Tokens have an end, and nobody looks at it."""

    killed_by = "wallet.security.token"


class ReadersWrite(doors.ReadersWrite, Broken):
    """What a client may do is written down, and not looked at."""

    killed_by = "wallet.security.scopes"


class TokensAreWide(doors.TokensAreWide, Broken):
    """A token has whatever scopes were asked for."""

    killed_by = "wallet.security.scopes"


class NoncesAreForgottenEarly(doors.NoncesAreForgottenEarly, Broken):
    """A nonce is forgotten minutes after it came, and not after its timestamp."""

    killed_by = "wallet.security.nonce-lasts"
