"""All that was answered, beside the contract."""

from simulator.certify.answers import answers

CHECK = answers("rgs")
