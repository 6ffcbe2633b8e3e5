"""Sending events over real sockets to a peer that misbehaves on purpose."""

import io

import msgspec
import pyarrow as pa
import pytest
import zstandard

from tallystick.client import Client, Endpoint, RequestRefused, Retry, ServerUnreachable
from tests.client.scripted_server import Answer, Peer, scripted_server

TWO = b'{"accepted": 2}'
EVENTS = [{"id": str(number), "source": "test"} for number in range(4)]


def _client(peer: Peer, slept: list[float], *, attempts: int = 4) -> Client:
    endpoint = Endpoint(url=peer.url, key="ts_live_k_s")
    return Client(endpoint, retry=Retry(attempts_max=attempts), sleep=slept.append)


def _ids(body: bytes) -> list[str]:
    plain = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)).read()
    return [event["id"] for event in msgspec.json.decode(plain, type=list[dict[str, str]])]


def test_retry_sends_the_same_ids_and_obeys_retry_after() -> None:
    """After 429, 503 and a cut connection the same body goes out again, not before it was asked."""
    late = Answer(status=429, headers=(("retry-after", "7"),))
    script = [late, Answer(status=503), Answer(status=0), Answer(status=202, body=TWO)]
    slept: list[float] = []
    with scripted_server(*script) as peer, _client(peer, slept) as client:
        report = client.send_events(EVENTS[:2])
    assert report.accepted == 2
    assert slept == [7.0, 0.5, 1.0]
    assert [_ids(body) for *_, body in peer.requests] == [["0", "1"]] * 4
    assert {headers["authorization"] for _, _, headers, _ in peer.requests} == {
        "Bearer ts_live_k_s"
    }


def test_attempts_are_bounded() -> None:
    """A server that never recovers ends in ServerUnreachable, which names the last reason."""
    broken = Answer(status=500, body=b'{"detail": "disk full", "code": "engine_unavailable"}')
    slept: list[float] = []
    with (
        scripted_server(broken) as peer,
        _client(peer, slept, attempts=3) as client,
        pytest.raises(ServerUnreachable, match=r"3 attempts.*disk full"),
    ):
        client.send_events(EVENTS)
    assert len(peer.requests) == 3


def test_no_server_at_all() -> None:
    """A refused connection is retried too, and then said with the address."""
    with (
        Client(
            Endpoint(url="http://127.0.0.1:9", key=""),
            retry=Retry(attempts_max=2),
            sleep=lambda _: None,
        ) as client,
        pytest.raises(ServerUnreachable, match=r"127\.0\.0\.1:9"),
    ):
        client.get("/healthz")


def test_final_answers_are_not_retried() -> None:
    """A refusal is final and carries each field's problem."""
    body = msgspec.json.encode(
        {
            "title": "Unauthorized",
            "detail": "key revoked",
            "code": "unauthorized",
            "errors": [{"code": "bad", "message": "no", "path": "$.a"}],
        }
    )
    with (
        scripted_server(Answer(status=401, body=body)) as peer,
        _client(peer, []) as client,
        pytest.raises(RequestRefused) as raised,
    ):
        client.send_events(EVENTS)
    assert len(peer.requests) == 1
    assert raised.value.answer.code == "unauthorized"
    assert raised.value.answer.problems[0].field == "$.a"


def test_a_whole_batch_rejected_is_a_report_not_an_error() -> None:
    """A 422 that carries per-event results is a report like any other."""
    body = b'{"rejected": 1, "results": [{"index": 0, "status": "rejected", "code": "too_old"}]}'
    with scripted_server(Answer(status=422, body=body)) as peer, _client(peer, []) as client:
        report = client.send_events(EVENTS[:1])
    assert (report.rejected, report.not_counted[0].code) == (1, "too_old")


def test_post_without_idempotency_key_is_attempted_once() -> None:
    """What might take effect twice is not repeated by itself."""
    with scripted_server(Answer(status=503)) as peer, _client(peer, []) as client:
        with pytest.raises(ServerUnreachable):
            client.post("/v1/invoices/run", {})
        assert len(peer.requests) == 1
        with pytest.raises(ServerUnreachable):
            client.post("/v1/invoices/run", {}, idempotency_key="june")
    assert len(peer.requests) == 5
    assert peer.requests[-1][2]["idempotency-key"] == "june"


def test_places_count_through_batches() -> None:
    """The index of a rejected event is its place in what was sent, not in its batch."""
    first = Answer(status=202, body=b'{"accepted": 20000, "last_position": 20000}')
    second = Answer(
        status=202,
        body=b'{"accepted": 1, "rejected": 1, "last_position": 20001,'
        b' "results": [{"index": 1, "status": "rejected", "code": "future"}]}',
    )
    table = pa.table({"id": [str(number) for number in range(20_002)]})
    with scripted_server(first, second) as peer, _client(peer, []) as client:
        report = client.send_events(table)
    assert report.not_counted[0].index == 20_001
    assert report.last_position == 20_001
    assert peer.requests[0][2]["content-type"] == "application/vnd.apache.arrow.stream"
    body = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(peer.requests[1][3])).read()
    assert pa.ipc.open_stream(body).read_all().column("id").to_pylist() == ["20000", "20001"]
