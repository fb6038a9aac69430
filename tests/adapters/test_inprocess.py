"""The same bytes without a socket."""

import asyncio
from typing import Any

import pytest

from simulator.adapters.inprocess import InProcessTransport
from simulator.adapters.transport import ReplyLost
from simulator.wire.calls import Call, Reply

CALL = Call(
    method="POST", target="/s/x/v1/b%2F%C3%A4?q=%20&r", headers={"X-Trace-Id": "t"}, body=b"{}"
)


async def test_the_scope_is_what_a_server_makes_of_the_bytes() -> None:
    """Raw path and query as sent, the path decoded, header names in lower case."""
    seen: dict[str, Any] = {}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update(scope, request=await receive())
        headers = [(b"X-A", b"1"), (b"x-a", b"2")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})

    reply = await InProcessTransport(app).send(CALL)
    assert reply == Reply(status=201, headers={"x-a": "1, 2"}, body=b"ab")
    assert seen["raw_path"] == b"/s/x/v1/b%2F%C3%A4"
    assert seen["path"] == "/s/x/v1/b/ä"
    assert seen["query_string"] == b"q=%20&r"
    assert (b"x-trace-id", b"t") in seen["headers"]
    assert (b"content-length", b"2") in seen["headers"]
    assert seen["request"] == {"type": "http.request", "body": b"{}", "more_body": False}


async def raises(_scope: Any, _receive: Any, _send: Any) -> None:
    raise RuntimeError("bug")


async def says_nothing(_scope: Any, _receive: Any, _send: Any) -> None: ...


async def stops_midway(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"a", "more_body": True})


async def falls_short(_scope: Any, _receive: Any, send: Any) -> None:
    start = {"status": 200, "headers": [(b"content-length", b"9")]}
    await send({"type": "http.response.start", **start})
    await send({"type": "http.response.body", "body": b"a"})


@pytest.mark.parametrize("app", [raises, says_nothing, stops_midway, falls_short])
async def test_no_whole_answer_is_a_lost_one(app: Any) -> None:
    """An application that raises, stops midway or sends too little has perhaps done the work."""
    with pytest.raises(ReplyLost):
        await InProcessTransport(app).send(CALL)


async def test_a_time_out_leaves_the_application_running() -> None:
    """As behind a socket: the caller gives up, the work goes on and hears of the disconnect."""
    heard = []

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        heard.append((await receive())["type"])
        await asyncio.sleep(0)
        heard.append("done")

    transport = InProcessTransport(app, timeout_ms=10)
    with pytest.raises(ReplyLost, match="within"):
        await transport.send(CALL)
    while len(heard) < 2:
        await asyncio.sleep(0)
    assert heard == ["http.disconnect", "done"]
    await transport.close()


async def test_closing_stops_what_still_runs() -> None:
    """Nothing is left behind when the transport is closed."""
    ended = []

    async def app(_scope: Any, _receive: Any, _send: Any) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    transport = InProcessTransport(app, timeout_ms=10)
    with pytest.raises(ReplyLost):
        await transport.send(CALL)
    await transport.close()
    assert ended == [True]
