"""What does it say?"""

from simulator.certify.check import Category, Check, Need
from simulator.certify.roles.rgs import Rgs


async def _drive(rgs: Rgs) -> None:
    rgs.given(await rgs.open(await rgs.own_entry()))
    now_s = rgs.target.now_ns() // 1_000_000_000
    for what, claims in (
        ("for another audience", {"aud": "casino"}),
        ("for no audience", {"aud": None}),
        ("that expired an hour ago", {"iat": now_s - 7_200, "exp": now_s - 3_600}),
        ("that never expires", {"exp": None}),
        ("that is good in an hour", {"nbf": now_s + 3_600, "exp": now_s + 7_200}),
        ("without a jti", {"jti": None}),
        ("of another player", {"sub": rgs.names.new("p")}),
    ):
        done = await rgs.open(await rgs.own_entry(**claims))
        rgs.refused(done, what=f"a token {what}")
        rgs.require(done.status in (400, 401, 403), f"it is 401, and {done}")


CHECK = Check(
    id="rgs.token.claims",
    rules=(
        "RGS-02",
        "WAL-71",
    ),
    category=Category.SECURITY,
    needs=(Need.PLAYER_KEY,),
    about="A well-signed token for another audience, expired, not good yet or without a claim that "
    "it needs opens no session.",
    drive=_drive,
)
