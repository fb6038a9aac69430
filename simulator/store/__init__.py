"""Floor 3: rows, the unit of work, one writer with group commit, idempotency recall, outbox."""
