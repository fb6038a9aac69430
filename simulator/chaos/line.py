"""The socket below a call, where there is one: what a server offers so that it can really break.

An extension of ASGI: `scope["extensions"][LINE]` makes a `Line`.
"""

from typing import Protocol

LINE = "playmoney.line"


class Line(Protocol):
    """The connection that a call came over."""

    def close(self) -> None:
        """End it in good order: a FIN, after what was sent."""
        ...

    def reset(self) -> None:
        """Break it off: an RST, and nothing that was not sent yet."""
        ...
