"""What a spin's row holds as the bytes that were answered: its outcome, choice and transactions."""

import msgspec

from simulator.rgs.rows import SpinRow
from simulator.wire import json
from simulator.wire import rgs as m


def outcome(spin: SpinRow) -> m.Outcome:
    """What it came to."""
    return msgspec.convert(json.decode(spin.outcome), m.Outcome)


def choice(spin: SpinRow) -> m.SpinChoice | None:
    """What the player chose."""
    return msgspec.convert(json.decode(spin.choice), m.SpinChoice | None)


def txns(spin: SpinRow) -> list[m.SpinTxn]:
    """Its transactions beside stake and win (RGS-42)."""
    return msgspec.convert(json.decode(spin.txns), list[m.SpinTxn])
