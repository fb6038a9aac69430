"""Which decision or flow answers which operation of a contract: all of them, or nothing starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.base.errors import ConfigError
from simulator.store.flow import Flow
from simulator.store.recall import Decision
from simulator.wire.contract import Contract, Operation
from simulator.wire.messages import Listing, Message


@dataclass(frozen=True, slots=True)
class Route:
    """An operation of the contract and what answers it: a decision, or a flow of several."""

    operation: Operation
    message: type[Message]
    decision: Decision | None = None
    flow: Flow | None = None

    @property
    def pages(self) -> bool:
        """True for lists, which may read many rows."""
        return issubclass(self.message, Listing)


def bind(
    contract: Contract,
    decisions: Mapping[str, tuple[type[Message], Decision]],
    flows: Mapping[str, tuple[type[Message], Flow]],
) -> dict[str, Route]:
    """The routes by their `operationId`.

    Raises ConfigError where an operation has no handler, or two, or a handler no operation.
    """
    operations = contract.operations
    secured = {name for name, operation in operations.items() if operation.scope is not None}
    handled = set(decisions) | set(flows)
    for missing in sorted(secured - handled):
        raise ConfigError(f"openapi/{contract.name}.yaml: {missing} has no handler")
    for extra in sorted(handled - secured):
        raise ConfigError(f"openapi/{contract.name}.yaml has no operation {extra}")
    for double in sorted(set(decisions) & set(flows)):
        raise ConfigError(f"{double} is both a decision and a flow")
    routes = {
        name: Route(operations[name], message, decision=decision)
        for name, (message, decision) in decisions.items()
    }
    for name, (message, flow) in flows.items():
        routes[name] = Route(operations[name], message, flow=flow)
    return routes
