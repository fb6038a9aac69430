"""`make bench`: how fast, as ratios between pairs that run in turn in one run."""
