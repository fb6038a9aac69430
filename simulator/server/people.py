"""Made-up people for the test world: the same player under the same seed, nobody real (SBX-16)."""

import importlib
from functools import cache
from typing import TYPE_CHECKING

from simulator.base.rng import Rng

if TYPE_CHECKING:
    from faker import Faker

LOCALES = {
    "AT": "de_AT",
    "BE": "nl_BE",
    "DE": "de_DE",
    "DK": "da_DK",
    "ES": "es_ES",
    "FI": "fi_FI",
    "FR": "fr_FR",
    "GB": "en_GB",
    "IE": "en_IE",
    "IT": "it_IT",
    "MT": "en_GB",
    "NL": "nl_NL",
    "PT": "pt_PT",
    "SE": "sv_SE",
}
"""Country → the Faker locale its names and cities come from."""

NEEDED = ["faker.providers.person", "faker.providers.address"]
"""Cities may be named after people. All 26 providers of a locale take ten times as long."""

REGION_COUNTRIES = {"UK": ("GB",), "EU": tuple(c for c in sorted(LOCALES) if c != "GB")}
"""Where a region's players may live."""


@cache
def _faker(locale: str) -> "Faker":
    """One for each locale: making one takes longer than a hundred names. Its import takes a sixth
    of a server's start, and most worlds invent nobody."""
    made: Faker = importlib.import_module("faker").Faker(locale, providers=NEEDED)
    return made


def invent(rng: Rng, player_id: str, region: str, country: str | None) -> tuple[str, str, str]:
    """Country, name and city of a player, drawn for this player alone."""
    choices = REGION_COUNTRIES.get(region, ("GB",))
    chosen = country or choices[rng.below(len(choices), "country", player_id)]
    faker = _faker(LOCALES.get(chosen, "en_GB"))
    faker.seed_instance(int.from_bytes(rng.draw("person", player_id)[:8], "big"))
    return chosen, faker.name(), faker.city()
