"""The store of idempotency keys."""

from psycopg import Connection

from tallystick.app import Answered
from tallystick.kernel import Misuse, WorkspaceId, check

_TAKE = """
INSERT INTO idempotency (workspace_id, key, command, input_digest) VALUES (%s, %s, %s, %s)
ON CONFLICT (workspace_id, key) DO NOTHING
"""
_READ = "SELECT command, input_digest, answer FROM idempotency WHERE key = %s"
_ANSWER = "UPDATE idempotency SET answer = %s WHERE key = %s"


class PostgresAnsweredCommands:
    """Keys of one workspace; a key is taken by inserting its row, and a rival waits on that row."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace
        self.unanswered: str = ""

    def take(self, key: str, *, command: str, input_digest: str) -> Answered | None:
        row = (self._workspace, key, command, input_digest)
        if self._connection.execute(_TAKE, row).rowcount == 1:
            self.unanswered = key
            return None
        # The rival has committed, and in READ COMMITTED a new statement sees its row.
        stood = self._connection.execute(_READ, [key]).fetchone()
        if stood is None or stood[2] is None:
            raise Misuse(f"the idempotency key {key!r} was taken twice in one unit of work")
        return Answered(command=stood[0], input_digest=stood[1], answer=stood[2])

    def answer(self, key: str, answer: bytes) -> None:
        check(key == self.unanswered, f"the idempotency key {key!r} was not taken before")
        self._connection.execute(_ANSWER, [answer, key])
        self.unanswered = ""
