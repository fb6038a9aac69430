"""Floor 8, its table: the parties of a world. A new party is an entry here and nothing else.

The first one leads: its store says which seed the world goes by, and which reset the others belong
to.
"""

from collections.abc import Sequence
from functools import partial

from simulator.inhabitants import open_pools, require_brands, set_limits, settle_players
from simulator.jackpot import degraded, draws, feeds
from simulator.jackpot.laws import COUNTED as JACKPOT_COUNTED
from simulator.jackpot.laws import LAWS as JACKPOT_LAWS
from simulator.jackpot.operations import FLOWS as JACKPOT_FLOWS
from simulator.jackpot.operations import OPERATIONS as JACKPOT_OPERATIONS
from simulator.jackpot.operations import ROWS as JACKPOT_ROWS
from simulator.play.laws import COUNTED as PLAY_COUNTED
from simulator.play.laws import LAWS as PLAY_LAWS
from simulator.play.operations import FLOWS as PLAY_FLOWS
from simulator.play.operations import HEARS as PLAY_HEARS
from simulator.play.operations import OPERATIONS as PLAY_OPERATIONS
from simulator.play.operations import ROWS as PLAY_ROWS
from simulator.rgs.builds import shipped
from simulator.rgs.laws import COUNTED as RGS_COUNTED
from simulator.rgs.laws import LAWS as RGS_LAWS
from simulator.rgs.operations import ROWS as RGS_ROWS
from simulator.rgs.operations import rgs_operations
from simulator.rgs.studio import Studio
from simulator.server.due import Due, Note
from simulator.server.kind import PartyKind, Setup
from simulator.server.routes import Service
from simulator.wallet.falls_due import reality_checks_due, sessions_expired
from simulator.wallet.holds import KINDS, find_overdue, next_overdue, roll_back_overdue
from simulator.wallet.laws import COUNTED, LAWS
from simulator.wallet.operations import (
    ROWS,
    platform_operations,
    wallet_flows,
    wallet_operations,
)
from simulator.wallet.profile import load as load_profile
from simulator.wire.amounts import FORMATS


def _wallet(setup: Setup) -> Sequence[Service]:
    profile = load_profile(setup.profile)
    return (
        Service(setup.contracts["platform"], platform_operations(profile, setup.players.mint)),
        Service(
            setup.contracts["wallet"],
            wallet_operations(profile),
            wallet_flows(profile),
            FORMATS[profile.money_format],
        ),
    )


def _wallet_dues(setup: Setup) -> Sequence[Due]:
    """By profile, overdue holds are rolled back (WAL-18)."""
    profile = load_profile(setup.profile)
    if profile.overdue_hold != "rolled_back":
        return ()
    decide = partial(roll_back_overdue, profile=profile)
    return [
        Due(
            f"overdue_{kind}",
            partial(next_overdue, kind=kind),
            partial(find_overdue, kind=kind),
            decide,
        )
        for kind in KINDS
    ]


WALLET = PartyKind(
    name="wallet",
    contracts=("platform", "wallet"),
    services=_wallet,
    rows=ROWS,
    schemas=("store/schema.sql", "ledger/schema.sql", "wallet/schema.sql"),
    laws=LAWS,
    counted=COUNTED,
    has_book=True,
    populate=(settle_players, set_limits),
    dues=_wallet_dues,
    notes=(Note("session_expired", sessions_expired), Note("reality_check", reality_checks_due)),
)
"""The operator's platform and wallet."""


def _rgs(setup: Setup) -> Sequence[Service]:
    studio = Studio(shipped(), setup.players, setup.studio_key)
    return (Service(setup.contracts["rgs"], rgs_operations(studio)),)


RGS = PartyKind(
    name="rgs",
    contracts=("rgs",),
    services=_rgs,
    rows=RGS_ROWS,
    schemas=("store/schema.sql", "rgs/schema.sql"),
    laws=RGS_LAWS,
    counted=RGS_COUNTED,
)
"""The studio's game server."""

PLAY = PartyKind(
    name="play",
    contracts=("play",),
    services=lambda setup: (Service(setup.contracts["play"], PLAY_OPERATIONS, PLAY_FLOWS),),
    rows=PLAY_ROWS,
    schemas=("store/schema.sql", "play/schema.sql"),
    laws=PLAY_LAWS,
    counted=PLAY_COUNTED,
    hears=PLAY_HEARS,
)
"""The platform's side of play, between the two."""


def _jackpot(setup: Setup) -> Sequence[Service]:
    require_brands()
    return (Service(setup.contracts["jackpot"], JACKPOT_OPERATIONS, JACKPOT_FLOWS),)


JACKPOT = PartyKind(
    name="jackpot",
    contracts=("jackpot",),
    services=_jackpot,
    rows=JACKPOT_ROWS,
    schemas=("store/schema.sql", "jackpot/schema.sql"),
    laws=JACKPOT_LAWS,
    counted=JACKPOT_COUNTED,
    measured=True,
    populate=(open_pools,),
    dues=lambda _: (
        Due("jackpot.draw", draws.next_ns, draws.find, draws.draw, by_itself=True),
        Due("jackpot.follow", feeds.next_ns, feeds.find, feeds.follow_again, by_itself=True),
        Due(
            "jackpot.catch_up", degraded.next_ns, degraded.find, degraded.look_again, by_itself=True
        ),
    ),
)
"""The jackpot service, which the operator's wallet pays for."""

PARTIES: tuple[PartyKind, ...] = (WALLET, RGS, PLAY, JACKPOT)
"""Every party of a world, the leading one first."""
