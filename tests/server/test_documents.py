"""The documents for people and tools: they work without a network and are the files themselves."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from simulator.adapters.inprocess import InProcessTransport
from simulator.wire.calls import Call
from simulator.wire.files import find
from tests.support import CONTRACTS, Got, Sandbox, sandbox

REFERS = ("src", "href", "action", "data", "poster", "srcset")
"""Attributes of HTML that make a browser load or follow something."""


@pytest.fixture
async def box() -> AsyncIterator[Sandbox]:
    async with sandbox() as opened:
        yield opened


class References(HTMLParser):
    """Everything that a page refers to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.scripts = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.scripts += tag == "script"
        self.found += [value for name in REFERS if (value := given.get(name)) is not None]


async def read(box: Sandbox, path: str, method: str = "GET") -> Got:
    """Ask as a browser does: it stays until the whole answer is there, which large files need."""
    transport = InProcessTransport(box.app)
    try:
        reply = await transport.send(Call(method=method, target=path))
    finally:
        await transport.close()  # its file is closed behind the answer
    return Got(reply.status, reply.headers, reply.body)


async def references(box: Sandbox) -> References:
    page = await read(box, "/docs")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    return References(page.body.decode())


async def test_the_page_refers_to_own_paths_only(box: Sandbox) -> None:
    """Nothing from a CDN: no scheme, no host, in no attribute (PRV-64)."""
    found = await references(box)
    assert found.scripts >= 2
    assert len(found.found) >= 3
    for reference in found.found:
        parts = urlsplit(reference)
        assert (parts.scheme, parts.netloc) == ("", ""), reference
        assert reference.startswith("/docs/")


def test_a_foreign_reference_would_be_seen() -> None:
    """The control of the test above: it finds what is not our own, without a scheme too."""
    page = '<script src="//cdn.example/a.js"></script><link href="https://cdn.example/b.css">'
    hosts = {urlsplit(reference).netloc for reference in References(page).found}
    assert hosts == {"cdn.example"}


async def test_everything_the_page_names_is_served(box: Sandbox) -> None:
    """Scripts, styles and icons are all there, with the type that a browser wants (PRV-64)."""
    types = {".js": "text/javascript", ".css": "text/css", ".png": "image/png"}
    for reference in (await references(box)).found:
        got = await read(box, reference)
        assert got.status == 200, reference
        assert got.body
        ending = reference[reference.rindex(".") :]
        assert got.headers["content-type"].partition(";")[0] == types[ending]


async def test_styles_load_nothing_from_elsewhere(box: Sandbox) -> None:
    """What a stylesheet names is inside it (PRV-64)."""
    for reference in (await references(box)).found:
        if reference.endswith(".css"):
            style = (await read(box, reference)).body.decode()
            assert len(style) > 10_000
            for named in re.findall(r"url\(\s*['\"]?([^'\")]+)", style):
                assert named.startswith(("data:", "#")), named
            assert "@import" not in style


async def test_the_page_shows_every_contract(box: Sandbox) -> None:
    """Each contract of the server, from its own address, the party's before the control API."""
    script = (await read(box, "/docs/start.js")).body.decode()
    shown = re.findall(r'"url": "([^"]+)"', script)
    assert sorted(shown) == sorted(f"/openapi/{name}.yaml" for name in CONTRACTS)
    assert shown[-1] == "/openapi/control.yaml"
    assert not re.search(r"https?:", script)
    assert "validatorUrl: null" in script  # the bundle's default is a server of its vendor
    for address in shown:
        assert (await read(box, urljoin("/docs", address))).status == 200


@pytest.mark.parametrize("name", CONTRACTS)
async def test_a_contract_is_served_as_its_file(box: Sandbox, name: str) -> None:
    """Byte for byte what the server itself keeps to (PRV-64)."""
    got = await read(box, f"/openapi/{name}.yaml")
    assert got.status == 200
    assert got.headers["content-type"].startswith("application/yaml")
    assert got.body == find("openapi", f"{name}.yaml").read_bytes()


@pytest.mark.parametrize(
    "path",
    [
        "/openapi/none.yaml",
        "/openapi/platform",
        "/openapi/",
        "/docs/assets/none.js",
        "/docs/assets/../documents.py",
        "/docs/assets/%2e%2e/__init__.py",
        "/docs/assets/..%2f__init__.py",
        "/docs/assets//etc/passwd",
        "/openapi/../pyproject.toml",
        "/openapi/..%2fpyproject.yaml",
    ],
)
async def test_nothing_else_is_served(box: Sandbox, path: str) -> None:
    """An unknown document is a 404, and no path leads out of the folder of the assets (WAL-77)."""
    assert (await read(box, path)).status == 404


@pytest.mark.parametrize("path", ["/docs", "/openapi/platform.yaml", "/docs/assets/swagger-ui.css"])
async def test_documents_are_read_only(box: Sandbox, path: str) -> None:
    """Nothing can be written to them (PRV-26)."""
    for method in ("POST", "PUT", "DELETE"):
        got = await read(box, path, method)
        assert got.status == 405
        assert "GET" in got.headers.get("allow", "GET")
