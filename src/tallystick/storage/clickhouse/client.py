"""
Connections to ClickHouse: inside this process (chDB) or a server, by one address.

Readers are sessions in which ``readonly=1`` was the last thing set: they cannot write, cannot raise
their limits, and cannot reach files or URLs. The one writer is a session of its own. Values are
bound as parameters, never pasted into a query. chDB serves one call at a time per session, so there
are several readers, lent out one at a time.

chDB allows one directory per process, and one process per directory.
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Lock
from typing import Any

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from tallystick.kernel import EngineUnavailable

CHDB_SCHEME = "chdb:"
READER_WAIT_SECONDS = 30
MARK_CACHE_BYTES_MAX = 1 << 28
_AT_ONCE = {"mutations_sync": 1}
QUERY_BYTES_MAX = 1 << 26
"""Many subjects make a long list of parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineLimits:
    """
    What ClickHouse may use of the machine.

    Attributes:
        memory_bytes: of the whole engine, when it is inside this process.
        query_memory_bytes: of one query.
        threads: of one query.
        query_seconds: until a query is stopped.
        result_rows: that one query may return.
        readers: sessions that read at the same time.
    """

    memory_bytes: int = 2 << 30
    query_memory_bytes: int = 1 << 30
    threads: int = 2
    query_seconds: int = 60
    result_rows: int = 1_000_000
    readers: int = 4


class ClickHouse:
    """
    Sessions to one engine.

    Args:
        url: ``chdb:///directory`` or ``http(s)://user:password@host:port/database``.
        limits: what the engine may use.
    """

    def __init__(self, url: str, limits: EngineLimits | None = None) -> None:
        self._url = url
        self._limits = limits or EngineLimits()
        self._writer = self._connect({"max_threads": self._limits.threads})
        self._writing = Lock()
        self._deriver = self._connect(self._deriving_settings())
        self._deriving = Lock()
        self._readers: LifoQueue[Client] = LifoQueue()
        for _ in range(self._limits.readers):
            self._readers.put(self._connect(self._reading_settings()))

    def read(self, query: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """
        Return the rows of a query; ``{name:Type}`` in it is bound from the parameters.

        Raises:
            EngineUnavailable: the engine does not answer, or a limit was exceeded.
        """
        with self._reader() as client, _translated():
            return client.query(query, parameters=dict(parameters)).result_rows

    def read_columns(self, query: str, parameters: Mapping[str, Any]) -> pa.Table:
        """Return the rows of a query as columns; else as `read`."""
        with self._reader() as client, _translated():
            return client.query_arrow(query, parameters=dict(parameters))

    def command(
        self,
        statement: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Run a statement that changes the schema, or rows that stand; bound as for `read`."""
        with self._writing, _translated():
            self._writer.command(
                statement, parameters=dict(parameters or {}), settings=dict(settings or {})
            )

    def write(self, table: str, rows: pa.Table, settings: Mapping[str, Any]) -> None:
        """
        Insert rows in one statement.

        Raises:
            EngineUnavailable: nothing is known about the rows then; ask before trying again.
        """
        with self._writing, _translated():
            self._writer.insert_arrow(table, rows, settings=dict(settings))

    def remove(self, table: str, condition: str, parameters: Mapping[str, Any]) -> None:
        """
        Take rows out of a table, and return when they are gone; parts that hold any are rewritten.

        Raises:
            EngineUnavailable: whether they are gone is not known; taking them out again is safe.
        """
        statement = f"ALTER TABLE {table} DELETE WHERE {condition}"
        with self._writing, _translated():
            self._writer.command(statement, parameters=dict(parameters), settings=_AT_ONCE)

    def derive(
        self, statement: str, parameters: Mapping[str, Any], settings: Mapping[str, Any]
    ) -> None:
        """
        Insert what a query finds, in a session of its own, so that `write` need not wait for it.

        Raises:
            EngineUnavailable: as `write`.
        """
        with self._deriving, _translated():
            self._deriver.command(statement, parameters=dict(parameters), settings=dict(settings))

    def read_as_writer(self, query: str) -> Sequence[Sequence[Any]]:
        """Return the rows of a query about the engine itself, seen after all writes."""
        with self._writing, _translated():
            return self._writer.query(query).result_rows

    def close(self) -> None:
        """Close all sessions; chDB then lets go of its directory."""
        while True:
            try:
                self._readers.get_nowait().close()
            except Empty:
                break
        self._deriver.close()
        self._writer.close()

    @contextmanager
    def _reader(self) -> Iterator[Client]:
        try:
            client = self._readers.get(timeout=READER_WAIT_SECONDS)
        except Empty as error:
            raise EngineUnavailable(
                f"all {self._limits.readers} ClickHouse readers were busy for "
                f"{READER_WAIT_SECONDS} s; ask for less or allow more readers"
            ) from error
        try:
            yield client
        finally:
            self._readers.put(client)

    def _deriving_settings(self) -> dict[str, Any]:
        limits = self._limits
        return {
            # One thread, so that questions have the other cores.
            "max_threads": 1,
            "max_memory_usage": limits.query_memory_bytes,
            "max_query_size": QUERY_BYTES_MAX,
        }

    def _reading_settings(self) -> dict[str, Any]:
        limits = self._limits
        return {
            "max_threads": limits.threads,
            "max_memory_usage": limits.query_memory_bytes,
            "max_execution_time": limits.query_seconds,
            "max_result_rows": limits.result_rows,
            "result_overflow_mode": "throw",
            "max_query_size": QUERY_BYTES_MAX,
            # Last: nothing can be set after it.
            "readonly": 1,
        }

    def _connect(self, settings: Mapping[str, Any]) -> Client:
        limits = self._limits
        chdb = {
            "max_server_memory_usage": limits.memory_bytes,
            "mark_cache_size": min(MARK_CACHE_BYTES_MAX, limits.memory_bytes // 8),
        }
        with _translated():
            if self._url.startswith(CHDB_SCHEME):
                return clickhouse_connect.get_client(
                    dsn=self._url, settings=dict(settings), chdb_options=chdb
                )
            return clickhouse_connect.get_client(
                dsn=self._url, settings=dict(settings), form_encode_query_params=True
            )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClickHouseError as error:
        raise EngineUnavailable(f"ClickHouse: {str(error)[:500]}") from error


def drop_if_torn(directory: Path) -> bool:
    """
    Remove chDB's directory if a definition in it is an empty file; return whether it was.

    A full disk or a lost power supply leaves such files, and the engine does not open with one. All
    that it holds is derived from the log, and loaded again.
    """
    torn = any(path.stat().st_size == 0 for path in directory.rglob("*.sql"))
    if torn:
        shutil.rmtree(directory)
    return torn
