"""The store of what consolidated documents have their contracts share."""

from collections.abc import Collection

from psycopg import Connection

from tallystick.invoicing import Billed
from tallystick.kernel import SubscriptionKey
from tallystick.storage.postgres.invoices import BILLED_LINES, billed_from_row

_BILLED = BILLED_LINES.format("l.subscription = ANY (%s)")
_ALL = "SELECT DISTINCT subscription FROM invoice_line WHERE purpose IS NOT NULL"
_CONTRACTS = """
SELECT DISTINCT other.subscription FROM invoice_line AS own
JOIN invoice_line AS other USING (workspace_id, invoice_id)
WHERE own.subscription = ANY (%s) AND own.purpose IS NOT NULL
"""


class PostgresSharedDocuments:
    """The consolidated documents of one workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def contracts(self) -> frozenset[SubscriptionKey]:
        return frozenset(SubscriptionKey(key) for (key,) in self._connection.execute(_ALL))

    def contracts_with(self, contracts: Collection[SubscriptionKey]) -> frozenset[SubscriptionKey]:
        rows = self._connection.execute(_CONTRACTS, [sorted(contracts)])
        return frozenset(contracts) | {SubscriptionKey(key) for (key,) in rows}

    def load_billed(self, contracts: Collection[SubscriptionKey]) -> tuple[Billed, ...]:
        rows = self._connection.execute(_BILLED, [sorted(self.contracts_with(contracts))])
        return tuple(map(billed_from_row, rows))
