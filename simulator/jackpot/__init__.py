"""Floor 5: the jackpot service: pools, triggers and payouts, behind `openapi/jackpot.yaml`."""
