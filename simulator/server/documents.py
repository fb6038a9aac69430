"""The contracts for people and tools: `/docs`, `/openapi/<name>.yaml`; nothing from a CDN."""

from collections.abc import Mapping
from pathlib import Path

import swagger_ui_bundle
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from simulator.base.errors import MethodNotAllowed, NotFound, Problem
from simulator.wire.contract import Contract
from simulator.wire.problem import encode_problem

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
            raise HTTPException(404)
        return Response(contract.source, media_type="application/yaml")

    async def refuse(request: Request, wrong: Exception) -> Response:
        """Refused in the one error model, here too (PRV-25)."""
        path = request.url.path[:80]
        problem: Problem = NotFound(f"there is no {path}; the documents start at /docs")
        headers = getattr(wrong, "headers", None) or {}
        if "Allow" in headers:
            allow = headers["Allow"].split(", ")
            problem = MethodNotAllowed(
                f"{path} does not take {request.method}, only {headers['Allow']}",
                details={"allow": allow},
            )
        body = encode_problem(problem, request.scope["trace_id"])
        return Response(body, problem.status, headers, media_type="application/json")

    assets = Path(str(swagger_ui_bundle.swagger_ui_path))
    return Starlette(
        routes=[
            Route("/docs", page),
            Route("/docs/start.js", start),
            Mount("/docs/assets", StaticFiles(directory=assets)),
            Route("/openapi/{name}.yaml", source),
        ],
        exception_handlers={HTTPException: refuse},
    )
