"""Hypothesis profiles, chosen by HYPOTHESIS_PROFILE: `ci` (the default) and `nightly`."""

import os

from hypothesis import settings

# A shared machine stalls now and then; how fast things are is for `make bench` to say.
settings.register_profile("ci", deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

pytest_plugins = ["tests.postgres"]
