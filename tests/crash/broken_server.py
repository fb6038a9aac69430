"""The negative control: a server that answers BEFORE the commit, which comes some ms later.

    python -m tests.crash.broken_server serve --port 0 --data DIR

The kill test has to find that it loses acknowledged bets; a check that passes here proves nothing.
"""

import time
from typing import Any

from simulator.cli import main
from simulator.store import writer
from simulator.store.sqlite import Database

LATE_S = 0.02

_decide = writer.Writer._decide
_commit = Database.commit


def _decide_and_answer(self: writer.Writer, batch: Any) -> Any:
    outcomes = _decide(self, batch)
    writer.answer(outcomes)
    return outcomes


def _commit_late(self: Database) -> None:
    time.sleep(LATE_S)
    _commit(self)


if __name__ == "__main__":
    writer.Writer._decide = _decide_and_answer  # type: ignore[method-assign]
    Database.commit = _commit_late  # type: ignore[method-assign]
    main()
