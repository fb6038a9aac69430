"""Slow, by a distribution."""

from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec

from simulator.chaos import distribution as draw
from simulator.chaos.fault import MS_MAX, Fault
from simulator.chaos.seam import Forward, Seam
from simulator.wire.calls import Reply

Ms = Annotated[int, msgspec.Meta(ge=0, le=MS_MAX)]


@dataclass(frozen=True, slots=True)
class Latency(Fault):
    """Let the call wait before it goes on, for a time drawn from a distribution."""

    distribution: Annotated[
        Literal["fixed", "uniform", "normal", "log_normal", "pareto"],
        msgspec.Meta(
            description="`fixed` waits `ms`; `uniform` between `ms` and `to_ms`; `normal` around "
            "`ms` with deviation `sd_ms`; `log_normal` has the median `ms` and the 95th percentile "
            "`p95_ms`; `pareto` waits at least `ms`, with a tail by `alpha_hundredths`."
        ),
    ] = "fixed"
    ms: Annotated[Ms, msgspec.Meta(description="Milliseconds: all, least, mean or median.")] = 200
    to_ms: Annotated[Ms, msgspec.Meta(description="The longest wait of `uniform`.")] = 0
    sd_ms: Annotated[Ms, msgspec.Meta(description="The standard deviation of `normal`.")] = 0
    p95_ms: Annotated[Ms, msgspec.Meta(description="The 95th percentile of `log_normal`.")] = 0
    alpha_hundredths: Annotated[
        int,
        msgspec.Meta(ge=10, le=10_000, description="The shape of `pareto`: 150 is alpha 1.5."),
    ] = 150
    max_ms: Annotated[Ms, msgspec.Meta(description="No wait is longer.")] = MS_MAX

    def __post_init__(self) -> None:
        if self.distribution == "uniform" and self.to_ms < self.ms:
            raise ValueError("to_ms: uniform waits between ms and to_ms, so it is at least ms")
        if self.distribution == "log_normal" and not 0 < self.ms <= self.p95_ms:
            raise ValueError("p95_ms: log_normal has its median ms above 0 and p95_ms above that")
        if self.distribution == "normal" and not self.sd_ms:
            raise ValueError("sd_ms: normal without a deviation is fixed; say so, or give it one")
        if self.distribution == "pareto" and not self.ms:
            raise ValueError("ms: pareto waits at least ms, which is above 0")

    async def around(self, seam: Seam, forward: Forward) -> Reply:
        wait_ms = min(self.drawn_ms(seam.below), self.max_ms)
        seam.note(wait_ms=wait_ms)
        await seam.wait_ms(wait_ms)
        return await forward()

    def drawn_ms(self, below: draw.Below) -> int:
        """A wait of this distribution, before `max_ms`."""
        match self.distribution:
            case "fixed":
                return self.ms
            case "uniform":
                return draw.uniform(below, self.ms, self.to_ms)
            case "normal":
                return draw.normal(below, self.ms, self.sd_ms)
            case "log_normal":
                return draw.log_normal(below, self.ms, self.p95_ms)
            case "pareto":
                return draw.pareto(below, self.ms, self.alpha_hundredths)
