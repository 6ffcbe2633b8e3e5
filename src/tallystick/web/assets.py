"""
What the pages load: our style and script, and the Vega bundle out of `vl_convert`.

Each is served at an address that holds a digest of its content, so that a browser keeps it for good
and asks again exactly when it has changed. The bundle takes seconds to make; it is made once, in a
thread, while the first page already shows charts as SVG.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files

import vl_convert

OWN = {"page.css": "text/css", "page.js": "text/javascript", "mark.svg": "image/svg+xml"}
BUNDLE = "vega.js"
FOREVER = "public, max-age=31536000, immutable"
GZIP_LEVEL = 6
SNIPPET = "window.vegaEmbed = vegaEmbed;"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file as it is served; `tag` is part of its address."""

    content: bytes
    packed: bytes
    media_type: str
    tag: str


class Assets:
    """The files of the pages, read once."""

    def __init__(self) -> None:
        root = files("tallystick.web").joinpath("static")
        self._assets = {
            name: _asset(root.joinpath(name).read_bytes(), media_type)
            for name, media_type in OWN.items()
        }
        bundled = version("vl-convert-python")
        self._bundle_tag = hashlib.sha256(bundled.encode()).hexdigest()[:12]
        self._bundle: asyncio.Future[Asset] | None = None

    def address(self, name: str) -> str:
        """Return where a file is served."""
        tag = self._bundle_tag if name == BUNDLE else self._assets[name].tag
        return f"/assets/{tag}/{name}"

    def prepare_bundle(self) -> asyncio.Future[Asset]:
        """Begin to make the bundle, unless that was begun before."""
        if self._bundle is None:
            self._bundle = asyncio.ensure_future(asyncio.to_thread(_make_bundle))
        return self._bundle

    async def find(self, name: str) -> Asset | None:
        """Return a file by its name."""
        if name == BUNDLE:
            return await asyncio.shield(self.prepare_bundle())
        return self._assets.get(name)


def _make_bundle() -> Asset:
    return _asset(vl_convert.javascript_bundle(SNIPPET).encode(), "text/javascript")


def _asset(content: bytes, media_type: str) -> Asset:
    return Asset(
        content=content,
        packed=gzip.compress(content, GZIP_LEVEL, mtime=0),
        media_type=media_type,
        tag=hashlib.sha256(content).hexdigest()[:12],
    )
