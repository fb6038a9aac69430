"""Reports, from events and nothing else."""
