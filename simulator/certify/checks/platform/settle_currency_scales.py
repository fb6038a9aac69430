"""Yen and fils."""

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.roles.platform import Platform


async def _drive(platform: Platform) -> None:
    for currency in ("JPY", "KWD"):
        player = await platform.player(50_000, currency)
        if player.currency != currency:
            raise Unclear(f"hooks.create_player makes no player of {currency}")
        session = await platform.session(player)
        before = await platform.funds(player)
        platform.require(
            before.available == 50_000,
            f"a player was made with {player.money(50_000)} and has "
            f"{player.money(before.available)}",
        )
        round_id, bet = platform.names.new("r"), platform.names.new("b")
        how = {"bet": bet, "round_id": round_id}
        platform.accepted(await platform.bet(player, session, 123, **how), str(player.money(123)))
        await platform.held(player, before, -123, 123)
        platform.accepted(await platform.settle(player, 1_001, **how), str(player.money(1_001)))
        await platform.held(player, before, 1_001 - 123, 0)


CHECK = Check(
    id="platform.settle.currency-scales",
    rules=("PRV-03",),
    category=Category.HAPPY_PATH,
    needs=(Need.CREATE_PLAYER,),
    about="JPY has no decimals and KWD has three, in what is held and in what is won.",
    drive=_drive,
)
