"""Every wrong platform, and every right one that looks different."""

from tests.broken.platforms import around, bets, right
from tests.broken.platforms.variant import Broken, Right

BROKEN: tuple[type[Broken], ...] = (
    bets.HoldsNothing,
    bets.TakesAtOnce,
    bets.CannotHoldAll,
    bets.HoldsByKeyOnly,
    bets.AppliesAlteredBet,
    bets.HoldsInARace,
    bets.OverdrawsInARace,
    bets.SettlesTwice,
    bets.SettlesAnyWin,
    bets.SettlesInARace,
    bets.SettlesWithoutHold,
    bets.SettlesAfterRollback,
    bets.OneBetPerRound,
    bets.NegativeWins,
    bets.RefundsWhatIsAsked,
    bets.RefundsTwice,
    bets.RefundsSettled,
    bets.RefundsToAnybody,
    bets.ForgetsTombstones,
    bets.UnknownIs500,
    bets.RoundsMoney,
    around.NoLimits,
    around.ZeroIsTooLow,
    around.EndedSessionsPlayOn,
    around.EndOfSessionStopsWins,
    around.LockStopsRollbacks,
    around.LocksNobody,
    around.ClosedRoundsPlayOn,
    around.ForgetsRounds,
    around.LostEvent,
    around.EventOfARefusal,
    around.PagesSkip,
    around.RefusalsAreForgotten,
    around.ReplaysTheBalanceOfNow,
    around.KeyForAnything,
    around.StaleNonce,
    around.SignsParsedJson,
    around.TenantsAreOne,
    around.TruthIsAsync,
)

RIGHT: tuple[type[Right], ...] = (
    right.Reference,
    right.NotFoundRollbacks,
    right.ProblemJson,
    right.Queued,
    right.RoundsCloseThemselves,
)
