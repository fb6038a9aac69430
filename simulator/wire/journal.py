"""The messages of the journal (`/__admin/journal`, SBX-10)."""

from typing import Literal

import msgspec

from simulator.wire.messages import Message

Direction = Literal["in", "inside", "out"]
"""From outside to a party, between parties of this world, from a party to a `--target`."""


class Filter(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Which exchanges are meant; what is not given matches all."""

    operation: str | None = None
    party: str | None = None
    client: str | None = None
    key: str | None = None
    trace_id: str | None = None
    direction: Direction | None = None
    status: int | None = None
    injected: bool | None = None
    contains: str | None = None
    at_from: str | None = None
    at_to: str | None = None


class SearchJournal(Filter, frozen=True, kw_only=True, omit_defaults=True):
    """A page of exchanges, in the order in which they came (PRV-60)."""

    cursor: str | None = None
    limit: int = 50
    order: Literal["asc", "desc"] = "asc"


class CountJournal(Filter, frozen=True, kw_only=True, omit_defaults=True):
    """How many there are."""


class VerifyJournal(Filter, frozen=True, kw_only=True, omit_defaults=True):
    """Were there as many as there should be?"""

    exactly: int | None = None
    at_least: int | None = None
    at_most: int | None = None


class ExportJournal(Message, frozen=True, kw_only=True, omit_defaults=True):
    """The whole journal as a file."""

    format: Literal["ndjson", "har"] = "ndjson"
    timing: bool = True


class SetJournal(Message, frozen=True, kw_only=True, omit_defaults=True):
    """Switch it on or off, or let it keep more or less."""

    recording: bool | None = None
    keep_exchanges: int | None = None
    keep_bytes: int | None = None


class Half(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request or an answer; a body that is not UTF-8 is in Base64."""

    headers: list[tuple[str, str]]
    method: str = ""
    target: str = ""
    status: int = 0
    body: str = ""
    body_base64: str = ""


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One exchange, its secrets masked. Without `answer`, nothing was answered."""

    exchange: int
    at: str
    direction: Direction
    party: str
    operation: str
    trace_id: str
    request: Half
    answer: Half | None = None
    client: str = ""
    key: str = ""
    injected: list[str] = []
    lost: str = ""
    took_us: int = 0


class Count(msgspec.Struct, frozen=True):
    """How many exchanges match."""

    count: int


class Verified(msgspec.Struct, frozen=True):
    """Whether a count is what it should be, and which exchanges were counted (the first 200)."""

    holds: bool
    count: int
    message: str
    exchanges: list[int]


class JournalState(msgspec.Struct, frozen=True):
    """What the journal does and has."""

    recording: bool
    keep_exchanges: int
    keep_bytes: int
    exchanges: int
    bytes: int
    dropped: int
    replayable: bool
    why_not: str


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of an export: what the world was before its first exchange."""

    journal: int
    playmoney: str
    sandbox: str
    seed: int
    clock: str
    start_ns: int
    profile: str
    strict: bool
    token_ttl_s: int
    rate_limit_per_s: int
    guarded: bool = False
    exchanges: int
    dropped: int
    replayable: bool
    why_not: str = ""
