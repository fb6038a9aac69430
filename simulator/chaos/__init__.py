"""Floor 6: what goes wrong on the wire, on purpose. Parties, ledger and store never import it."""
