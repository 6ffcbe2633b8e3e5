"""The store of what registers said of tax numbers."""

from psycopg import Connection

from tallystick.kernel import WorkspaceId
from tallystick.tax import TaxIdCheck, TaxIdState

# An answer outweighs later failures to get another one.
_ANSWERED = """
SELECT tax_id, state, checked_at, source, reference, message FROM tax_id_check
WHERE tax_id = %s ORDER BY state = 'unavailable', checked_at DESC LIMIT 1
"""
_ADD = """
INSERT INTO tax_id_check
  (workspace_id, tax_id, state, checked_at, source, reference, message)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


class PostgresTaxIdChecks:
    """The checks of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def answered(self, tax_id: str) -> TaxIdCheck | None:
        row = self._connection.execute(_ANSWERED, [tax_id]).fetchone()
        if row is None:
            return None
        number, state, checked_at, source, reference, message = row
        return TaxIdCheck(
            tax_id=number,
            state=TaxIdState(state),
            checked_at=checked_at,
            source=source,
            reference=reference,
            message=message,
        )

    def add(self, check: TaxIdCheck) -> None:
        row = (check.tax_id, check.state, check.checked_at, check.source)
        values = (self._workspace, *row, check.reference, check.message)
        self._connection.execute(_ADD, values)
