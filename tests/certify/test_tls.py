"""A target behind TLS, with a certificate that its own authority has signed: itself."""

import asyncio
import datetime
import ipaddress
import ssl
from pathlib import Path

import msgspec
import pytest
import uvicorn
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from simulator.base.errors import ConfigError
from simulator.certify.checks.table import CHECKS
from simulator.certify.config import TEST_WORLD, Config
from simulator.certify.profile import Profile
from simulator.certify.suite import Order, chosen, run
from simulator.certify.target import Target
from simulator.certify.wires.sockets import SocketWire
from simulator.cli.certify import certify
from simulator.reports.verdicts import happenings as h
from tests.broken.wallets.right import Reference

LIFE = datetime.timedelta(days=1)


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificate and key of 127.0.0.1, made now, trusted by nobody."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a wallet under test")])
    now = datetime.datetime.now(datetime.UTC)
    host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - LIFE)
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "target.pem"
    file.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


async def serving(pem: Path) -> tuple[asyncio.Server, str]:
    """The reference wallet, behind TLS."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    config = uvicorn.Config(Reference(), lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: H11Protocol(config=config, server_state=state, app_state={}),
        "127.0.0.1",
        0,
        ssl=tls,
    )
    return server, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def ended_of(
    url: str, ca_file: str, config: Config = TEST_WORLD
) -> tuple[list[h.CheckEnded], h.SuiteEnded]:
    wire = SocketWire(url, ca_file=ca_file)
    checks = chosen(CHECKS, "wallet", "smoke", ())
    order = Order(role="wallet", target=url, suite="smoke", checks=checks, replay="again")
    found: list[h.CheckEnded] = []
    async for happening in run(order, Target(wire, config, Profile(), 7, "tls")):
        if isinstance(happening, h.CheckEnded):
            found.append(happening)
        if isinstance(happening, h.SuiteEnded):
            ended = happening
    await wire.close()
    return found, ended


async def test_a_target_behind_tls_is_judged_whole(pem: Path) -> None:
    """SBX-08: the smoke suite, over https, by an authority that is named; tokens by an absolute
    URL go the same way."""
    server, url = await serving(pem)
    config = msgspec.structs.replace(TEST_WORLD, token_url=f"{url}/oauth/token")
    async with server:
        found, ended = await ended_of(url, str(pem), config)
        server.close()
    assert not {one.check: one.why for one in found if one.verdict != "pass"}
    assert not ended.could_not
    assert ended.passed == len(found) > 10


async def test_a_certificate_that_nobody_trusts_is_said_to_be_one(pem: Path) -> None:
    """SBX-08: nothing is asked of a stranger, and the reason and the way out are named."""
    server, url = await serving(pem)
    async with server:
        found, ended = await ended_of(url, "")
        server.close()
    assert not found
    assert "its certificate is not trusted (self-signed certificate)" in ended.could_not
    assert "--ca-file" in ended.could_not


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "cannot be read (No such file or directory)"), ("-", "holds no certificate")],
)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_file_without_an_authority_is_refused(
    scheme: str, text: str | None, said: str, tmp_path: Path
) -> None:
    """SBX-08: before a call, and by name; also where no certificate will be asked for."""
    file = tmp_path / "ca.pem"
    if text:
        file.write_text(text)
    with pytest.raises(ConfigError, match="ca_file") as refused:
        SocketWire(f"{scheme}://127.0.0.1:9", ca_file=str(file))
    assert said in str(refused.value)


def test_the_command_takes_the_file_too(tmp_path: Path) -> None:
    """SBX-08: `--ca-file` is read before a call, as `ca_file` of the configuration is."""
    file = tmp_path / "ca.pem"
    file.write_text("-")
    words = ["wallet", "--target", "https://127.0.0.1:9", "--ca-file", str(file)]
    ended = CliRunner().invoke(certify, words)
    assert isinstance(ended.exception, ConfigError)
    assert "holds no certificate" in str(ended.exception)
