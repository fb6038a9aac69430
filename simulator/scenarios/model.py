"""What each player should own: a few integers, fed with nothing but what was acknowledged."""

from dataclasses import dataclass, field

from simulator.scenarios.plan import PlannedBet

AUTHORIZED = "bet.authorized"
SETTLED = "bet.settled"
ROLLED_BACK = "bet.rolled_back"

Deed = tuple[str, str]
"""Topic and bet: one thing that must have happened exactly once."""


@dataclass(slots=True)
class Account:
    """A player's money in minor units."""

    player_id: str
    currency: str
    available: int
    held: int


@dataclass(slots=True)
class Tally:
    """What was played, for the report."""

    rounds: int = 0
    bets: int = 0
    wins: int = 0
    rollbacks: int = 0
    repeats: int = 0
    recovered: int = 0
    tombstones: int = 0
    refusals: int = 0


@dataclass
class Model:
    """Accounts, deeds and what was wrong so far."""

    accounts: dict[str, Account]
    tally: Tally = field(default_factory=Tally)
    deeds: dict[Deed, PlannedBet] = field(default_factory=dict)
    lost: set[Deed] = field(default_factory=set)
    """Acknowledged, and not there afterwards."""
    repeated: set[Deed] = field(default_factory=set)
    """Done more than once."""
    findings: list[str] = field(default_factory=list)

    def authorized(self, bet: PlannedBet) -> None:
        """The stake went from available to held."""
        self.deeds[AUTHORIZED, bet.bet_id] = bet
        self.tally.bets += 1
        account = self.accounts[bet.purse.player_id]
        account.available -= bet.stake_minor
        account.held += bet.stake_minor

    def settled(self, bet: PlannedBet) -> None:
        """The stake is spent, the win is available."""
        self.deeds[SETTLED, bet.bet_id] = bet
        self.tally.wins += bet.win_minor > 0
        account = self.accounts[bet.purse.player_id]
        account.held -= bet.stake_minor
        account.available += bet.win_minor

    def rolled_back(self, bet: PlannedBet) -> None:
        """The stake is back."""
        self.deeds[ROLLED_BACK, bet.bet_id] = bet
        self.tally.rollbacks += 1
        account = self.accounts[bet.purse.player_id]
        account.held -= bet.stake_minor
        account.available += bet.stake_minor

    def entombed(self, bet: PlannedBet) -> None:
        """Nothing moved, and the bet can never come (WAL-42)."""
        self.deeds[ROLLED_BACK, bet.bet_id] = bet
        self.tally.tombstones += 1

    def is_lost(self, deed: Deed, why: str) -> None:
        """Something acknowledged is gone."""
        self.lost.add(deed)
        self.findings.append(f"{deed[1]}: {why}")

    def is_repeated(self, deed: Deed, why: str) -> None:
        """Something was done more than once."""
        self.repeated.add(deed)
        self.findings.append(f"{deed[1]}: {why}")

    def is_wrong(self, why: str) -> None:
        """Anything else that must not be."""
        self.findings.append(why)
