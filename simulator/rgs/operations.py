"""Which decision answers which operation of `openapi/rgs.yaml`: the whole list, by name."""

from collections.abc import Callable
from functools import partial
from typing import Any

from simulator.rgs import (
    catalogue,
    events,
    jackpots,
    promotions,
    replay,
    rg,
    rounds,
    sessions,
    spins,
    transfers,
    voids,
)
from simulator.rgs.rows import (
    ActiveBuild,
    BuildSwitch,
    Entry,
    Fallen,
    FreeSpins,
    GameData,
    GamePlayer,
    GameRound,
    GameSession,
    MoneyMove,
    PlayerToken,
    Reported,
    RgChange,
    SpinRow,
    TournamentRow,
    UsedSeed,
)
from simulator.rgs.studio import Studio
from simulator.store.listing import list_events
from simulator.store.recall import Decision
from simulator.store.rows import Fact, Op, Row, Task
from simulator.wire import rgs as m
from simulator.wire import studio as s
from simulator.wire.messages import ListEvents, Message

Decisions = dict[str, tuple[type[Message], Decision]]

_STUDIO: dict[str, tuple[type[Message], Callable[..., Any]]] = {
    "createRgsSession": (m.CreateSession, sessions.create_session),
    "playSpin": (m.Spin, spins.play_spin),
    "voidSpin": (m.VoidSpin, voids.void_spin),
    "replaySpin": (m.SpinRef, replay.replay_spin),
    "replaySeed": (m.ReplaySeed, replay.replay_seed),
    "listRgsGames": (s.Nothing, catalogue.list_games),
    "listBuilds": (s.ListBuilds, catalogue.list_builds),
    "listMarkets": (s.Nothing, catalogue.list_markets),
    "switchBuild": (s.SwitchBuild, catalogue.switch_build),
    "readRgsKeys": (s.Nothing, catalogue.read_keys),
    "grantFreeSpins": (s.GrantFreeSpins, promotions.grant_free_spins),
    "createTournament": (s.CreateTournament, promotions.create_tournament),
    "recordJackpotWin": (s.JackpotWin, jackpots.record_jackpot_win),
    "sendRgsEvents": (s.EventsBatch, events.send_events),
}
"""Decisions that are handed the studio."""

_PLAIN: Decisions = {
    "readRgsSession": (m.SessionRef, sessions.read_session),
    "endRgsSession": (m.EndSession, sessions.end_session),
    "reportDisplayed": (m.ReportDisplayed, sessions.report_displayed),
    "acknowledgeReminder": (m.Acknowledge, rg.acknowledge),
    "setPlayerRg": (m.SetPlayerRg, rg.set_player_rg),
    "transferIn": (m.MoveMoney, transfers.transfer_in),
    "transferOut": (m.MoveMoney, transfers.transfer_out),
    "readSpin": (m.SpinRef, spins.read_spin),
    "listSpins": (m.ListSpins, spins.list_spins),
    "readRgsRound": (s.RoundRef, rounds.read_round),
    "listRgsRounds": (s.ListRounds, rounds.list_rounds),
    "endRgsRound": (s.EndRound, rounds.end_round),
    "readFreeSpins": (s.GrantRef, promotions.read_free_spins),
    "readTournament": (s.TournamentRef, promotions.read_tournament),
    "readLeaderboard": (s.ReadLeaderboard, promotions.read_leaderboard),
    "listRgsEvents": (ListEvents, list_events),
}


def rgs_operations(studio: Studio) -> Decisions:
    """The operations of `openapi/rgs.yaml` for one world's studio."""
    handed = {
        name: (message, partial(decide, studio=studio))
        for name, (message, decide) in _STUDIO.items()
    }
    return {**handed, **_PLAIN}


ROWS: tuple[type[Row], ...] = (
    Op,
    Task,
    Fact,
    GamePlayer,
    RgChange,
    PlayerToken,
    GameSession,
    GameRound,
    GameData,
    UsedSeed,
    SpinRow,
    MoneyMove,
    FreeSpins,
    TournamentRow,
    Entry,
    Fallen,
    Reported,
    ActiveBuild,
    BuildSwitch,
)
"""The kinds of the studio's store."""
