"""
`/openapi.json` and `/docs`: the interface described, and browsable without a network.

Swagger UI's files come out of the installed package `swagger-ui-py`; nothing is fetched from
elsewhere, and the page holds no inline script.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

import msgspec
from litestar import Litestar, Request, Response, get

from tallystick.api.openapi import described
from tallystick.api.routes.health import PUBLIC

ASSETS = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
OWN_ASSETS = {"docs.js": "text/javascript"}
CACHE = "public, max-age=86400"
# Swagger UI sets style attributes and draws its icons from data: URLs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tallystick API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/docs.js"></script>
</body>
</html>
"""


@get("/openapi.json", sync_to_thread=False, opt=PUBLIC, include_in_schema=False)
def openapi(request: Request) -> Response[bytes]:  # type: ignore[type-arg]  # Litestar reads the bare type
    """Return the OpenAPI 3.1 document."""
    return Response(openapi_bytes(request.app), media_type="application/json")


def openapi_bytes(app: Litestar) -> bytes:
    """Return the OpenAPI document of an application, the same bytes each time."""
    return msgspec.json.format(
        msgspec.json.encode(described(app.openapi_schema.to_schema()), order="sorted"), indent=1
    )


@get("/docs", sync_to_thread=False, opt=PUBLIC, include_in_schema=False)
def docs() -> Response[str]:
    """Return the browsable page."""
    headers = {"content-security-policy": POLICY}
    return Response(PAGE, media_type="text/html", headers=headers)


@get("/docs/{name:str}", sync_to_thread=True, opt=PUBLIC, include_in_schema=False)
def docs_asset(name: str) -> Response[bytes]:
    """Return a script or style of the page."""
    return asset(name)


def asset(name: str) -> Response[bytes]:
    """Return a file of Swagger UI's package, or one of ours."""
    if name in ASSETS:
        content = files("swagger_ui").joinpath("static", name).read_bytes()
        media_type = ASSETS[name]
    elif name in OWN_ASSETS:
        content = files("tallystick.api").joinpath("static", name).read_bytes()
        media_type = OWN_ASSETS[name]
    else:
        return Response(b"", status_code=404)
    tag = hashlib.sha256(content).hexdigest()[:16]
    headers = {"cache-control": CACHE, "etag": f'"{tag}"'}
    return Response(content, media_type=media_type, headers=headers)
