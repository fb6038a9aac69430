"""The topics of every party's events (PRV-40): what a subscription or a chaos rule may name."""

from collections.abc import Mapping

BY_PARTY: Mapping[str, tuple[str, ...]] = {
    "wallet": (
        "player.registered",
        "session.started",
        "session.ended",
        "bet.authorized",
        "bet.settled",
        "bet.rolled_back",
        "wallet.debit.ok",
        "wallet.debit.failed",
        "wallet.credit.ok",
        "wallet.credit.failed",
        "bonus.issued",
        "bonus.consumed",
        "wager.progress.updated",
        "rg.limit.hit",
        "rg.reality_check",
    ),
    "play": (
        "play.session.opened",
        "play.session.ended",
        "round.opened",
        "round.completed",
        "round.refused",
        "round.cancelled",
        "jackpot.contribution",
        "jackpot.triggered",
    ),
    "rgs": (  # four of them are items of its batch (RGS-40)
        "rgs.session.started",
        "rgs.session.ended",
        "rgs.transfer",
        "spin_finished",
        "spin_voided",
        "rg_event",
        "jackpot_contribution",
        "jackpot_reversal",
        "jackpot_win",
        "bonus_award",
        "build.switched",
        "free_spins.granted",
        "tournament.opened",
    ),
    "jackpot": (
        "jp.contribution.recorded",
        "jp.contribution.reversed",
        "jp.pool.updated",
        "jp.triggered",
        "jp.payout.requested",
        "jp.payout.credited",
        "jp.payout.failed",
        "jp.payout.forfeited",
        "jp.payout.parked",
        "jp.payout.released",
        "jp.config.changed",
        "aml.alert.opened",
    ),
}
"""Party → what its outbox may tell."""

TOPICS: tuple[str, ...] = tuple(topic for topics in BY_PARTY.values() for topic in topics)
