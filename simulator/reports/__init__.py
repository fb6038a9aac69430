"""Floor 6, reports: revenue, billing and alerts, from event feeds and nothing else (QLT-12)."""
