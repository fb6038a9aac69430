"""Floor 4: the caller's side of every API. Typed clients, retries, recovery of unknown outcomes."""
