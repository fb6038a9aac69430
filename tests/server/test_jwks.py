"""Our studio reads the tokens of a platform that is not ours, by its published keys (RGS-02)."""

import asyncio
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from simulator.base.clock import NS_PER_S
from simulator.base.errors import AuthFailed
from simulator.server.jwks import AGAIN_NS, Jwks
from simulator.server.player_tokens import PlayerTokens
from simulator.wire import json
from simulator.wire.rgs import PlayerClaims

CLAIMS = PlayerClaims(sub="p_ana", geo="DE", jti="t-1", exp=1_000)


def key() -> OKPKey:
    made = OKPKey.generate_key("Ed25519")
    made.ensure_kid()
    return made


class Platform:
    """Publishes keys on a port, and counts who asks."""

    def __init__(self, *keys: OKPKey) -> None:
        self.keys: list[Any] = [one.as_dict(private=False) for one in keys]
        self.asked = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        body = json.encode({"keys": self.keys})
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))
        await writer.drain()
        writer.close()


async def test_a_key_is_looked_for_when_a_token_names_it_and_not_more_often() -> None:
    """A token under a published key is read; under a key that came later it is refused, and read
    when it comes again; under none it is refused however often, and nobody is asked each time."""
    first, second, ours, nobodys = key(), key(), key(), key()
    platform = Platform(first)
    now_ns = [0]
    async with await asyncio.start_server(platform.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        jwks = Jwks(f"http://127.0.0.1:{port}", lambda: now_ns[0])
        await jwks.fetch()
        studio = PlayerTokens(ours)
        studio.jwks = jwks

        def reads(by: OKPKey) -> bool:
            try:
                said = studio.read_player(PlayerTokens(by).mint(CLAIMS), 500 * NS_PER_S)
            except AuthFailed:
                return False
            return said.sub == "p_ana"

        assert reads(first)
        assert reads(ours)
        assert not reads(second)
        platform.keys.append(second.as_dict(private=False))
        now_ns[0] += AGAIN_NS
        assert not reads(second)
        for _ in range(1_000):
            if platform.asked == 2:
                break
            await asyncio.sleep(0.001)
        await jwks.fetch()
        assert reads(second)
        asked = platform.asked
        for _ in range(20):
            assert not reads(nobodys)
        await asyncio.sleep(0.01)
        assert platform.asked == asked
        await jwks.close()


async def test_a_platform_that_does_not_answer_takes_no_known_key_away() -> None:
    """What was known stays; what is no JWKS is no error."""
    first = key()
    platform = Platform(first)
    server = await asyncio.start_server(platform.serve, "127.0.0.1", 0)
    jwks = Jwks(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    await jwks.fetch()
    platform.keys = [{"kty": "nonsense"}]
    await jwks.fetch()
    assert jwks.find(str(first.kid)) is not None
    server.close()
    await server.wait_closed()
    await jwks.fetch()
    assert jwks.find(str(first.kid)) is not None
    await jwks.close()


@pytest.mark.parametrize("head", ["", "x", "e30", "bnVsbA"])
def test_a_token_without_a_key_is_refused(head: str) -> None:
    """Whatever stands where the header should be."""
    studio = PlayerTokens(key())
    studio.jwks = Jwks("http://127.0.0.1:9", lambda: 0)
    studio.jwks._looked_ns = 0  # nobody is asked in this test
    with pytest.raises(AuthFailed):
        studio.read_player(f"{head}.e30.x", 0)
