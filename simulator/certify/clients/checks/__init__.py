"""One file a check; `simulator/certify/clients/table.py` lists them."""
