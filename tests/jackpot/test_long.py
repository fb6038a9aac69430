"""Ten million contributions in virtual time: nothing grows but the file."""

import os

import pytest

from tests.bench.contributions import measure

COUNT = int(os.environ.get("PLAYMONEY_CONTRIBUTIONS", "10000000"))
"""It takes an hour or two of one core, and 2.8 GB of disk for each million; fewer may be asked
for."""


@pytest.mark.nightly
@pytest.mark.timeout(24 * 3_600)
def test_the_last_of_ten_million_costs_what_the_first_did() -> None:
    """CPU for a contribution is flat (an index of ten million is a level deeper than one of one
    million), memory does not grow, pools fall on the way, and all books are sound (JP-80)."""
    found = measure(COUNT)
    print(found)
    assert found.sound
    assert found.hits
    assert found.grown_mb < 16
    assert found.ratio < 1.5
