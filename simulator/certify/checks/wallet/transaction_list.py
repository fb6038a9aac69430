"""Lists of one player, both ways."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.certify import questions
from simulator.certify.check import Category, Check, Unclear
from simulator.certify.credentials import stamp, written
from simulator.certify.roles.wallet import Wallet

TURNS = 2
NEAR = timedelta(seconds=2)
"""How far from what has happened a time lies on either side of it, however it was rounded."""


async def _drive(wallet: Wallet) -> None:
    begun = stamp(wallet.target.now_ns() - 2_000_000_000)
    player, other = await wallet.player(), await wallet.other_player()
    debits: dict[str, list[str]] = {player.id: [], other.id: []}
    rounds = {one.id: wallet.names.new("r") for one in (player, other)}
    for _ in range(TURNS):  # so that pages end between debits of one player, and of both
        for one in (player, player, player, other):
            debits[one.id].append(wallet.names.new("t"))
            how = {"round_id": rounds[one.id], "txn": debits[one.id][-1]}
            wallet.given(await wallet.debit(one, 0, **how))
    query = {"player_id": player.id, "limit": "2"}
    if not player.fresh:
        query |= {"limit": "50", "occurred_at_from": begun}
    ours, theirs = debits[player.id], debits[other.id]
    told = await _judge(wallet, ours, theirs, **query, order="asc")
    await _judge(wallet, ours, theirs, **query, order="desc")
    await _judge(wallet, ours, theirs, round_id=rounds[player.id], limit="2")
    first, last = _times(told, ours)
    around = {"occurred_at_from": written(first - NEAR), "occurred_at_to": written(last + NEAR)}
    await _judge(wallet, ours, theirs, **(query | around))
    whose = {"player_id": player.id, "limit": "50"}
    await _judge(wallet, [], ours, **whose, occurred_at_from=written(last + NEAR))
    if player.fresh:
        await _judge(wallet, [], ours, **whose, occurred_at_to=written(first - NEAR))
    undone, *left = ours
    wallet.given(await wallet.rollback(player, undone, round_id=rounds[player.id]))
    await _judge(wallet, left, [undone, *theirs], **query, kind="debit", status="ok")
    await _judge(wallet, [undone], [*left, *theirs], **query, status="rolled_back")


async def _judge(
    wallet: Wallet, ours: list[str], theirs: list[str], **query: str
) -> list[Mapping[str, Any]]:
    what = f"the list of transactions with {query}"
    found = await wallet.pages("/v1/wallet/transactions", **query)
    names = [str(one.get("transaction_id")) for one in found]
    questions.listed(wallet, what, names, names, ours, theirs)
    return found


def _times(found: list[Mapping[str, Any]], ours: list[str]) -> tuple[datetime, datetime]:
    """When the first and the last of these happened, by the wallet's own word."""
    told = [str(one.get("created_at")) for one in found if one.get("transaction_id") in ours]
    try:
        times = [datetime.fromisoformat(text).astimezone(UTC) for text in told]
    except ValueError:
        raise Unclear(f"a list tells times that cannot be read: {told}") from None
    return min(times), max(times)


CHECK = Check(
    id="wallet.transaction.list",
    rules=("PRV-60", "PRV-61"),
    category=Category.RECOVERY,
    about="On every page a list has what was asked for and nothing else, oldest or newest first.",
    blind="Whether transactions come in the order that was asked for.",
    drive=_drive,
)
