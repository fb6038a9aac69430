"""The client's table against the contract."""

import pytest

from simulator.adapters.operations import OPERATIONS, READ_BET, write_request
from simulator.adapters.platform import PlatformClient
from simulator.wire import messages as m
from simulator.wire.contract import Contract
from simulator.wire.files import find

CONTRACT = Contract(find("openapi", "platform.yaml"))


def test_every_scoped_operation_has_a_row() -> None:
    """The table is the contract: each operation that needs a scope, by name, method and path."""
    declared = {
        (name, operation.method, operation.path)
        for name, operation in CONTRACT.operations.items()
        if operation.scope is not None
    }
    assert {(row.name, row.method, row.path) for row in OPERATIONS} == declared


def test_every_row_has_a_method() -> None:
    """Each operation can be called by name; acknowledgeRealityCheck is `acknowledge`."""
    for row in OPERATIONS:
        snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in row.name)
        assert hasattr(PlatformClient, snake.removesuffix("_reality_check"))


def test_path_parameters_are_percent_encoded() -> None:
    """An id never leaves its segment of the path."""
    target, body = write_request(READ_BET, m.ReadBet(bet_id="a/b?c#d %é"))
    assert target == "/v1/bets/a%2Fb%3Fc%23d%20%25%C3%A9"
    assert body == b""


@pytest.mark.parametrize("bet_id", ["", ".", ".."])
def test_an_id_that_would_change_the_path_is_refused(bet_id: str) -> None:
    """Empty and dot segments are refused before anything is sent."""
    with pytest.raises(ValueError, match="cannot stand in a path"):
        write_request(READ_BET, m.ReadBet(bet_id=bet_id))
