"""Ending what a lost answer left open, by key and never by guess.

The rule of the default profile: a bet is tried with its policy, then rolled back until that is
definite; a win is credited until that is definite and never cancelled (WAL-26, WAL-44, WAL-75).
A 425 IN_PROGRESS is waited for like any unknown outcome: Retry-After, then the same key.
"""

from simulator.adapters.platform import PlatformClient
from simulator.adapters.replies import Answered
from simulator.adapters.retry import UNTIL_DEFINITE
from simulator.adapters.transport import OutcomeUnknown
from simulator.wire import messages as m


async def authorize_or_undo(
    client: PlatformClient, ask: m.AuthorizeBet, *, key: str, undo_key: str
) -> Answered[m.BetAuthorized] | Answered[m.BetRolledBack]:
    """The bet stands, or it is undone; nothing between (WAL-44).

    A refusal is raised as it is and never rolled back: nothing was held (WAL-03).
    """
    try:
        return await client.authorize_bet(ask, key=key)
    except OutcomeUnknown as unknown:
        reason = f"no answer to authorize after {unknown.attempts} attempt(s)"
        undo = m.RollbackBet(bet_id=ask.bet_id, round_id=ask.round_id, reason=reason)
        return await roll_back(client, undo, key=undo_key)


async def roll_back(
    client: PlatformClient, ask: m.RollbackBet, *, key: str
) -> Answered[m.BetRolledBack]:
    """Roll back until definite: the bet is released, or a tombstone bars it (`tombstone`).

    Raises Problem where the other side refuses, such as INVALID_STATE for a settled bet.
    """
    return await client.under(UNTIL_DEFINITE).rollback_bet(ask, key=key)


async def settle(client: PlatformClient, ask: m.SettleBet, *, key: str) -> Answered[m.BetSettled]:
    """Credit until definite: a failed win is retried with its key, never cancelled (WAL-26)."""
    return await client.under(UNTIL_DEFINITE).settle_bet(ask, key=key)
