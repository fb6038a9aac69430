"""What the contract allows."""

from simulator.certify.generated import positive

CHECK = positive("rgs")
