"""The negative control: a server that pays 7.77 with a cent too much, of which no entry knows.

    python -m tests.pytest_plugin.broken_server serve --port 0

A plugin that passes a test which broke the books checks nothing.
"""

from simulator.cli import main
from simulator.ledger import book
from simulator.ledger.rows import Account
from simulator.store.tx import Tx

_transfer = book._transfer


def _generous(tx: Tx, source: Account, target: Account, amount_minor: int) -> None:
    _transfer(tx, source, target, amount_minor)
    if amount_minor == 777:
        paid = tx.get(Account, (target.tenant, target.kind, target.owner, target.currency))
        if paid is None:
            raise RuntimeError("it was there a line ago")
        tx.put(paid.but(posted_credits=paid.posted_credits + 1))


if __name__ == "__main__":
    book._transfer = _generous
    main()
