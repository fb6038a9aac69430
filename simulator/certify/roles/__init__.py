"""The calls of each API, as the checks write them: `wallet`, `platform`, `rgs`, `jackpot`."""
