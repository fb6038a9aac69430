"""The worked exchanges of the jackpot, run as written: a contribution, a trigger, and the credit
that the wallet is asked for."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.jackpot.tools import hall
from tests.support import BRAND_42, Got, encode

EXAMPLES = Path(__file__).parents[1] / "contract" / "examples" / "jackpot"
CONTRIBUTION, TRIGGER = (
    json.loads((EXAMPLES / name).read_text(), parse_float=Decimal)["request"]
    for name in ("01-contribution.json", "02-trigger.json")
)


async def test_contribution_and_trigger_run_as_written() -> None:
    """Bodies as they are shown, no header for a key: 0.02 of 2.00 is recorded; the round that it
    was played in wins the pool, and the wallet pays its size (JP-10, JP-12, PRV-35)."""
    async with hall() as house:
        token = await house.box.token("platform-demo")

        async def send(request: Any) -> Got:
            headers = {
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                "X-Trace-Id": "tr_jp",
                **BRAND_42,
            }
            body = encode(request["body"])
            return await house.box.raw(request["method"], request["path"], body, headers)

        got = await send(CONTRIBUTION)
        assert got.status == 201, got.body
        assert got.json["contribution"] == {"amount": Decimal("0.02"), "currency": "EUR"}
        assert (await send(CONTRIBUTION)).body == got.body
        fell = await send(TRIGGER)
        assert fell.status == 201, fell.body
        assert fell.json["selection"] == TRIGGER["body"]["selection"]
        assert (await send(TRIGGER)).body == fell.body
        won = fell.json["amount"]["amount"]
        assert won == Decimal("500000.02")
        await house.require_agreement()
        assert await house.box.balance() == (Decimal(1000) + won, Decimal(0))
        payout = (await house.call("GET", f"/payouts/{fell.json['jp_payout_id']}")).json
        assert payout["status"] == "credited"


async def test_the_contribution_may_be_left_out() -> None:
    """The service computes it: 1 % here, the same as the one that is given (JP-10)."""
    async with hall() as house:
        body = {
            name: value for name, value in CONTRIBUTION["body"].items() if name != "contribution"
        }
        got = await house.call("POST", "/contributions", body)
        assert got.json["contribution"]["amount"] == Decimal("0.02")
