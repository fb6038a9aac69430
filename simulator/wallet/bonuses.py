"""Bonuses: money of the brand's that a player may stake, and keeps once it was wagered (PRV-24).

A player has one at a time. It ends released (wagered: what is left is cash), consumed (used up, or
ended by the provider) or expired; but for a release, what is left goes back to the brand. What was
held or staked when its bonus ended comes back to the bonus account first (WAL-40) and follows from
there. Expiry is by the clock, and happens in the next decision that touches the bonus.

The events of a bonus come after the event of the operation that it is part of, so decisions are
handed them and emit them at their end.
"""

from simulator.base.clock import iso, iso_or_none, parse_iso
from simulator.base.errors import CurrencyMismatch, Duplicate, InvalidState
from simulator.base.money import MAX_AMOUNT_MINOR, largest
from simulator.ledger import book
from simulator.ledger.rows import Account
from simulator.store.owned import mine, require_mine
from simulator.store.tx import Again, Reads, Tx
from simulator.wallet import funds, limits
from simulator.wallet.access import bonus as bonus_account
from simulator.wallet.access import cash, player_of, promo
from simulator.wallet.funds import Stake
from simulator.wallet.rows import Bonus, Player
from simulator.wire import bonuses as b
from simulator.wire import messages as m
from simulator.wire.events import BonusConsumed, BonusIssued, Event, WagerProgress
from simulator.wire.messages import Money


def issue_bonus(tx: Tx, ask: b.IssueBonus) -> b.Bonus | Again:
    """Give a player bonus money out of what the brand spends on promotion. Once per `bonus_id`."""
    tx.lock(Player, (tx.caller.tenant, ask.player_id))
    player = player_of(tx, ask.player_id)
    if ask.amount.currency != player.currency:
        raise CurrencyMismatch(f"the player's wallet is in {player.currency}")
    made = _new(tx, ask, player)
    known = mine(tx, tx.get(Bonus, (player.tenant, ask.bonus_id)))
    if known is not None:
        return _known_issue(known, made)
    if made.expires_ns is not None and made.expires_ns <= tx.now_ns:
        raise m.invalid("expires_at", "is past")
    limits.require_may_play(tx, player)
    events = [*touch(tx, player), *_require_free(tx, player)]
    funds.grant(tx, player.player_id, player.currency, made.amount, promo(tx, player.currency))
    made = tx.put(made)
    tx.put(player.but(bonus_id=ask.bonus_id))
    issued = BonusIssued(
        bonus_id=ask.bonus_id, amount=ask.amount, required=Money.of(made.required, made.currency)
    )
    tell(tx, [_event(made, "bonus.issued", issued), *events])
    return view(made, tx.now_ns)


def consume_bonus(tx: Tx, ask: b.ConsumeBonus) -> b.Bonus:
    """End a bonus. One that is consumed is answered as it is, one that ended otherwise refused."""
    bonus = _require(tx, ask.bonus_id)
    tx.lock(Player, (bonus.tenant, bonus.player_id))
    if bonus.status == "consumed":
        return view(bonus, tx.now_ns)
    if bonus.status != "active" or bonus.expired(tx.now_ns):
        status = "expired" if bonus.status == "active" else bonus.status
        raise InvalidState(
            f"bonus {bonus.bonus_id} is {status}",
            details={"reason": status, "bonus_id": bonus.bonus_id},
        )
    ended, event = _end(tx, bonus, "consumed")
    tell(tx, [event])
    return view(ended, tx.now_ns)


def read_bonus(tx: Reads, ask: b.ReadBonus) -> b.Bonus:
    """One bonus."""
    return view(_require(tx, ask.bonus_id), tx.now_ns)


def read_progress(tx: Reads, ask: b.ReadProgress) -> b.Progress:
    """How much of a bonus was wagered."""
    shown = view(_require(tx, ask.bonus_id), tx.now_ns)
    left_minor = max(0, shown.required.minor - shown.wagered.minor)
    return b.Progress(
        bonus_id=shown.bonus_id,
        status=shown.status,
        wagered=shown.wagered,
        required=shown.required,
        left=Money.of(left_minor, shown.required.currency),
    )


def touch(tx: Tx, player: Player | None) -> list[Event]:
    """Before a player's money moves: what has expired is gone. Costs nothing without a bonus."""
    bonus = _of(tx, player)
    if bonus is None or bonus.status != "active" or not bonus.expired(tx.now_ns):
        return []
    return [_end(tx, bonus, "expired")[1]]


def wagered(
    tx: Tx, player: Player | None, stake: Stake, *, may_still_win: bool = False
) -> list[Event]:
    """A stake is taken for good and counts, whatever it was taken from (JP-70).

    Of a debit, which is taken before its win is known, the player may still win: a bonus that was
    debited is not called used up only because nothing is left.
    """
    bonus = _of(tx, player)
    if bonus is None:
        return []
    if bonus.status != "active":
        return _follow(tx, bonus)
    if bonus.expired(tx.now_ns):
        return [_end(tx, bonus, "expired")[1]]
    debited = int(may_still_win and stake.bonus is not None)
    bonus = tx.put(
        bonus.but(wagered=bonus.wagered + stake.amount_minor, debited=max(bonus.debited, debited))
    )
    progress = WagerProgress(
        bonus_id=bonus.bonus_id,
        wagered=Money.of(bonus.wagered, bonus.currency),
        required=Money.of(bonus.required, bonus.currency),
    )
    events = [_event(bonus, "wager.progress.updated", progress)]
    if bonus.wagered >= bonus.required:
        events.append(_end(tx, bonus, "released")[1])
    elif not bonus.debited and _empty(tx, bonus):
        events.append(_end(tx, bonus, "consumed")[1])
    return events


def undone(tx: Tx, player: Player | None, stake_minor: int, op: int) -> list[Event]:
    """A stake that had counted, by the operation at a position, came back and counts no more."""
    bonus = _of(tx, player)
    if bonus is not None and bonus.status == "active" and op > bonus.issued_op:
        tx.put(bonus.but(wagered=bonus.wagered - stake_minor))
    return returned(tx, player)


def returned(tx: Tx, player: Player | None) -> list[Event]:
    """A stake came back: what was of a bonus that has ended follows where that went."""
    bonus = _of(tx, player)
    if bonus is None:
        return []
    if bonus.status == "active":
        return touch(tx, player)
    return _follow(tx, bonus)


def tell(tx: Tx, events: list[Event]) -> None:
    """Emit what a bonus had to say, after the operation's own event."""
    for event in events:
        tx.emit(event)


def view(bonus: Bonus, now_ns: int) -> b.Bonus:
    """A bonus as providers see it; one whose time is over reads expired before anything moves."""
    late = bonus.status == "active" and bonus.expired(now_ns)
    ended_ns = bonus.expires_ns if late else bonus.ended_ns
    return b.Bonus(
        bonus_id=bonus.bonus_id,
        player_id=bonus.player_id,
        status="expired" if late else bonus.status,
        amount=Money.of(bonus.amount, bonus.currency),
        wagered=Money.of(bonus.wagered, bonus.currency),
        required=Money.of(bonus.required, bonus.currency),
        issued_at=iso(bonus.issued_ns),
        expires_at=iso_or_none(bonus.expires_ns),
        ended_at=iso_or_none(ended_ns),
    )


def _new(tx: Tx, ask: b.IssueBonus, player: Player) -> Bonus:
    if ask.amount.minor == 0:
        raise m.invalid("amount", "must be above zero")
    required_minor = ask.amount.minor * ask.wager_multiplier
    if required_minor > MAX_AMOUNT_MINOR:
        raise m.invalid("wager_multiplier", f"asks for more than {largest(player.currency)}")
    expires_ns = None
    if ask.expires_at is not None:
        try:
            expires_ns = parse_iso(ask.expires_at)
        except ValueError as wrong:
            raise m.invalid("expires_at", str(wrong)) from None
    return Bonus(
        tenant=player.tenant,
        bonus_id=ask.bonus_id,
        brand=player.brand,
        region=player.region,
        player_id=player.player_id,
        currency=player.currency,
        amount=ask.amount.minor,
        required=required_minor,
        expires_ns=expires_ns,
        issued_op=tx.position,
        issued_ns=tx.now_ns,
    )


def _known_issue(known: Bonus, made: Bonus) -> Again:
    same = ("player_id", "amount", "currency", "required", "expires_ns")
    if any(getattr(known, name) != getattr(made, name) for name in same):
        raise Duplicate(
            "Bonus already issued with other terms", details={"bonus_id": known.bonus_id}
        )
    return Again(known.issued_op)


def _require_free(tx: Tx, player: Player) -> list[Event]:
    """One bonus at a time: the last one has ended, or does so because nothing is left of it, and so
    have the bets it was staked on."""
    last = _of(tx, player)
    if last is not None and last.status == "active" and _empty(tx, last):
        return [_end(tx, last, "consumed")[1]]
    if last is not None and last.status == "active":
        raise _busy("bonus_active", last, f"bonus {last.bonus_id} has not ended")
    account = tx.get(Account, bonus_account(tx, player.player_id, player.currency))
    if last is not None and account is not None and account.pending_debits:
        raise _busy("bonus_held", last, f"open bets hold money of bonus {last.bonus_id}")
    return []


def _busy(reason: str, last: Bonus, message: str) -> InvalidState:
    return InvalidState(message, details={"reason": reason, "bonus_id": last.bonus_id})


def _of(tx: Reads, player: Player | None) -> Bonus | None:
    """The player's bonus, the last one if it has ended."""
    if player is None or player.bonus_id is None:
        return None
    return tx.get(Bonus, (player.tenant, player.bonus_id))


def _require(tx: Reads, bonus_id: str) -> Bonus:
    return require_mine(tx, tx.get(Bonus, (tx.caller.tenant, bonus_id)), "bonus", bonus_id)


def _empty(tx: Tx, bonus: Bonus) -> bool:
    account = tx.get(Account, bonus_account(tx, bonus.player_id, bonus.currency))
    return account is None or account.available + account.pending_debits == 0


def _end(tx: Tx, bonus: Bonus, status: b.BonusStatus) -> tuple[Bonus, Event]:
    ended = tx.put(bonus.but(status=status, ended_op=tx.position, ended_ns=tx.now_ns))
    return ended, _consumed(ended, _sweep(tx, ended))


def _follow(tx: Tx, bonus: Bonus) -> list[Event]:
    """Money that comes back after its bonus has ended."""
    moved_minor = _sweep(tx, bonus)
    return [_consumed(bonus, moved_minor)] if moved_minor else []


def _sweep(tx: Tx, bonus: Bonus) -> int:
    """What is on the bonus account becomes cash after a release, and else goes back."""
    source = bonus_account(tx, bonus.player_id, bonus.currency)
    account = tx.get(Account, source)
    left_minor = account.available if account else 0
    if left_minor:
        kept = bonus.status == "released"
        target = cash(tx, bonus.player_id, bonus.currency) if kept else promo(tx, bonus.currency)
        book.post(tx, source, target, left_minor)
    return left_minor


def _consumed(bonus: Bonus, left_minor: int) -> Event:
    left = Money.of(left_minor, bonus.currency)
    payload = BonusConsumed(bonus_id=bonus.bonus_id, outcome=bonus.status, left=left)
    return _event(bonus, "bonus.consumed", payload)


def _event(bonus: Bonus, topic: str, payload: BonusIssued | BonusConsumed | WagerProgress) -> Event:
    return Event(topic=topic, payload=payload, player_id=bonus.player_id)
