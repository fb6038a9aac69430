"""How often something was called, by the journal of the sandbox (SBX-10)."""

from simulator.scenarios.stage import Stage
from simulator.scenarios.steps import Calls


async def count(stage: Stage, asked: Calls, trace: str) -> list[str]:
    """What is wrong with the number of calls."""
    party, _, operation = asked.call.partition(".")
    given = {
        "party": party,
        "operation": operation,
        "key": asked.key,
        "status": asked.status,
        "exactly": asked.exactly,
        "at_least": asked.at_least,
        "at_most": asked.at_most,
    }
    filled = {name: value for name, value in given.items() if value is not None}
    found = await stage.must("control.verifyJournal", filled, trace)
    return [] if found["holds"] else [f"{asked.call}: {found['message']}"]
