"""What a money system may answer, and what it may have done: a model of its own, in whole numbers.

Two bets, each with one stake, one win and its rollbacks, sent again, altered, under other keys and
in any order. The model does not say what the target does, but which answers the rules allow and
what each of them means; where a rule or the profile leaves something open, it goes on with every
state that fits (WAL-06..08, WAL-21, WAL-25, WAL-40..48, PRV-30..32).

A call whose outcome is unknown stays pending: it may take effect at any later moment, or never.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from simulator.certify.profile import Profile

Kind = Literal["bet", "win", "undo"]
Result = Literal["done", "again", "refused"]
"""`done` has an effect and tells of it, `again` tells once more of what was done."""
Seen = Literal["ok", "duplicate", "refused", "unknown"]
"""How a call ended, as its caller sees it; `duplicate` is a refusal by DUPLICATE."""
Status = Literal["none", "refused", "held", "settled", "undone", "tomb"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the same `kind`, `slot`, `altered` and `key` are the same bytes.

    `altered` is another amount under the same id; of a rollback, another id of its own and an
    amount that is not the original's.
    """

    kind: Kind
    slot: int
    minor: int
    altered: bool = False
    key: int = 0


@dataclass(frozen=True, slots=True)
class Bet:
    """What became of a bet. `stake` and `win` are minor units, None before there is one."""

    status: Status = "none"
    stake: int | None = None
    win: int | None = None


Key = tuple[tuple[Kind, int, int], bool, bool]
"""Where a key was used, whether for the altered body, whether it was accepted."""


@dataclass(frozen=True, slots=True)
class State:
    """One way in which things may be."""

    available: int
    held: int
    bets: tuple[Bet, ...] = (Bet(), Bet())
    keys: frozenset[Key] = frozenset()
    pending: frozenset[Call] = frozenset()


States = frozenset[State]
Outcome = tuple[Result, State]
Outcomes = list[Outcome]


class Model:
    """The rules of a role under a profile. On the platform a stake is held until the bet ends; in a
    wallet it is taken at once."""

    def __init__(self, profile: Profile, *, holds: bool) -> None:
        self._profile = profile
        self._holds = holds

    def answers(self, states: States, call: Call) -> Outcomes:
        """Every answer that is allowed now, with the state that it leaves."""
        now = sorted_states(self.settled(states))
        return [outcome for state in now for outcome in self._one(state, call)]

    def after(self, states: States, call: Call, seen: Seen) -> States:
        """The states that remain when a call ended so; none: the rules do not allow it."""
        if seen == "unknown":
            return frozenset(replace(s, pending=s.pending | {call}) for s in self.settled(states))
        fits = {"ok": ("done", "again"), "duplicate": ("refused",), "refused": ("refused",)}[seen]
        if seen == "duplicate" and self._profile.duplicate_answer == "duplicate_code":
            fits = ("refused", "again")
        return self.settled(
            frozenset(state for result, state in self.answers(states, call) if result in fits)
        )

    def settled(self, states: States) -> States:
        """The same, and what is pending has taken effect or not."""
        found: set[State] = set()
        open_ = list(states)
        while open_:
            state = _without_done(open_.pop())
            if state in found:
                continue
            found.add(state)
            for call in state.pending:
                rest = replace(state, pending=state.pending - {call})
                open_ += [after for _, after in self._one(rest, call)]
        return frozenset(found)

    # --- One call in one state --------------------------------------------------------------------

    def _one(self, state: State, call: Call) -> Iterator[Outcome]:
        """By its key first, then by what it asks for."""
        slot = (call.kind, call.slot, call.key)
        used = next((one for one in state.keys if one[0] == slot), None)
        no: Outcomes = [("refused", state)]
        if used is None:
            anew = self._rule(state, call)
        elif used[1] != call.altered:  # a key is bound to its first body
            anew = no if used[2] else no + self._rule(state, call)
        else:
            anew = self._repeat(state, call, accepted=used[2])
        for result, after in dict.fromkeys(anew):
            accepted = result != "refused"
            if used is not None and (used[2] or not accepted):
                yield result, after
                continue
            others = after.keys - {used} if used else after.keys
            yield result, replace(after, keys=others | {(slot, call.altered, accepted)})

    def _repeat(self, state: State, call: Call, *, accepted: bool) -> Outcomes:
        """The same key, the same body. What was refused stays so for a bet; a win or a rollback
        that was refused may be looked at again."""
        bet = state.bets[call.slot]
        if accepted:
            again: Outcomes = [("again", state)]
            open_end = bet.status == "undone" and call.kind != "undo"
            return [*again, ("refused", state)] if open_end else again
        if call.kind == "bet" and bet.status in ("none", "refused", "tomb"):
            return [("refused", state)]
        return [("refused", state), *self._rule(state, call)]

    def _rule(self, state: State, call: Call) -> Outcomes:
        match call.kind:
            case "bet":
                return self._bet(state, call)
            case "win":
                return self._win(state, call)
            case "undo":
                return self._undo(state, call)

    def _bet(self, state: State, call: Call) -> Outcomes:
        bet = state.bets[call.slot]
        no: Outcomes = [("refused", state)]
        if bet.status == "tomb":
            return no
        if bet.stake is not None and bet.status not in ("none", "refused"):
            if bet.stake != call.minor:
                return no
            return [("again", state), *(no if bet.status == "undone" else [])]
        if state.available < call.minor:
            return [("refused", self._with(state, call, replace(bet, status="refused")))]
        taken = replace(bet, status="held", stake=call.minor)
        held = call.minor if self._holds else 0
        yes: Outcomes = [("done", self._with(state, call, taken, -call.minor, held))]
        if bet.win is not None:  # paid before, without a bet: the bet may count as settled
            settled = replace(taken, status="settled")
            yes.append(("done", self._with(state, call, settled, -call.minor, held)))
        return yes + (no if bet.status == "refused" else [])

    def _win(self, state: State, call: Call) -> Outcomes:
        bet = state.bets[call.slot]
        no: Outcomes = [("refused", state)]
        if bet.win is not None:
            return [("again", state)] if bet.win == call.minor else no
        if bet.status == "held":
            settled = replace(bet, status="settled", win=call.minor)
            held = -(bet.stake or 0) if self._holds else 0
            return [("done", self._with(state, call, settled, call.minor, held))]
        if self._holds or bet.status == "undone" or self._profile.win_without_bet == "refused":
            return no
        gift: Outcome = ("done", self._with(state, call, replace(bet, win=call.minor), call.minor))
        return [gift] if bet.status == "none" else [gift, *no]

    def _undo(self, state: State, call: Call) -> Outcomes:
        bet = state.bets[call.slot]
        no: Outcomes = [("refused", state)]
        strict = no if call.altered else []  # an amount that is not the original's may be refused
        match bet.status:
            case "none" if self._profile.unknown_rollback != "tombstone":
                return no
            case "none":
                tomb = self._with(state, call, replace(bet, status="tomb"))
                return [("done", tomb), *strict]
            case "refused":
                tomb = self._with(state, call, replace(bet, status="tomb"))
                return [("done", state), ("done", tomb), *no]
            case "held":
                stake = bet.stake or 0
                undone = replace(bet, status="undone")
                held = -stake if self._holds else 0
                return [("done", self._with(state, call, undone, stake, held)), *strict]
            case "settled" if self._profile.settled_rollback != "refused":
                stake, win = bet.stake or 0, bet.win or 0
                undone = replace(bet, status="undone")
                both = self._with(state, call, undone, stake - win)
                return [("done", self._with(state, call, undone, stake)), ("done", both), *no]
            case "settled":
                return no
            case _:
                return [("again", state), *no]

    def _with(self, state: State, call: Call, bet: Bet, available: int = 0, held: int = 0) -> State:
        bets = (*state.bets[: call.slot], bet, *state.bets[call.slot + 1 :])
        return replace(
            state, available=state.available + available, held=state.held + held, bets=bets
        )


def _without_done(state: State) -> State:
    """What is pending under a key that was answered since can do nothing more."""
    used = {(slot, altered) for slot, altered, accepted in state.keys if accepted}
    left = frozenset(
        one for one in state.pending if ((one.kind, one.slot, one.key), one.altered) not in used
    )
    return state if left == state.pending else replace(state, pending=left)


def sorted_states(states: States) -> list[State]:
    """In an order that is the same every time."""
    return sorted(states, key=lambda s: (s.available, s.held, repr(s.bets), len(s.pending)))
