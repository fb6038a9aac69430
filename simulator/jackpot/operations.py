"""Which decision or flow answers which operation of `openapi/jackpot.yaml`: all, by name."""

from simulator.jackpot import (
    changes,
    contributions,
    degraded,
    desk,
    feeds,
    obligations,
    payouts,
    pools,
    triggers,
)
from simulator.jackpot.live import follow_pools
from simulator.jackpot.published import read_math
from simulator.jackpot.rows import (
    BetGone,
    BetRow,
    CandidateRow,
    ContributionRow,
    DecisionRow,
    MemberRow,
    PayoutRow,
    PlayerRow,
    PoolRow,
    SuspicionRow,
    TermsRow,
    Tombstone,
    TriggerRow,
)
from simulator.jackpot.subpools import SubPoolRow
from simulator.jackpot.tickets import TicketRow
from simulator.jackpot.watch_rows import FeedRow, HeldRow, PeerRow, WatchRow
from simulator.store.flow import Flow
from simulator.store.listing import list_events
from simulator.store.recall import Decision
from simulator.store.rows import Fact, Op, Row, Task
from simulator.wire import jackpot as j
from simulator.wire import jackpot_feeds as f
from simulator.wire import jackpot_health as h
from simulator.wire import jackpot_pools as p
from simulator.wire import messages as m

OPERATIONS: dict[str, tuple[type[m.Message], Decision]] = {
    "contribute": (j.Contribute, contributions.contribute),
    "readContribution": (j.ContributionRef, contributions.read_contribution),
    "listContributions": (j.ListContributions, contributions.list_contributions),
    "reverseContribution": (j.Reverse, contributions.reverse),
    "judgeCandidate": (j.Judge, triggers.judge),
    "triggerPool": (j.Trigger, triggers.trigger),
    "readTrigger": (j.TriggerRef, triggers.read_trigger),
    "listTriggers": (j.ListTriggers, triggers.list_triggers),
    "cancelTrigger": (j.CancelTrigger, desk.cancel),
    "readPayout": (j.PayoutRef, obligations.read_payout),
    "listPayouts": (j.ListPayouts, obligations.list_payouts),
    "releasePayout": (j.DecidePayout, desk.release),
    "forfeitPayout": (j.DecidePayout, desk.forfeit),
    "listSuspicions": (j.ListSuspicions, obligations.list_suspicions),
    "readPool": (p.PoolRef, pools.read_pool),
    "readPoolMath": (p.ReadMath, read_math),
    "followPools": (p.FollowPools, follow_pools),
    "listPools": (p.ListPools, pools.list_pools),
    "pausePool": (p.SwitchPool, changes.pause),
    "resumePool": (p.SwitchPool, changes.resume),
    "changeTerms": (p.ChangeTerms, changes.change_terms),
    "readTerms": (p.ReadTerms, changes.read_terms),
    "readJackpotHealth": (h.AskHealth, degraded.read_health),
    "catchUp": (h.CatchUp, degraded.catch_up),
    "listFeeds": (f.ListFeeds, feeds.list_feeds),
    "listJackpotEvents": (m.ListEvents, list_events),
}

FLOWS: dict[str, tuple[type[m.Message], Flow]] = {
    "payOut": (j.PayOut, payouts.pay_out),
    "followFeed": (f.Follow, feeds.follow),
}

ROWS: tuple[type[Row], ...] = (
    Op,
    Task,
    Fact,
    PoolRow,
    SubPoolRow,
    MemberRow,
    TermsRow,
    ContributionRow,
    TicketRow,
    BetRow,
    PlayerRow,
    Tombstone,
    BetGone,
    FeedRow,
    PeerRow,
    WatchRow,
    HeldRow,
    CandidateRow,
    TriggerRow,
    PayoutRow,
    SuspicionRow,
    DecisionRow,
)
"""The kinds of its store, what is referred to before what refers to it."""
