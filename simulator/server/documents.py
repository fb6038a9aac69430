"""The contracts for people and tools: `/docs`, `/openapi/<name>.yaml`; nothing from a CDN."""

from collections.abc import Mapping
from pathlib import Path

import swagger_ui_bundle
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.wire.contract import Contract

_PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>playmoney API</title>
  <link rel="stylesheet" href="/docs/assets/swagger-ui.css">
  <link rel="icon" href="/docs/assets/favicon-32x32.png">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="/docs/assets/swagger-ui-bundle.js"></script>
  <script src="/docs/assets/swagger-ui-standalone-preset.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
"""

# Without `validatorUrl: null` a page beyond loopback shows a badge from the vendor's server.
_START = """window.ui = SwaggerUIBundle({
  urls: %s,
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
});
"""


def documents(contracts: Mapping[str, Contract]) -> Starlette:
    """The Starlette application that serves the documents of these contracts."""
    names = sorted(contracts, key=lambda name: (name == "control", name))
    urls = ", ".join(f'{{"url": "/openapi/{name}.yaml", "name": "{name}"}}' for name in names)

    async def page(_: Request) -> Response:
        return HTMLResponse(_PAGE)

    async def start(_: Request) -> Response:
        return Response(_START % f"[{urls}]", media_type="text/javascript")

    async def source(request: Request) -> Response:
        contract = contracts.get(request.path_params["name"])
        if contract is None:
            known = ", ".join(f"/openapi/{name}.yaml" for name in names)
            return JSONResponse({"message": f"there are {known}"}, status_code=404)
        return Response(contract.source, media_type="application/yaml")

    assets = Path(str(swagger_ui_bundle.swagger_ui_path))
    return Starlette(
        routes=[
            Route("/docs", page),
            Route("/docs/start.js", start),
            Mount("/docs/assets", StaticFiles(directory=assets)),
            Route("/openapi/{name}.yaml", source),
        ]
    )
