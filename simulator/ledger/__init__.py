"""Floor 4: double entry in minor units. Knows money, not games."""
