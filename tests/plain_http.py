"""
Asking a server of this machine without TLS.

A client of httpx reads the authorities of the machine when it is made, 24 ms of work, also where no
TLS is spoken; tests ask thousands of times, and while they wait a hundred times a second.
"""

import ssl
from typing import Any

import httpx

_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority."""


def client(url: str = "", **rest: Any) -> httpx.Client:  # noqa: ANN401 - what httpx takes
    """Return a client of a server."""
    return httpx.Client(base_url=url, verify=_NOBODY, **rest)


def get(url: str, **rest: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
    """Ask once."""
    return httpx.get(url, verify=_NOBODY, **rest)


def post(url: str, **rest: Any) -> httpx.Response:  # noqa: ANN401 - what httpx takes
    """Send once."""
    return httpx.post(url, verify=_NOBODY, **rest)
