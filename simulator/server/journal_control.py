"""The journal's switches and questions, for the control API (`/__admin/journal`, SBX-10)."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from simulator.base.errors import MethodNotAllowed, NotFound
from simulator.server.exchange import Answer
from simulator.server.journal import Kept
from simulator.server.journal_export import har, ndjson, start_of
from simulator.server.journal_view import entry, matching
from simulator.server.party import Sandbox
from simulator.store.listing import cursor_after
from simulator.wire import control as c
from simulator.wire import journal as j
from simulator.wire import messages as m
from simulator.wire.contract import Contract

_SHOWN = 200
"""Exchanges that a verdict names: the most that a page has."""


async def search_journal(sandbox: Sandbox, ask: j.SearchJournal) -> m.Page:
    """A page of the exchanges that match."""
    resolve = _resolver(sandbox)
    after = cursor_after(ask.cursor)
    found = matching(sandbox.journal, ask, resolve)
    if ask.order == "desc":
        found = reversed(list(found))
        rest = (kept for kept in found if after is None or kept.n < after)
    else:
        rest = (kept for kept in found if after is None or kept.n > after)
    page = list(islice(rest, ask.limit + 1))
    shown = page[: ask.limit]
    more = len(page) > len(shown)
    return m.Page(
        items=[entry(kept, resolve) for kept in shown],
        has_more=more,
        next_cursor=f"{shown[-1].n:x}" if more else None,
    )


async def count_journal(sandbox: Sandbox, ask: j.CountJournal) -> j.Count:
    """How many match."""
    return j.Count(sum(1 for _ in matching(sandbox.journal, ask, _resolver(sandbox))))


async def verify_journal(sandbox: Sandbox, ask: j.VerifyJournal) -> j.Verified:
    """Whether as many match as should. Raises ValidationFailed where no number is given."""
    if ask.exactly is None and ask.at_least is None and ask.at_most is None:
        raise m.invalid("exactly", "or at_least or at_most: how many should there be?")
    found = [kept.n for kept in matching(sandbox.journal, ask, _resolver(sandbox))]
    count = len(found)
    wrong = [
        f"{word} {number}"
        for word, number, holds in (
            ("exactly", ask.exactly, count == ask.exactly),
            ("at least", ask.at_least, count >= (ask.at_least or 0)),
            ("at most", ask.at_most, ask.at_most is not None and count <= ask.at_most),
        )
        if number is not None and not holds
    ]
    message = f"{count} as it should be"
    if wrong:
        message = f"{count}, but it should be {' and '.join(wrong)}"
        if sandbox.journal.dropped:
            message += f" ({sandbox.journal.dropped} older exchanges were dropped and not counted)"
    return j.Verified(not wrong, count, message, found[:_SHOWN])


async def clear_journal(sandbox: Sandbox, _ask: c.Nothing) -> None:
    """Forget what is there."""
    sandbox.journal.clear()


async def read_journal_state(sandbox: Sandbox, _ask: c.Nothing) -> j.JournalState:
    """What it does and has."""
    journal = sandbox.journal
    start = _start(sandbox)
    return j.JournalState(
        recording=journal.recording,
        keep_exchanges=journal.keep_exchanges,
        keep_bytes=journal.keep_bytes,
        exchanges=len(journal),
        bytes=journal.bytes,
        dropped=journal.dropped,
        replayable=start.replayable,
        why_not=start.why_not,
    )


async def set_journal(sandbox: Sandbox, ask: j.SetJournal) -> j.JournalState:
    """Switch it, or change its bounds."""
    journal = sandbox.journal
    journal.bound(
        ask.keep_exchanges or journal.keep_exchanges, ask.keep_bytes or journal.keep_bytes
    )
    if ask.recording is not None:
        journal.record(ask.recording)
    return await read_journal_state(sandbox, c.Nothing())


async def export_journal(sandbox: Sandbox, ask: j.ExportJournal) -> Answer:
    """All of it, as NDJSON or HAR."""
    entries = entries_of(sandbox)
    if ask.format == "har":
        return Answer(200, har(entries, "http://playmoney"))
    body = ndjson(_start(sandbox), entries, timing=ask.timing)
    return Answer(200, body, media_type=b"application/x-ndjson")


def entries_of(sandbox: Sandbox, kept: Iterable[Kept] | None = None) -> Iterator[j.Entry]:
    """All exchanges of a world, or some, in the order of arrival."""
    resolve = _resolver(sandbox)
    return (entry(one, resolve) for one in (sandbox.journal if kept is None else kept))


Handler = Callable[[Sandbox, Any], Awaitable[Any]]

OPERATIONS: Mapping[str, tuple[type[m.Message], Handler]] = {
    "searchJournal": (j.SearchJournal, search_journal),
    "clearJournal": (c.Nothing, clear_journal),
    "countJournal": (j.CountJournal, count_journal),
    "verifyJournal": (j.VerifyJournal, verify_journal),
    "exportJournal": (j.ExportJournal, export_journal),
    "readJournalState": (c.Nothing, read_journal_state),
    "setJournal": (j.SetJournal, set_journal),
}


def _start(sandbox: Sandbox) -> j.Start:
    return start_of(sandbox.journal, sandbox=sandbox.name, settings=sandbox.conditions)


def _resolver(sandbox: Sandbox) -> Callable[[Kept], str]:
    """Finds the operation of a call to a party outside, by the contracts that the party has."""
    contracts: dict[str, list[Contract]] = {
        name: party.contracts for name, party in sandbox.parties.items()
    }

    def operation(kept: Kept) -> str:
        path = kept.target.partition("?")[0]
        for contract in contracts.get(kept.party, ()):
            for start in [at for at, char in enumerate(path) if char == "/"]:
                try:
                    return contract.match(kept.method, path[start:])[0].operation_id
                except (NotFound, MethodNotAllowed):
                    continue  # a target may have a path of its own in front
        return ""

    return operation
