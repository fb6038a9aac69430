"""playmoney: a provider sandbox and contract-testing simulator for iGaming integrations."""

__version__ = "0.1.0"
