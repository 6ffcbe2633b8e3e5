"""
Ingest over HTTP, durable and deduplicated, beside what the engines do alone with the same events.

Rivals: the same events as JSONEachRow into ClickHouse with fsync, in blocks of the loader's size;
and a PostgreSQL table with a unique key and ON CONFLICT DO NOTHING, a commit a batch.
"""

import tempfile
import time
from collections.abc import Iterator

import clickhouse_connect
import psycopg

from bench.events import batches, event_texts
from bench.installation import Installation
from bench.load import send
from bench.rows import Row

BATCH = 1_000
CLICKHOUSE_BLOCK = 50_000
CONNECTIONS = 8
SINGLE_CONNECTIONS = 512
ACCEPTED = 202


def measure_ingest(server: Installation, *, scale: int = 1) -> Iterator[Row]:
    """Yield the rows: batches of new events, the same again, and single events."""
    texts = event_texts(200_000 * scale, run="new")
    bodies = batches(texts, BATCH)
    clickhouse = _into_clickhouse(batches(texts, CLICKHOUSE_BLOCK), len(texts))
    postgres = _into_postgres(server, bodies)
    for work in ("batches of 1,000, new", "batches of 1,000, all duplicates"):
        rate, note = _batched(server, bodies, len(texts))
        yield Row(
            work=work,
            figure=f"{rate:,.0f} events/s",
            rival=f"ClickHouse {clickhouse:,.0f}, PostgreSQL {postgres:,.0f}",
            ratio=f"{rate / clickhouse:.2f}, {rate / postgres:.1f}",
            note=note,
        )
    yield _single(server, 20_000 * scale)


def _batched(server: Installation, bodies: list[bytes], events: int) -> tuple[float, str]:
    headers = server.headers | {"content-type": "application/cloudevents-batch+json"}
    before = server.cpu_seconds()
    load = send(f"{server.url}/v1/events", headers, bodies, connections=CONNECTIONS)
    assert load.statuses == {ACCEPTED: len(bodies)}, load.statuses
    note = (
        f"{CONNECTIONS} connections, p99 {load.percentile(0.99) * 1000:.0f} ms, owner "
        f"{server.cpu_seconds() - before:.1f} CPU s, generator {load.cpu_seconds:.1f}"
    )
    return events / load.seconds, note


def _single(server: Installation, count: int) -> Row:
    bodies = [text.encode() for text in event_texts(count, run="single")]
    headers = server.headers | {"content-type": "application/cloudevents+json"}
    before = server.cpu_seconds()
    load = send(f"{server.url}/v1/events", headers, bodies, connections=SINGLE_CONNECTIONS)
    assert load.statuses == {ACCEPTED: count}, load.statuses
    rival = _single_postgres(server, count // 10)
    rate = count / load.seconds
    return Row(
        work="single events, 512 connections",
        figure=f"{rate:,.0f} events/s",
        rival=f"PostgreSQL {rival:,.0f} (one insert each, one connection)",
        ratio=f"{rate / rival:.2f}",
        note=f"p99 {load.percentile(0.99) * 1000:.0f} ms, owner "
        f"{server.cpu_seconds() - before:.1f} CPU s, generator {load.cpu_seconds:.1f}",
    )


def _into_clickhouse(bodies: list[bytes], events: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        client = clickhouse_connect.get_client(dsn=f"chdb://{folder}/rival")
        client.command(
            "CREATE TABLE rival (id String, source String, type LowCardinality(String), "
            "subject String, time DateTime64(6, 'UTC'), data String) ENGINE = MergeTree "
            "ORDER BY (type, subject, time) SETTINGS fsync_after_insert = 1"
        )
        settings = {
            "date_time_input_format": "best_effort",
            "input_format_json_read_objects_as_strings": 1,
            "input_format_skip_unknown_fields": 1,
        }
        started = time.perf_counter()
        for body in bodies:
            client.raw_insert(
                "rival",
                ["id", "source", "type", "subject", "time", "data"],
                body,
                settings=settings,
                fmt="JSONEachRow",
            )
        seconds = time.perf_counter() - started
        assert client.query("SELECT count() FROM rival").result_rows == [(events,)]
        client.close()
        return events / seconds


def _into_postgres(server: Installation, bodies: list[bytes]) -> float:
    statement = (
        "INSERT INTO rival SELECT e->>'source', e->>'id', e->>'type', e->>'subject', "
        "(e->>'time')::timestamptz, e->'data' FROM jsonb_array_elements(%s::jsonb) e "
        "ON CONFLICT DO NOTHING"
    )
    with psycopg.connect(server.postgres_uri, autocommit=True) as connection:
        _rival_table(connection)
        some = bodies[: max(1, len(bodies) // 4)]
        started = time.perf_counter()
        stored = sum(connection.execute(statement, [body.decode()]).rowcount for body in some)
        seconds = time.perf_counter() - started
        assert stored == len(some) * BATCH
        connection.execute("DROP TABLE rival")
    return stored / seconds


def _single_postgres(server: Installation, count: int) -> float:
    statement = "INSERT INTO rival VALUES ('s', %s, 't', 'c', now(), %s) ON CONFLICT DO NOTHING"
    with psycopg.connect(server.postgres_uri, autocommit=True) as connection:
        _rival_table(connection)
        started = time.perf_counter()
        for number in range(count):
            connection.execute(statement, [str(number), '{"value":1.5}'])
        seconds = time.perf_counter() - started
        connection.execute("DROP TABLE rival")
    return count / seconds


def _rival_table(connection: psycopg.Connection) -> None:
    connection.execute(
        "CREATE TABLE rival (source text, id text, type text, subject text, used_at timestamptz, "
        "data jsonb, PRIMARY KEY (source, id))"
    )
