"""What the contract forbids."""

from simulator.certify.generated import negative

CHECK = negative("rgs")
