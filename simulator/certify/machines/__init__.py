"""Where each role plays the sequences of `machine.py`: requests, and their words in scenarios."""
