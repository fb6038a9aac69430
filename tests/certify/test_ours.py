"""Our own systems before their judge: nothing is accused, and nothing is left out."""

import asyncio
import base64
import json
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from simulator.certify.checks.table import CHECKS
from simulator.certify.config import Config, Player
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


async def judged(role: str, config: Config, **settings: Any) -> dict[str, tuple[str, str]]:
    """Check → verdict and why, of our own server."""
    checks = chosen(CHECKS, role, "standard", ())
    order = Order(role=role, target="http://ours", suite="standard", checks=checks, replay="")
    found: dict[str, tuple[str, str]] = {}
    async with sandbox(strict=False, **settings) as box:
        wire = AsgiWire(box.app)
        async for happening in run(order, Target(wire, config, Profile(), 42, "ours")):
            if isinstance(happening, h.CheckEnded):
                found[happening.check] = (happening.verdict, happening.why)
        await wire.close()
    return found


def test_our_studio_is_asked_everything_and_passes() -> None:
    """RGS-01..51 as far as a suite sees them: by the published test world and a key of the suite's,
    each check of the game server has what it needs, and our studio passes it."""
    config = msgspec.structs.replace(world_of("rgs"), player_key=PLAYER_KEY)
    found = asyncio.run(judged("rgs", config, platform_keys=json.dumps({"keys": [KEYS]})))
    assert len(found) > 50
    assert not {check: why for check, (verdict, why) in found.items() if verdict != "pass"}


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
@pytest.mark.parametrize("role", ["wallet", "platform"])
def test_a_player_may_have_any_currency(role: str, currency: str) -> None:
    """PRV-03: with none or three decimals the questions are as hard, and a right answer is as
    right, whoever is configured to play."""
    world = world_of(role)
    rich = Player(id=f"p_{currency.lower()}", currency=currency)
    config = msgspec.structs.replace(
        world,
        hooks=msgspec.structs.replace(world.hooks, create_player=None),
        players={**world.players, "rich": rich},
    )
    found = asyncio.run(judged(role, config))
    unlike = {check: (v, why) for check, (v, why) in found.items() if v != "pass"}
    assert all("needs hooks.create_player" in why for _, why in unlike.values()), unlike
    assert len(found) - len(unlike) > 60
