"""What the contract allows."""

from simulator.certify.conformance import allowed

CHECK = allowed("rgs")
