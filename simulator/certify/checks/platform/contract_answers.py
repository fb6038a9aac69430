"""All that was answered, beside the contract."""

from simulator.certify.conformance import answered

CHECK = answered("platform")
