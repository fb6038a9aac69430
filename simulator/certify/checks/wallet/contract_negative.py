"""What the contract forbids."""

from simulator.certify.conformance import forbidden

CHECK = forbidden("wallet")
