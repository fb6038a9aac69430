"""Floor 7: the ASGI app, the pipeline of every call, authentication, courier, control API."""
