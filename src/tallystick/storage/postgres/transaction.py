"""One transaction on one pooled connection: begun once, committed once or rolled back."""

from types import TracebackType

import psycopg
from psycopg_pool import PoolTimeout

from tallystick.kernel import EngineBusy, EngineUnavailable, Misuse, WorkspaceId
from tallystick.storage.postgres.pool import Pool

_BUSY = (
    psycopg.errors.LockNotAvailable,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.QueryCanceled,
)
_ENTER = "SELECT set_config('tallystick.workspace', %s, true)"


class OneTransaction:
    """
    Holds a connection from ``begin`` to ``end`` and keeps the promises of a unit of work.

    A server that cannot be reached, or is lost on the way, shows as ``EngineUnavailable``; a wait
    for others that took too long as ``EngineBusy``.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: psycopg.Connection | None = None
        self._committed = False

    def begin(self, *, workspace: WorkspaceId | None = None) -> psycopg.Connection:
        """Take a connection and begin, in a workspace if one is named."""
        if self._connection is not None or self._committed:
            raise Misuse("a unit of work is entered once; make a fresh one")
        try:
            connection = self._connection = self._pool.getconn()
        except PoolTimeout as error:
            raise EngineUnavailable(f"PostgreSQL gives no connection: {error}") from error
        try:
            if workspace is not None:
                connection.execute(_ENTER, [workspace])
        except BaseException as error:
            self.end(error)
            raise
        return connection

    def commit(self) -> None:
        """Commit, once."""
        if self._connection is None or self._committed:
            raise Misuse("a unit of work is committed once, between entering and leaving it")
        self._connection.commit()
        self._committed = True

    def end(self, error: BaseException | None) -> None:
        """Undo what was not committed and give the connection back, whatever state it is in."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.rollback()
            except psycopg.OperationalError:
                connection.close()
            finally:
                self._pool.putconn(connection)
        if isinstance(error, _BUSY):
            raise EngineBusy(f"PostgreSQL is busy: {error}") from error
        if isinstance(error, psycopg.OperationalError):
            raise EngineUnavailable(f"PostgreSQL failed: {error}") from error

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end(error)
