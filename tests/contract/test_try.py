import os
import pytest
import schemathesis
from hypothesis import settings, HealthCheck
from schemathesis.config import SchemathesisConfig
from schemathesis.python import asgi
from simulator.server.app import App
from simulator.server.documents import documents
from simulator.settings import Settings
from simulator.world import Worlds
from tests.support import CONTRACTS, FROZEN, Sandbox
from tests.server.tools import document

class Served:
    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            assert (await receive())["type"] == "lifespan.startup"
            chosen = Settings(clock=FROZEN, strict=True)
            self.worlds = Worlds(chosen, CONTRACTS, print)
            await self.worlds.start()
            self.app = App(chosen, self.worlds, CONTRACTS, documents(CONTRACTS))
            self.box = Sandbox(self.app, self.worlds)
            self.token = await self.box.token("studio-demo")
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self.worlds.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        await self.app(scope, receive, send)

NAME = os.environ.get("API", "platform")
served = Served()
config = SchemathesisConfig.from_dict({
    "parameters": {"header.X-Brand-Id": "brand-42", "header.X-Region": "EU"} if NAME=="platform" else {},
})
schema = schemathesis.openapi.from_dict(document(NAME), config=config)
schema.app = served

@pytest.fixture(scope="module")
def token():
    with asgi.get_client(served):
        yield served.token

@schema.parametrize()
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_api(case, token):
    case.call_and_validate(headers={"Authorization": f"Bearer {token}"} if NAME == "platform" else None)
