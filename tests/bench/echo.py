"""The yardstick: a bare Starlette echo of the same body on the same uvicorn settings."""

import socket

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from simulator.server.run import Process, run


async def echo(request: Request) -> Response:
    return Response(await request.body(), media_type="application/json")


async def nothing_to_close() -> None:
    return None


def main() -> None:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(2048)
    port = listener.getsockname()[1]
    print(f"echo listening on http://127.0.0.1:{port}", flush=True)
    app = Starlette(routes=[Route("/{path:path}", echo, methods=["POST"])])
    process = Process(app, listener)
    run(process.serve(nothing_to_close))


if __name__ == "__main__":
    main()
