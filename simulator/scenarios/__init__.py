"""Floor 7: drivers and judges. They see parties only over the wire, and share no code with them."""
