"""Many clients at once: keep-alive connections, each of which sends as soon as it was answered."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tests.serving import Tenant


def post_at_once(
    tenant: Tenant, path: str, orders: Sequence[object], *, clients: int
) -> list[dict[str, Any]]:
    """Post each order once over so many connections; return the answers, all of which are 200."""
    return asyncio.run(_post_all(tenant, path, orders, clients))


async def _post_all(
    tenant: Tenant, path: str, orders: Sequence[object], clients: int
) -> list[dict[str, Any]]:
    parts = urlsplit(tenant.url)
    head = (
        f"POST {path} HTTP/1.1\r\nhost: {parts.netloc}\r\n"
        f"authorization: Bearer {tenant.token}\r\ncontent-type: application/json\r\n"
    ).encode()
    found: list[dict[str, Any]] = []
    waiting = iter(orders)
    pairs = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(clients)]
    await asyncio.gather(*(_drain(pair, head, waiting, found) for pair in pairs))
    for _, writer in pairs:
        writer.close()
        await writer.wait_closed()
    return found


async def _drain(
    pair: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    head: bytes,
    orders: Iterator[object],
    found: list[dict[str, Any]],
) -> None:
    reader, writer = pair
    for order in orders:
        body = msgspec.json.encode(order)
        writer.write(b"%scontent-length: %d\r\n\r\n%s" % (head, len(body), body))
        answered = await reader.readuntil(b"\r\n\r\n")
        length = int(answered.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        text = await reader.readexactly(length)
        assert answered.split(b" ", 2)[1] == b"200", text
        found.append(msgspec.json.decode(text))
