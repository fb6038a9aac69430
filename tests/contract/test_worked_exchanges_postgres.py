"""The worked exchanges of the specification at two servers that share a PostgreSQL database."""

from decimal import Decimal

from tests.contract.test_worked_exchanges import exchanges, run_exchange
from tests.laws.over_postgres import paired


async def test_the_exchanges_run_as_written(postgres: str) -> None:
    """Each call at the next server: what the specification shows is answered, and sent again it
    moves nothing more (PRV-20, PRV-21, PRV-22, PRV-25, PRV-30, PRV-32)."""
    async with paired(postgres) as box:
        ids: dict[str, str] = {}
        for exchange in exchanges():
            await run_exchange(box, exchange, ids)
            await run_exchange(box, exchange, ids)
        assert await box.balance() == (Decimal("1012.60"), Decimal("0.00"))
        (event,) = await box.events(event_type="bet.settled")
        assert event["idempotency_key"] == "settle_r_8c12_1"
        await box.require_sound()
