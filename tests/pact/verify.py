"""`python -m tests.pact.verify FOLDER URL`: our platform, held to the pacts in a folder.

A process of its own: Pact's verifier is a native library with threads and signals of its own.
URL is a running server, on which a sandbox is made. Exit 1: a pact is not kept.
"""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

os.environ["PACT_DO_NOT_TRACK"] = "true"

from pact import Verifier  # it reads the switch when it is imported

from simulator.pytest_plugin import Servers
from simulator.wire import json
from tests.pact.states import States


def main(folder: str, url: str) -> int:
    """Verify the calls, and the events."""
    with Servers(url=url) as servers, servers.sandbox() as sandbox:
        states = States(sandbox)
        with _helper(states) as port:
            setup = f"http://127.0.0.1:{port}/state"
            for name in ("platform", "platform-events"):
                verifier = Verifier(name, host="127.0.0.1")
                verifier.add_transport(url=sandbox.url)
                verifier.add_transport(protocol="message", port=port, path="/message")
                verifier.state_handler(setup, body=True)
                verifier.add_source(Path(folder, f"playmoney-studio-{name}.json"))
                verifier.set_error_on_empty_pact()
                try:
                    verifier.verify()
                except RuntimeError:
                    print(verifier.output(strip_ansi=True))
                    return 1
        sandbox.ledger.reconcile()
    return 0


@contextmanager
def _helper(states: States) -> Iterator[int]:
    """What Pact calls before an interaction, and for an event: the port of a small server."""

    class Helper(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.decode(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                answer, status = self._answer(asked), 200
            except Exception as wrong:
                answer, status = {"error": f"{type(wrong).__name__}: {wrong}"}, 500
                print(self.path, asked, answer, file=sys.stderr)
            body = json.encode(answer)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _answer(self, asked: Any) -> Any:
            if self.path == "/state":
                return states.set_up(asked["state"], asked.get("params") or {})
            (state,) = asked["providerStates"]
            return states.event(asked["description"], state["params"]["player_id"])

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Helper)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
