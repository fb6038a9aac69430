"""Checks of a jackpot service, one file each."""
