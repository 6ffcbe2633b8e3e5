"""Connections to PostgreSQL, kept open and shared by the threads of one process."""

import select
from typing import TypeAlias

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

Pool: TypeAlias = ConnectionPool[Connection[TupleRow]]

_OPTIONS = "-c timezone=UTC -c lock_timeout=30s -c statement_timeout=300s"
# A prepared statement keeps its plan.  One made while a table was empty would read all of it for
# each look-up until the next ANALYZE.
_BY_KEY = f"{_OPTIONS} -c enable_seqscan=off"


def open_pool(
    uri: str,
    *,
    connections_max: int = 8,
    wait_seconds: float = 10,
    name: str = "tallystick",
    by_key: bool = False,
) -> Pool:
    """
    Return an open pool of connections as the role of the URI; close it, or use it as a context.

    A connection that a restart of the server has broken is noticed before it is handed out. The
    pool connects in the background: that the server cannot be reached shows at the first unit of
    work, after ``wait_seconds``.  Of a pool ``by_key``, rows are looked up by their keys alone, and
    a connection is asked whether it is broken only if there is something to read from it.
    """
    return ConnectionPool(
        uri,
        min_size=1,
        max_size=connections_max,
        timeout=wait_seconds,
        name=name,
        open=True,
        check=_check_unless_quiet if by_key else ConnectionPool.check_connection,
        kwargs={"options": _BY_KEY if by_key else _OPTIONS, "application_name": name},
    )


def _check_unless_quiet(connection: Connection[TupleRow]) -> None:
    """
    Raise if a connection is broken, without a question to the server where nothing speaks for it.

    A server that has ended closes its end or says why: then there is something to read.
    """
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        ConnectionPool.check_connection(connection)
