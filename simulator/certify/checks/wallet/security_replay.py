"""Signed once, sent twice."""

from simulator.certify.check import Category, Check, Need, Unclear
from simulator.certify.credentials import Plain, Signed, stamp, with_headers
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    proof = Signed(
        wallet.target.wire.prefix, wallet.config.client_id, wallet.config.signing_key, "hmac-sha256"
    )
    now_ns = wallet.target.now_ns()
    for what, shift_s in (("an hour old", -3_600), ("of the next hour", 3_600)):
        ask = wallet.debit_ask(player, 200)
        moment = stamp(now_ns + shift_s * 1_000_000_000)
        sent = with_headers(ask, proof.headers(ask, moment, wallet.names.new("nonce")))
        done = await wallet.send(sent, patient=False, credentials=Plain())
        wallet.refused(done, what=f"a signature {what}")
        wallet.require(done.status == 401, f"it is 401, and {done}")
    await wallet.moved(player, before, 0)
    ask = wallet.debit_ask(player, 200)
    nonce = wallet.names.new("nonce")
    sent = with_headers(ask, proof.headers(ask, stamp(now_ns), nonce))
    first = await wallet.send(sent, patient=False, credentials=Plain())
    if not first.ok:
        raise Unclear(f"it begins with a signed debit that lands, and {first}")
    again = await wallet.send(sent, patient=False, credentials=Plain())
    wallet.refused(again, what="the same signed bytes a second time")
    wallet.require(again.status == 401, f"it is 401, and {again}")
    other = wallet.debit_ask(player, 300)
    sent = with_headers(other, proof.headers(other, stamp(now_ns), nonce))
    reused = await wallet.send(sent, patient=False, credentials=Plain())
    wallet.refused(reused, what="another request with a nonce that was used")
    await wallet.moved(player, before, -200)


CHECK = Check(
    id="wallet.security.replay",
    rules=("WAL-71",),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signed request is good once, and only near its time.",
    drive=_drive,
)
