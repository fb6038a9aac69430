"""The faults by name, and the order in which they nest: the first is met first by a call.

A new fault is a file in `faults/` and a line here; schema, reference page and errors follow.
"""

from collections.abc import Mapping

from simulator.chaos.fault import Fault
from simulator.chaos.faults.blackout import Blackout
from simulator.chaos.faults.clock_skew import ClockSkew
from simulator.chaos.faults.corrupt_signature import CorruptSignature
from simulator.chaos.faults.cut_body import CutBody
from simulator.chaos.faults.duplicate import Duplicate
from simulator.chaos.faults.expire_token import ExpireToken
from simulator.chaos.faults.late_original import LateOriginal
from simulator.chaos.faults.latency import Latency
from simulator.chaos.faults.lose_reply import LoseReply
from simulator.chaos.faults.lose_request import LoseRequest
from simulator.chaos.faults.malformed_body import MalformedBody
from simulator.chaos.faults.rate_limit import RateLimit
from simulator.chaos.faults.refuse import Refuse
from simulator.chaos.faults.reorder import Reorder
from simulator.chaos.faults.reset import Reset
from simulator.chaos.faults.slow_body import SlowBody
from simulator.chaos.faults.stale_read import StaleRead
from simulator.chaos.faults.status import Status
from simulator.chaos.faults.throttle import Throttle
from simulator.chaos.faults.time_out import TimeOut
from simulator.chaos.faults.wrong_content_type import WrongContentType

FAULTS: Mapping[str, type[Fault]] = {
    # The way there takes longer.
    "latency": Latency,
    "throttle": Throttle,
    "reorder": Reorder,
    # It does not get there.
    "blackout": Blackout,
    "refuse": Refuse,
    "reset": Reset,
    "lose_request": LoseRequest,
    "time_out": TimeOut,
    "rate_limit": RateLimit,
    "status": Status,
    "expire_token": ExpireToken,
    "late_original": LateOriginal,
    # It gets there, and its answer is not what was said.
    "lose_reply": LoseReply,
    "slow_body": SlowBody,
    "cut_body": CutBody,
    "wrong_content_type": WrongContentType,
    "malformed_body": MalformedBody,
    # Something else gets there, or answers.
    "duplicate": Duplicate,
    "clock_skew": ClockSkew,
    "corrupt_signature": CorruptSignature,
    "stale_read": StaleRead,
}

LAYERS = {name: layer for layer, name in enumerate(FAULTS)}
