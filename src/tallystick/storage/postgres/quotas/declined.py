"""Who wants no letters on usage, as rows."""

from collections.abc import Collection

from psycopg import Connection

from tallystick.app.usage_alerts import DeclinedLetters
from tallystick.kernel import InvariantBroken, WorkspaceId

# Declined again it stands as it stood.
_ADD = """
INSERT INTO declined_letters AS one (workspace_id, address, declined_at, declined_by)
VALUES (%s, %s, %s, %s) ON CONFLICT (workspace_id, address) DO NOTHING
"""
_COLUMNS = "address, declined_at, declined_by"
_FIND = f"SELECT {_COLUMNS} FROM declined_letters WHERE address = %s"
_TAKE_BACK = f"DELETE FROM declined_letters WHERE address = %s RETURNING {_COLUMNS}"
_AMONG = "SELECT address FROM declined_letters WHERE address = ANY(%s)"
_PAGE = f"SELECT {_COLUMNS} FROM declined_letters WHERE address > %s ORDER BY address LIMIT %s"


class PostgresDeclined:
    """The addresses of one workspace that decline letters."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def add(self, new: DeclinedLetters) -> DeclinedLetters:
        row = (self._workspace, new.address, new.declined_at, new.declined_by)
        self._connection.execute(_ADD, row)
        stands = self._connection.execute(_FIND, [new.address]).fetchone()
        if stands is None:
            raise InvariantBroken("letters that were declined are not")
        return DeclinedLetters(address=stands[0], declined_at=stands[1], declined_by=stands[2])

    def take_back(self, address: str) -> DeclinedLetters | None:
        row = self._connection.execute(_TAKE_BACK, [address]).fetchone()
        if row is None:
            return None
        return DeclinedLetters(address=row[0], declined_at=row[1], declined_by=row[2])

    def among(self, addresses: Collection[str]) -> frozenset[str]:
        found = self._connection.execute(_AMONG, [[each.lower() for each in addresses]])
        return frozenset(row[0] for row in found)

    def page(self, *, after: str, limit: int) -> tuple[DeclinedLetters, ...]:
        return tuple(
            DeclinedLetters(address=row[0], declined_at=row[1], declined_by=row[2])
            for row in self._connection.execute(_PAGE, [after, limit])
        )
