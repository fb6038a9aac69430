"""Which decision answers which operation of `openapi/platform.yaml`: the whole list, by name."""

from simulator.ledger.rows import Account, Move
from simulator.store.recall import Decision
from simulator.store.rows import Fact, Op, Row, Task
from simulator.wallet import bets, catalogue, lists, players, rounds, sessions
from simulator.wallet.rows import Bet, Payment, Player, Round, Session
from simulator.wire import messages as m

OPERATIONS: dict[str, tuple[type[m.Message], Decision]] = {
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
    "readPlayer": (m.ReadPlayer, players.read_player),
    "listGames": (m.ListGames, catalogue.list_games),
    "readGame": (m.ReadGame, catalogue.read_game),
    "listCurrencies": (m.ListCurrencies, lists.list_currencies),
    "listEvents": (m.ListEvents, lists.list_events),
}

ROWS: tuple[type[Row], ...] = (Op, Task, Fact, Account, Move, Player, Session, Round, Bet, Payment)
"""The kinds of the wallet's store, what is referred to before what refers to it."""
