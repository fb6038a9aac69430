"""What money is there."""

from simulator.certify.check import Category, Check
from simulator.certify.roles.platform import Platform

NAMES = ("scale", "decimals", "exponent", "minor_units")
"""How a currency may say how many decimals it has."""


async def _drive(platform: Platform) -> None:
    done = await platform.send(platform.ask("GET", "/v1/currencies"))
    platform.accepted(done, "reading the currencies")
    items = done.at("items") or done.at("currencies") or []
    found = {one.get("code", one.get("currency")): one for one in items if isinstance(one, dict)}
    for code, decimals in (("EUR", 2), ("JPY", 0), ("KWD", 3)):
        if code in found:
            said = found[code].get(
                "scale", found[code].get("decimals", found[code].get("exponent"))
            )
            platform.require(said == decimals, f"{code} has {decimals}, and {found[code]}")
    platform.require(found, f"there is at least one currency, and {done}")


CHECK = Check(
    id="platform.currencies",
    rules=("PRV-03",),
    category=Category.HAPPY_PATH,
    about="Currencies and their decimals are published.",
    drive=_drive,
)
