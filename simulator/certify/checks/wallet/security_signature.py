"""What is signed is what is sent."""

from simulator.certify.check import Category, Check, Need
from simulator.certify.credentials import Plain, Signed, stamp, with_headers
from simulator.certify.exchange import Ask
from simulator.certify.roles.wallet import Wallet


async def _drive(wallet: Wallet) -> None:
    player = await wallet.player()
    before = await wallet.funds(player)
    good = wallet.debit_ask(player, 200)
    flipped = good.body.replace(b'"round_id":"r-', b'"round_id":"q-', 1)
    key = wallet.config.signing_key
    for what, signed, sent, signer in (
        (
            "another round than was signed",
            good,
            Ask("POST", good.path, good.headers, flipped),
            key,
        ),
        (
            "a space more than was signed",
            good,
            Ask("POST", good.path, good.headers, good.body + b" "),
            key,
        ),
        (
            "another path than was signed",
            Ask("POST", "/v1/wallet/credit", good.headers, good.body),
            good,
            key,
        ),
        ("another key", good, good, key + "x"),
    ):
        proof = Signed(wallet.target.wire.prefix, wallet.config.client_id, signer, "hmac-sha256")
        headers = proof.headers(signed, stamp(wallet.target.now_ns()), wallet.names.new("nonce"))
        done = await wallet.send(with_headers(sent, headers), patient=False, credentials=Plain())
        wallet.refused(done, what=f"a request with {what}")
        wallet.require(done.status == 401, f"it is 401, and {done}")
        await wallet.moved(player, before, 0)


CHECK = Check(
    id="wallet.security.signature",
    rules=(
        "WAL-70",
        "PRV-10",
    ),
    category=Category.SECURITY,
    needs=(Need.SIGNING_KEY,),
    about="A signature covers the raw bytes: another byte, path or key is refused.",
    drive=_drive,
)
