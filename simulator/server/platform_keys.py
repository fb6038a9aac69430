"""Public keys of platforms besides our own, whose players the studio lets in (RGS-02).

A JWK set (RFC 7517): Ed25519 keys for EdDSA, P-256 keys for ES256. A key is good for the one
algorithm of its kind, whatever a token's header says (RFC 8725 §3.1).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from simulator.base.errors import ConfigError
from simulator.wire import json

PLACE = "--platform-keys"
MOST = 16
"""Keys of a set: a token that names none is tried with each."""

_KINDS: Mapping[tuple[str, str], tuple[type[OKPKey | ECKey], str]] = {
    ("OKP", "Ed25519"): (OKPKey, "EdDSA"),
    ("EC", "P-256"): (ECKey, "ES256"),
}


class PlatformKey(NamedTuple):
    """A public key, and the algorithm that its tokens are signed by."""

    key: OKPKey | ECKey
    algorithm: str


def read(given: str | None) -> Sequence[PlatformKey]:
    """The keys of a set: inline where the text begins with `{`, else in the file of that name.

    Raises ConfigError, which says which key is wrong and what would be right.
    """
    if given is None:
        return ()
    place = PLACE if given.lstrip().startswith("{") else f"{PLACE} {given}"
    found = _decoded(place, given)
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or not 0 < len(keys) <= MOST:
        raise ConfigError(f'{place}: is no JWK set, {{"keys": […]}} with 1 to {MOST} keys')
    return [_key(f"{place}: keys[{number}]", one) for number, one in enumerate(keys)]


def _decoded(place: str, given: str) -> Any:
    try:
        text = given if given.lstrip().startswith("{") else Path(given).read_text("utf-8")
        return json.decode(text.encode())
    except OSError as wrong:
        raise ConfigError(f"{place}: cannot be read ({wrong.strerror})") from None
    except (json.NotJson, UnicodeDecodeError) as wrong:
        raise ConfigError(f"{place}: is no JSON: {wrong}") from None


def _key(place: str, one: Any) -> PlatformKey:
    named = (str(one.get("kty")), str(one.get("crv"))) if isinstance(one, dict) else ("", "")
    if named not in _KINDS:
        raise ConfigError(f"{place}: is neither OKP with crv Ed25519 nor EC with crv P-256")
    if "d" in one:
        raise ConfigError(f"{place}: is a private key; name the public one, without d")
    kind, algorithm = _KINDS[named]
    if one.get("alg", algorithm) not in (algorithm, "Ed25519" if kind is OKPKey else algorithm):
        raise ConfigError(f"{place}: alg is {one['alg']!r}, and such a key is for {algorithm}")
    try:
        key = kind.import_key(one)
        _ = key.public_key  # the numbers are a point of the curve, or this raises
    except (JoseError, ValueError, TypeError, KeyError) as wrong:
        raise ConfigError(f"{place}: is no {named[1]} key: {wrong}") from None
    return PlatformKey(key, algorithm)
