"""`python -m simulator` is `playmoney`."""

from simulator.cli import main

main()
