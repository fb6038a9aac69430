"""Who says so?"""

from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from simulator.certify.check import Category, Check, Unclear
from simulator.certify.drive import Done
from simulator.certify.keys import unpadded
from simulator.certify.money import write
from simulator.certify.roles.rgs import Rgs
from simulator.certify.roles.rgs_asks import Playing


async def _drive(rgs: Rgs) -> None:
    playing = await rgs.contributing()
    keys = await _keys(rgs)
    played = rgs.given(await rgs.spin(playing, playing.large))
    spin = str(played.at("spin_id"))
    ask = rgs.jackpot_ask(playing, spin, rgs.names.new("jpt"), 12_345)
    rgs.given(await rgs.send(ask))
    await _signed(rgs, playing, keys, rgs.given(await rgs.look("spins", spin)))
    rgs.given(await rgs.send(rgs.void_ask(spin)))
    await _signed(rgs, playing, keys, rgs.given(await rgs.look("spins", spin)))


async def _keys(rgs: Rgs) -> list[Ed25519PublicKey]:
    """The Ed25519 keys of the studio. Raises Unclear where it publishes none."""
    listed = rgs.given(await rgs.listed("keys"))
    try:
        found = [
            Ed25519PublicKey.from_public_bytes(unpadded(str(one.get("x"))))
            for one in rgs.items(listed, "keys")
            if one.get("crv") == "Ed25519"
        ]
    except ValueError as wrong:
        raise Unclear(f"a key cannot be read: {wrong}; {listed}") from None
    if not found:
        raise Unclear(f"the studio publishes no Ed25519 key: {listed}")
    return found


async def _signed(rgs: Rgs, playing: Playing, keys: list[Ed25519PublicKey], spin: Done) -> None:
    """Judge the signatures of every transaction beside a spin."""
    txns = rgs.items(spin, "rgs_txns")
    rgs.require(txns, f"a jackpot win is a transaction beside its spin, and {spin}")
    for txn in txns:
        text = _text(rgs, playing, str(spin.at("spin_id")), txn)
        rgs.require(
            any(_verifies(key, str(txn.get("signature")), text) for key in keys),
            f"a key of the studio has signed {text!r}, and the transaction is {dict(txn)}",
        )


def _text(rgs: Rgs, playing: Playing, spin: str, txn: Mapping[str, Any]) -> str:
    """What is signed: a line for each."""
    currency = playing.player.currency
    amount = write(rgs.bare(txn.get("amount"), playing), currency, "decimal_string")
    about = str(txn.get("pool_id") or txn.get("grant_id") or "")
    lines = (str(txn.get("txn_id")), spin, str(txn.get("type")), str(amount), currency, about)
    return "\n".join(lines)


def _verifies(key: Ed25519PublicKey, signature: str, text: str) -> bool:
    try:
        key.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


CHECK = Check(
    id="rgs.txns.signed",
    rules=("RGS-42",),
    category=Category.SECURITY,
    about="Transactions beside a spin are signed by the studio’s key, over what they say and the "
    "spin that they are of.",
    drive=_drive,
)
