"""A world's chaos on the way to parties that are not ours: what a call that goes out is."""

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec

from simulator.adapters.transport import Transport
from simulator.base.errors import Problem
from simulator.chaos.at import Arrival
from simulator.chaos.chaos import Chaos
from simulator.chaos.draws import read_body, stable_key
from simulator.chaos.outgoing import ChaosTransport
from simulator.chaos.seam import header
from simulator.server.clients import BRANDS
from simulator.wire.calls import Call
from simulator.wire.contract import Contract


class Away:
    """Puts the chaos of one world on transports to other parties."""

    def __init__(self, chaos: Chaos, contracts: Mapping[str, Sequence[Contract]]) -> None:
        self._chaos = chaos
        self._contracts = contracts

    def over(self, to: str, transport: Transport) -> Transport:
        """The transport to a party, with the faults of the calls to it."""
        know = partial(self._know, to=to, prefix=transport.prefix)
        return ChaosTransport(transport, self._chaos, know)

    def _know(self, call: Call, to: str, prefix: str) -> Arrival | None:
        """What a call is by the party's contracts; None for what they do not have.

        Its player is known only where path or body names one: sessions and bets are theirs.
        """
        target = call.target.removeprefix(prefix)
        for contract in self._contracts[to]:
            try:
                operation, values = contract.match(call.method, target.partition("?")[0])
            except Problem:
                continue
            place = self._chaos.places.get(("outgoing", f"{to}.{operation.operation_id}"))
            if place is None:
                return None
            body = read_body(call)
            named = {**(body if isinstance(body, dict) else {}), **values}
            bare = msgspec.structs.replace(call, target=target)
            brand = BRANDS.get(header(call, "x-brand-id") or "")
            return Arrival(
                place=place,
                call=call,
                key=stable_key(to, operation.operation_id, bare, body),
                tenant=brand.tenant if brand else "",
                brand=header(call, "x-brand-id") or "",
                region=header(call, "x-region") or (brand.region if brand else ""),
                player=str(named.get("player_id", "")),
            )
        return None
