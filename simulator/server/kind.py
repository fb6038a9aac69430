"""What there is to know of a party before it is built: one entry of the table in `parties.py`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.ledger.reconcile import Law
from simulator.server.due import Due, Note
from simulator.server.player_tokens import PlayerTokens
from simulator.server.routes import Service
from simulator.server.studio_key import StudioKey
from simulator.store.hearer import Heard
from simulator.store.rows import Row
from simulator.store.unit import Unit
from simulator.wire.contract import Contract


@dataclass(frozen=True, slots=True)
class Setup:
    """What the services of a party are made with."""

    contracts: Mapping[str, Contract]
    profile: str
    """The name of the profile in force, as `--profile` gives it."""
    players: PlayerTokens
    """The platform's tokens for players: it mints them, the studio reads them (RGS-02)."""
    studio_key: StudioKey
    """What the studio signs its transactions with (RGS-42)."""


@dataclass(frozen=True, slots=True)
class PartyKind:
    """A party: its contracts, what answers them, and how its store is laid out and checked.

    Facts of its store (`seed`, …) are rows like any other: a decision that rolls dice reads
    `tx.get(Fact, ("seed",))`.
    """

    name: str
    """Also the file of its store, `<data>/<name>.db`, and the `to` of calls to it."""
    contracts: tuple[str, ...]
    """Files in `openapi/`, without their ending."""
    services: Callable[[Setup], Sequence[Service]]
    rows: tuple[type[Row], ...]
    """Every kind of row, what is referred to first: `Op, Task, Fact` and its own."""
    schemas: tuple[str, ...]
    """SQL files below the package, `store/schema.sql` first."""
    laws: tuple[Law, ...] = ()
    """What `/__admin/reconcile` asks of its rows, besides the laws of the book."""
    counted: tuple[str, ...] = ()
    """`name=table` for each count that a reconciliation tells."""
    has_book: bool = False
    """True where it keeps the accounts and entries of `ledger/schema.sql`."""
    measured: bool = False
    """True where its calls are counted and timed, for `/__admin/metrics`."""
    populate: tuple[Callable[[Unit], None], ...] = ()
    """Puts the test world's share into a new store, one after the other; each does nothing where
    it was done."""
    dues: Callable[[Setup], Sequence[Due]] = lambda _: ()
    """What has to be done when its time has come (SBX-03)."""
    hears: tuple[Heard, ...] = ()
    """What hears the answers of calls that its decisions ask for (`Tx.ask`)."""
    notes: tuple[Note, ...] = ()
    """What is told when its time has come."""
