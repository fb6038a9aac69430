"""What the `sandbox` fixture of the pytest plugin costs each test (SBX-13)."""

import time
from statistics import median

from simulator.pytest_plugin import Servers
from tests.bench.load import Measure

SAMPLES = 100


def measures() -> list[Measure]:
    """Milliseconds of one sandbox: made, its books reconciled, dropped, all of it over HTTP."""
    samples = []
    with Servers() as servers:
        servers.sandbox().close()  # the first of its kind is the template of the others
        for _ in range(SAMPLES):
            before = time.perf_counter()
            with servers.sandbox() as sandbox:
                sandbox.ledger.reconcile()
            samples.append((time.perf_counter() - before) * 1000)
    return [Measure("sandbox_fixture_ms", round(median(samples), 2), "ms", samples)]


if __name__ == "__main__":
    for measure in measures():
        print(measure.name, measure.value, "ms; best", round(min(measure.samples), 2))
