"""Reported events: each item of a batch is judged for itself and counted once (RGS-04, RGS-20).

An item is known by its type and spin. A `spin_finished` of a spin that was played here was told by
that spin already, so it is a repeat; what contradicts what is known is refused.
"""

import re
from decimal import Decimal

import msgspec

from simulator.base.clock import iso, parse_iso
from simulator.base.errors import Duplicate, NotFound, Problem
from simulator.base.ids import digest16
from simulator.base.money import MoneyError, from_minor, to_minor
from simulator.rgs.rows import Reported, SpinRow
from simulator.rgs.studio import Studio
from simulator.rgs.tell import RgEvent, SpinFinished
from simulator.store.tx import Tx
from simulator.wire import studio as s
from simulator.wire.events import Event
from simulator.wire.messages import invalid

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:~@+=-]{0,127}")
"""An id, as the contract has it."""


def send_events(tx: Tx, ask: s.EventsBatch, *, studio: Studio) -> s.BatchResult:
    """Up to 1 000 items: what is wrong with one hinders no other."""
    tx.lock(Reported, (tx.caller.tenant, "", ""))
    results = [_take(tx, index, item, studio) for index, item in enumerate(ask.events)]
    statuses = [result.status for result in results]
    return s.BatchResult(
        accepted=statuses.count("accepted"),
        repeated=statuses.count("repeated"),
        refused=statuses.count("refused"),
        results=results,
    )


def _take(tx: Tx, index: int, raw: object, studio: Studio) -> s.ItemResult:
    """One item: everything is checked before anything is written, so a refusal leaves nothing."""
    kind, spin_id = _shown(raw, "type"), _shown(raw, "spin_id")
    try:
        item = _read(raw)
        status = _count(tx, item, studio)
    except Problem as problem:
        error = {
            "code": problem.code,
            "message": problem.message,
            "retryable": problem.retryable,
            **({"details": problem.details} if problem.details else {}),
        }
        return s.ItemResult(index=index, status="refused", type=kind, spin_id=spin_id, error=error)
    return s.ItemResult(index=index, status=status, type=kind, spin_id=spin_id)


def _read(raw: object) -> s.EventItem:
    """The item, whole and in good form. Raises ValidationFailed naming the field."""
    try:
        item = msgspec.convert(raw, s.EventItem)
    except msgspec.ValidationError as wrong:
        text, _, place = str(wrong).partition(" - at `$")
        raise invalid(place.strip("`").lstrip(".") or "item", text) from None
    for name in ("spin_id", "round_id", "player_id", "operator_id"):
        if not _ID.fullmatch(getattr(item, name)):
            raise invalid(name, f"does not match {_ID.pattern}")
    try:
        parse_iso(item.ts)
    except ValueError as wrong:
        raise invalid("ts", str(wrong)) from None
    for name in ("stake", "win"):
        if isinstance(raw, dict) and isinstance(raw[name], str):  # msgspec reads a decimal of it
            raise invalid(name, "is a text; an amount is a number (PRV-03)")
        try:
            minor = to_minor(getattr(item, name), item.currency)
        except MoneyError as wrong:
            raise invalid(name, str(wrong)) from None
        if minor < 0:
            raise invalid(name, "is below zero")
    return item


def _count(tx: Tx, item: s.EventItem, studio: Studio) -> s.ItemStatus:
    """Count an item once. Raises NotFound for a game or build that is none, Duplicate for one that
    contradicts what is known."""
    if item.game_id not in studio.builds.games:
        raise NotFound(f"there is no game {item.game_id}", details={"game_id": item.game_id})
    stake_minor, win_minor = to_minor(item.stake, item.currency), to_minor(item.win, item.currency)
    digest = digest16(
        item.round_id,
        stake_minor,
        win_minor,
        item.currency,
        item.game_id,
        item.build_hash,
        item.player_id,
        item.spin_type,
    )
    known = _known(tx, item)
    if known is not None:
        if known != digest:
            raise Duplicate(
                f"{item.type} of spin {item.spin_id} is known with other values",
                details={"spin_id": item.spin_id},
            )
        return "repeated"
    build = studio.builds.by_hash.get(item.build_hash)
    if build is None or build.game.game_id != item.game_id:
        raise NotFound(
            f"{item.build_hash[:80]} is no build of {item.game_id}",
            details={"field": "build_hash"},
        )
    tx.put(
        Reported(
            tenant=tx.caller.tenant,
            type=item.type,
            spin_id=item.spin_id,
            digest=digest,
            op=tx.position,
        )
    )
    tx.emit(_event(item, from_minor(stake_minor, item.currency), win_minor))
    return "accepted"


def _known(tx: Tx, item: s.EventItem) -> bytes | None:
    """What is known of this type and spin, as the digest of an item."""
    reported = tx.get(Reported, (tx.caller.tenant, item.type, item.spin_id))
    if reported is not None:
        return reported.digest
    spin = tx.get(SpinRow, (tx.caller.tenant, item.spin_id))
    if spin is None or item.type != "spin_finished":
        return None
    return digest16(
        spin.round_id,
        spin.stake,
        spin.win,
        spin.currency,
        spin.game_id,
        spin.build_hash,
        spin.player_id,
        spin.spin_type,
    )


def _event(item: s.EventItem, stake: Decimal, win_minor: int) -> Event:
    """What was reported, as it goes on."""
    payload: SpinFinished | RgEvent
    if item.type == "spin_finished":
        payload = SpinFinished(
            type=item.type,
            ts=iso(parse_iso(item.ts)),
            spin_id=item.spin_id,
            round_id=item.round_id,
            stake=stake,
            win=from_minor(win_minor, item.currency),
            currency=item.currency,
            game_id=item.game_id,
            build_hash=item.build_hash,
            player_id=item.player_id,
            operator_id=item.operator_id,
            spin_type=item.spin_type,
        )
    else:
        payload = RgEvent(
            type=item.type,
            ts=iso(parse_iso(item.ts)),
            reason="reported",
            player_id=item.player_id,
            spin_id=item.spin_id,
            round_id=item.round_id,
            game_id=item.game_id,
            operator_id=item.operator_id,
        )
    return Event(
        topic=item.type, payload=payload, player_id=item.player_id, build_hash=item.build_hash
    )


def _shown(raw: object, name: str) -> str | None:
    """A text of an item that may be anything."""
    value = raw.get(name) if isinstance(raw, dict) else None
    return value if isinstance(value, str) and _ID.fullmatch(value) else None
