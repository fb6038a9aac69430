"""One fault a file. `chaos/table.py` is where they are named."""
