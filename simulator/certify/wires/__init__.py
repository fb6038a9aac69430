"""How a suite talks to its target: over sockets, or in process to an ASGI application."""
