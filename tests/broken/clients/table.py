"""Every wrong client, and every right one that looks different."""

from tests.broken.clients import right, wrong
from tests.broken.clients.client import Client

BROKEN: tuple[type[Client], ...] = (
    wrong.NewKeyOnRetry,
    wrong.NewKeyAfterSilence,
    wrong.NewBetOnRetry,
    wrong.NewRollbackOnRetry,
    wrong.CountsItsAttempts,
    wrong.IgnoresRetryAfter,
    wrong.HalvesRetryAfter,
    wrong.SteadyPauses,
    wrong.RetriesAtOnce,
    wrong.NoJitter,
    wrong.OneMoreThanItsProfile,
    wrong.OneLessThanItsProfile,
    wrong.AbandonsBets,
    wrong.TakesSilenceForYes,
    wrong.BelievesAnyStatus200,
    wrong.GivesUpWins,
    wrong.CancelsWins,
    wrong.RollsBackOnce,
    wrong.LeavesRoundsOpen,
    wrong.TakesNoForMaybe,
    wrong.TriesRefusalsAnew,
    wrong.RollsBackRefusals,
    wrong.OneNonce,
    wrong.SignsWithOldTime,
    wrong.ShowsTheOldToken,
    wrong.TokenForEachCall,
    wrong.DoesEventsTwice,
    wrong.FloatMoney,
    wrong.ForgetsHeaders,
)

RIGHT: tuple[type[Client], ...] = (
    right.Bearer,
    right.SignedRight,
    right.RollsBackAtOnce,
    right.BetsUntilDefinite,
    right.FullJitter,
    right.SteadyByProfile,
    right.KeepsItsProfile,
    right.LooksFirst,
    right.OnTheWallet,
    right.ForgivesTypes,
)
