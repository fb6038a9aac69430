"""JSON, read without a binary float and written the same way each time.

A number with a fraction or an exponent becomes a `Decimal` of exactly its text (PRV-03).
"""

from decimal import Decimal
from typing import Any

import msgspec

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")

encode = _encoder.encode


class NotJson(ValueError):
    """Bytes that are not one JSON text in UTF-8; the message says why."""


def decode(raw: bytes) -> Any:
    """The JSON value of the bytes. Raises NotJson, whatever is wrong with them (WAL-77)."""
    try:
        return _decoder.decode(raw)
    except RecursionError:
        raise NotJson("is nested too deeply") from None
    except UnicodeDecodeError:
        raise NotJson("is not UTF-8") from None
    except ArithmeticError:  # 1e99999999999999999999: even a Decimal's exponent ends somewhere
        raise NotJson("holds a number that is out of range") from None
    except (msgspec.DecodeError, ValueError) as wrong:
        raise NotJson(f"is not JSON: {wrong}") from None
