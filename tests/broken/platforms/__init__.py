"""Platforms with one defect each, by what goes wrong; `table.py` lists them."""
