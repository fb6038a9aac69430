"""What follows from one another."""

from simulator.certify.conformance import linked

CHECK = linked("jackpot")
