"""The asynchronous client: the same attempts as the other, awaited; and the real server."""

import asyncio
from datetime import UTC, datetime

import pytest

from tallystick.client import (
    AsyncClient,
    Endpoint,
    RequestRefused,
    Retry,
    ServerUnreachable,
    UsageAsked,
)
from tests.client.scripted_server import Answer, Peer, scripted_server
from tests.serving import Tenant

CALLS = {"key": "calls", "unit": "call", "event_type": "call", "aggregation": "count"}


def _client(peer: Peer, slept: list[float]) -> AsyncClient:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    endpoint = Endpoint(url=peer.url, key="ts_live_k_s")
    return AsyncClient(endpoint, retry=Retry(attempts_max=4), sleep=sleep)


def test_it_tries_again_as_the_other_does() -> None:
    """After 429, 503 and a cut connection the same body goes out again, not before it was asked."""
    late = Answer(status=429, headers=(("retry-after", "7"),))
    script = [
        late,
        Answer(status=503),
        Answer(status=0),
        Answer(status=202, body=b'{"accepted":1}'),
    ]
    slept: list[float] = []

    async def send(peer: Peer) -> int:
        async with _client(peer, slept) as client:
            return (await client.send_events([{"id": "1"}])).accepted

    with scripted_server(*script) as peer:
        assert asyncio.run(send(peer)) == 1
    assert slept == [7.0, 0.5, 1.0]
    assert len({body for *_, body in peer.requests}) == 1


def test_what_has_no_key_is_attempted_once() -> None:
    """What might take effect twice is not repeated by itself."""

    async def post(peer: Peer) -> None:
        async with _client(peer, []) as client:
            await client.post("/v1/invoices/run", {})

    with scripted_server(Answer(status=503)) as peer:
        with pytest.raises(ServerUnreachable):
            asyncio.run(post(peer))
        assert len(peer.requests) == 1


def test_a_real_server_answers(tenant: Tenant) -> None:
    """Events go in, usage comes out, and a refusal says what is wrong."""
    tenant.apply({"meters": [CALLS]})
    sent = {"specversion": "1.0", "source": "test", "type": "call", "id": "1", "subject": "acme"}
    january = datetime(2026, 1, 1, tzinfo=UTC)

    async def story() -> list[int]:
        async with AsyncClient(Endpoint(url=tenant.url, key=tenant.token)) as client:
            report = await client.send_events(
                [{**sent, "id": str(n), "time": "2026-01-02T00:00:00Z"} for n in range(3)]
            )
            assert report.accepted == 3
            asked = UsageAsked(
                meters=("calls",),
                start=january,
                end=datetime(2026, 2, 1, tzinfo=UTC),
                position=report.last_position,
            )
            with pytest.raises(RequestRefused, match="nothing"):
                await client.get("/v1/accounts/nothing")
            return [int(row.quantity) async for row in client.usage(asked)]

    assert asyncio.run(story()) == [3]
