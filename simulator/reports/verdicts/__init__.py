"""What a contract suite tells, and how it is shown, for people and machines (SBX-08)."""
