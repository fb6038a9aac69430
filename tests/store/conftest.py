"""Stores for the tests of this folder."""

from pathlib import Path

import pytest


@pytest.fixture(params=["memory", "file"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    """Both stores keep the same laws."""
    return tmp_path / "wallet.db" if request.param == "file" else None
