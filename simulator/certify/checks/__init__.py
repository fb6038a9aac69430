"""One file a check, in its role's folder; `table.py` lists them all."""
