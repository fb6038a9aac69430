"""`python -m simulator` is `playmoney`."""

from simulator.cli import main

if __name__ == "__main__":  # processes that play for a run import this file too
    main()
