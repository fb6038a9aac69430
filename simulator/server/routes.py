"""Which decision or flow answers which operation of a contract: all of them, or nothing starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from simulator.base.errors import ConfigError
from simulator.store.flow import Flow
from simulator.store.recall import Decision
from simulator.wire.amounts import MoneyFormat
from simulator.wire.contract import Contract, Operation
from simulator.wire.messages import Listing, Message


@dataclass(frozen=True, slots=True)
class Service:
    """One contract of a party, and what answers its operations."""

    contract: Contract
    decisions: Mapping[str, tuple[type[Message], Decision]]
    flows: Mapping[str, tuple[type[Message], Flow]] = field(default_factory=dict)
    money: MoneyFormat | None = None
    """How its amounts are written; None where the contract says it."""


@dataclass(frozen=True, slots=True)
class Route:
    """An operation of the contract and what answers it: a decision, or a flow of several."""

    operation: Operation
    message: type[Message]
    decision: Decision | None = None
    flow: Flow | None = None
    money: MoneyFormat | None = None

    @property
    def pages(self) -> bool:
        """True for lists, which may read many rows."""
        return issubclass(self.message, Listing)


def bind(services: Sequence[Service]) -> dict[str, Route]:
    """The routes by their `operationId`, which no two contracts share.

    Raises ConfigError where an operation has no handler, or two, or a handler no operation.
    """
    routes: dict[str, Route] = {}
    for service in services:
        for name, route in _bind(service).items():
            if name in routes:
                raise ConfigError(f"{name} is an operation of two contracts")
            routes[name] = route
    return routes


def _bind(service: Service) -> dict[str, Route]:
    operations, file = service.contract.operations, f"openapi/{service.contract.name}.yaml"
    secured = {name for name, operation in operations.items() if operation.scope is not None}
    handled = set(service.decisions) | set(service.flows)
    for missing in sorted(secured - handled):
        raise ConfigError(f"{file}: {missing} has no handler")
    for extra in sorted(handled - secured):
        raise ConfigError(f"{file} has no operation {extra}")
    for double in sorted(set(service.decisions) & set(service.flows)):
        raise ConfigError(f"{double} is both a decision and a flow")
    routes = {
        name: Route(operations[name], message, decision=decision, money=service.money)
        for name, (message, decision) in service.decisions.items()
    }
    for name, (message, flow) in service.flows.items():
        routes[name] = Route(operations[name], message, flow=flow, money=service.money)
    return routes
