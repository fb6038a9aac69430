"""Floor 0: money, ids, clock, rng and errors. No I/O, no float, nothing imported from above."""
