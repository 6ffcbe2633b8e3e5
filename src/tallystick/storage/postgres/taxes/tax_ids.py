"""The store of what registers said of tax numbers."""

from collections.abc import Iterable

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.kernel import WorkspaceId
from tallystick.tax import TaxIdCheck, TaxIdState

# An answer outweighs later failures to get another one.
_ANSWERED = """
SELECT DISTINCT ON (tax_id) tax_id, state, checked_at, source, reference, message
FROM tax_id_check WHERE tax_id = ANY(%s)
ORDER BY tax_id, state = 'unavailable', checked_at DESC
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
        self._read: dict[str, TaxIdCheck | None] = {}

    def read_ahead(self, tax_ids: Iterable[str]) -> None:
        """Read what was answered about numbers at once, for who asks for one after the other."""
        wanted = sorted(set(tax_ids))
        if wanted:
            self._read = dict.fromkeys(wanted) | self._answered(wanted)

    def answered(self, tax_id: str) -> TaxIdCheck | None:
        return (self._read if tax_id in self._read else self._answered([tax_id])).get(tax_id)

    def _answered(self, tax_ids: list[str]) -> dict[str, TaxIdCheck | None]:
        rows = self._connection.execute(_ANSWERED, [tax_ids])
        return {check.tax_id: check for check in map(_check_from_row, rows)}

    def add(self, check: TaxIdCheck) -> None:
        self._read.pop(check.tax_id, None)
        row = (check.tax_id, check.state, check.checked_at, check.source)
        values = (self._workspace, *row, check.reference, check.message)
        self._connection.execute(_ADD, values)


def _check_from_row(row: TupleRow) -> TaxIdCheck:
    number, state, checked_at, source, reference, message = row
    return TaxIdCheck(
        tax_id=number,
        state=TaxIdState(state),
        checked_at=checked_at,
        source=source,
        reference=reference,
        message=message,
    )
