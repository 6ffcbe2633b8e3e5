"""Connections to PostgreSQL, kept open and shared by the threads of one process."""

from typing import TypeAlias

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

Pool: TypeAlias = ConnectionPool[Connection[TupleRow]]

_OPTIONS = "-c timezone=UTC -c lock_timeout=30s -c statement_timeout=300s"


def open_pool(
    uri: str, *, connections_max: int = 8, wait_seconds: float = 10, name: str = "tallystick"
) -> Pool:
    """
    Return an open pool of connections as the role of the URI; close it, or use it as a context.

    A connection that a restart of the server has broken is noticed before it is handed out. The
    pool connects in the background: that the server cannot be reached shows at the first unit of
    work, after ``wait_seconds``.
    """
    return ConnectionPool(
        uri,
        min_size=1,
        max_size=connections_max,
        timeout=wait_seconds,
        name=name,
        open=True,
        check=ConnectionPool.check_connection,
        kwargs={"options": _OPTIONS, "application_name": name},
    )
