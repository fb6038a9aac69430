"""Our own studio before its judge: nothing is accused, and nothing is left out."""

import asyncio
import base64
import json

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulator.certify.checks.table import CHECKS
from simulator.certify.config import test_world as world_of
from simulator.certify.profile import Profile
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.wires.asgi import AsgiWire
from simulator.reports.verdicts import happenings as h
from tests.broken.judging import PLAYER_KEY
from tests.broken.rgs_tokens import SUITE_SEED
from tests.support import sandbox

PUBLIC = Ed25519PrivateKey.from_private_bytes(SUITE_SEED).public_key().public_bytes_raw()
KEYS = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(PUBLIC).decode().rstrip("=")}


async def verdicts() -> dict[str, str]:
    """Check → why it did not pass; empty for those that did."""
    config = msgspec.structs.replace(world_of("rgs"), player_key=PLAYER_KEY)
    checks = chosen(CHECKS, "rgs", "standard", ())
    order = Order(role="rgs", target="http://ours", suite="standard", checks=checks, replay="")
    found = {}
    async with sandbox(strict=False, platform_keys=json.dumps({"keys": [KEYS]})) as box:
        wire = AsgiWire(box.app)
        async for happening in run(order, Target(wire, config, Profile(), 42, "ours")):
            if isinstance(happening, h.CheckEnded):
                found[happening.check] = happening.why
        await wire.close()
    return found


def test_our_studio_is_asked_everything_and_passes() -> None:
    """RGS-01..51 as far as a suite sees them: by the published test world and a key of the suite's,
    each check of the game server has what it needs, and our studio passes it."""
    found = asyncio.run(verdicts())
    assert len(found) > 50
    assert not {check: why for check, why in found.items() if why}
