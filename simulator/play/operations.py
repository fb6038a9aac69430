"""Which decision or flow answers which operation of `openapi/play.yaml`: all of them, by name."""

from simulator.play import (
    acknowledging,
    entering,
    jackpots,
    lists,
    returning,
    rounds,
    sessions,
    spinning,
    triggers,
)
from simulator.play.rows import JackpotHeard, PlayRound, PlaySession
from simulator.store.flow import Flow
from simulator.store.hearer import Heard
from simulator.store.listing import list_events
from simulator.store.recall import Decision
from simulator.store.rows import Fact, Op, Row, Task
from simulator.wire import messages as m
from simulator.wire import play as p

OPERATIONS: dict[str, tuple[type[m.Message], Decision]] = {
    "readPlaySession": (p.SessionRef, sessions.read_session),
    "readPlayRound": (p.RoundRef, rounds.read_round),
    "listPlayRounds": (p.ListRounds, lists.list_rounds),
    "receiveJackpotTrigger": (p.JackpotTrigger, triggers.receive),
    "listPlayEvents": (m.ListEvents, list_events),
}

FLOWS: dict[str, tuple[type[m.Message], Flow]] = {
    "openPlaySession": (p.OpenSession, entering.open_session),
    "endPlaySession": (p.EndSession, entering.end_session),
    "reconnectPlaySession": (p.Reconnect, returning.reconnect),
    "acknowledgePlaySession": (p.AcknowledgeSession, acknowledging.acknowledge),
    "playRound": (p.PlayRound, spinning.play_round),
}

HEARS: tuple[Heard, ...] = (jackpots.contributed,)
"""What makes events of other parties' answers."""

ROWS: tuple[type[Row], ...] = (Op, Task, Fact, PlaySession, PlayRound, JackpotHeard)
"""The kinds of its store, what is referred to before what refers to it."""
