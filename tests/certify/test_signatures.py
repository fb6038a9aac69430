"""What refuses every signature has not shown that it refuses a wrong one (WAL-70)."""

from typing import Any

import pytest

from tests.broken.http import Call, Refusal
from tests.broken.jackpot import Jackpot
from tests.broken.judging import judged
from tests.broken.platforms.right import Reference as Platform
from tests.broken.rgs import Rgs
from tests.broken.standing import Standing
from tests.broken.wallets.right import Reference as Wallet


class TakesNoSignature(Standing):
    """Knows tokens only, or another way to sign than was configured."""

    def signer(self, call: Call) -> str:
        raise Refusal(401, "AUTH_FAILED", f"who signs {call.path}?")


class _Wallet(TakesNoSignature, Wallet): ...


class _Platform(TakesNoSignature, Platform): ...


class _Rgs(TakesNoSignature, Rgs): ...


class _Jackpot(TakesNoSignature, Jackpot): ...


@pytest.mark.parametrize(
    ("role", "make"),
    [("wallet", _Wallet), ("platform", _Platform), ("rgs", _Rgs), ("jackpot", _Jackpot)],
)
def test_a_target_that_takes_no_signature_is_not_said_to_check_them(role: str, make: Any) -> None:
    """WAL-70, SBX-08: what it begins with was refused, so it is inconclusive, never a pass."""
    name = f"{role}.security.signature"
    found, _ = judged(make(), role, only=[name])

    assert found[name].verdict == "inconclusive"
    assert "begins with a signed request that lands" in found[name].why
