"""Floor 5: the operator's platform and wallet, the party behind `/v1`."""
