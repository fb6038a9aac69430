"""Floor 2: what parties say to each other. Contract, messages, events, signing, problem bodies."""
