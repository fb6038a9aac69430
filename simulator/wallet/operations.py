"""Which decision answers which operation of the wallet's contracts: the whole list, by name."""

from functools import partial

from simulator.ledger.rows import Account, Move
from simulator.store.flow import Flow
from simulator.store.listing import list_events
from simulator.store.recall import Decision
from simulator.store.rows import Fact, Op, Row, Task
from simulator.wallet import (
    batch,
    bets,
    bonuses,
    catalogue,
    debits,
    lists,
    payments,
    players,
    rollbacks,
    rounds,
    sessions,
    set_aside,
    transactions,
)
from simulator.wallet.credits import credit_player
from simulator.wallet.launch import Mint, launch_session
from simulator.wallet.profile import Profile
from simulator.wallet.rows import (
    Bet,
    Bonus,
    Payment,
    Player,
    Playtime,
    RgLimit,
    Round,
    Session,
    SetAside,
    Txn,
)
from simulator.wire import bonuses as b
from simulator.wire import messages as m
from simulator.wire import players as p
from simulator.wire import wallet as w
from simulator.wire.funds import Deposit, Withdraw
from simulator.wire.launch import LaunchSession

Decisions = dict[str, tuple[type[m.Message], Decision]]

OPERATIONS: Decisions = {
    "createSession": (m.CreateSession, sessions.create_session),
    "readSession": (m.ReadSession, sessions.read_session),
    "endSession": (m.EndSession, sessions.end_session),
    "acknowledgeRealityCheck": (m.AcknowledgeRealityCheck, sessions.acknowledge),
    "authorizeBet": (m.AuthorizeBet, bets.authorize_bet),
    "settleBet": (m.SettleBet, bets.settle_bet),
    "rollbackBet": (m.RollbackBet, bets.rollback_bet),
    "readBet": (m.ReadBet, bets.read_bet),
    "listBets": (m.ListBets, lists.list_bets),
    "startRound": (m.StartRound, rounds.start_round),
    "readRound": (m.ReadRound, rounds.read_round),
    "closeRound": (m.CloseRound, rounds.close_round),
    "issueBonus": (b.IssueBonus, bonuses.issue_bonus),
    "readBonus": (b.ReadBonus, bonuses.read_bonus),
    "consumeBonus": (b.ConsumeBonus, bonuses.consume_bonus),
    "readBonusProgress": (b.ReadProgress, bonuses.read_progress),
    "readPlayer": (p.ReadPlayer, players.read_player),
    "listGames": (m.ListGames, catalogue.list_games),
    "readGame": (m.ReadGame, catalogue.read_game),
    "listCurrencies": (m.ListCurrencies, lists.list_currencies),
    "listEvents": (m.ListEvents, list_events),
}


def platform_operations(profile: Profile, mint: Mint) -> Decisions:
    """The operations of `openapi/platform.yaml`, under a profile; `mint` signs players' tokens."""
    return {
        **OPERATIONS,
        "launchSession": (LaunchSession, partial(launch_session, mint=mint)),
        "authorizeBet": (m.AuthorizeBet, partial(bets.authorize_bet, profile=profile)),
        "rollbackBet": (m.RollbackBet, partial(bets.rollback_bet, profile=profile)),
    }


def wallet_operations(profile: Profile) -> Decisions:
    """The same for `openapi/wallet.yaml`, under a profile."""
    return {
        "readBalance": (w.ReadBalance, transactions.read_balance),
        "debitPlayer": (w.Debit, partial(debits.debit, profile=profile)),
        "creditPlayer": (w.CreditBody, partial(credit_player, profile=profile)),
        "debitAndCredit": (w.DebitAndCredit, partial(batch.debit_and_credit, profile=profile)),
        "rollbackTransaction": (w.Rollback, partial(rollbacks.rollback, profile=profile)),
        "reserveFunds": (w.ReserveBody, partial(set_aside.reserve_funds, profile=profile)),
        "releaseFunds": (w.ReleaseBody, partial(set_aside.release_funds, profile=profile)),
        "makeDeposit": (Deposit, payments.deposit),
        "makeWithdrawal": (Withdraw, payments.withdraw),
        "closeWalletRound": (m.CloseRound, rounds.close_round),
        "readTransaction": (
            w.ReadTransaction,
            partial(transactions.read_transaction, profile=profile),
        ),
        "listTransactions": (w.ListTransactions, transactions.list_transactions),
    }


def wallet_flows(profile: Profile) -> dict[str, tuple[type[m.Message], Flow]]:
    """Those operations that are several decisions."""
    return {"sendBatch": (w.Batch, partial(batch.send_batch, profile=profile))}


ROWS: tuple[type[Row], ...] = (
    Op,
    Task,
    Fact,
    Account,
    Move,
    Player,
    Session,
    Round,
    Bet,
    Txn,
    SetAside,
    Bonus,
    RgLimit,
    Playtime,
    Payment,
)
"""The kinds of the wallet's store, what is referred to before what refers to it."""
