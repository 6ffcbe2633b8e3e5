"""The accounts of a billing run, read at once with those above them and with what they own."""

from collections.abc import Iterable

from psycopg import Connection

from tallystick.accounts import Account, Ownership, compact_tax_number
from tallystick.kernel import AccountKey, WorkspaceId
from tallystick.storage.postgres.accounts import (
    ACCOUNT,
    OWNERSHIP,
    PostgresAccounts,
    account_from_row,
    ownership_from_row,
)

# Those named, and all above them: one of them pays.
_ACCOUNTS_ABOVE = f"""
WITH RECURSIVE up AS (
  SELECT key, parent FROM account WHERE key = ANY(%s)
  UNION SELECT a.key, a.parent FROM account AS a JOIN up ON a.key = up.parent)
SELECT {ACCOUNT} FROM account WHERE key IN (SELECT key FROM up)
"""
_OWNERSHIPS_OF_MANY = f"""
{OWNERSHIP} WHERE account = ANY(%s) UNION {OWNERSHIP} WHERE resource = ANY(%s)
ORDER BY resource, 3 NULLS FIRST
"""


class PostgresGatheredAccounts(PostgresAccounts):
    """
    The accounts of one workspace, where questions about some are answered from what was read.

    Args:
        connection: in a transaction.
        workspace: whose.
        accounts: those that are read.
    """

    def __init__(
        self, connection: Connection, workspace: WorkspaceId, accounts: Iterable[AccountKey]
    ) -> None:
        super().__init__(connection, workspace)
        wanted = sorted(set(accounts))
        above = map(account_from_row, connection.execute(_ACCOUNTS_ABOVE, [wanted]))
        self._read = {account.key: account for account in above}
        self._owned: dict[str, list[Ownership]] = {key: [] for key in wanted}
        rows = connection.execute(_OWNERSHIPS_OF_MANY, [wanted, wanted])
        for one in map(ownership_from_row, rows):
            for concerned in {str(one.account), str(one.resource)} & self._owned.keys():
                self._owned[concerned].append(one)

    @property
    def tax_numbers(self) -> set[str]:
        """Return the tax numbers of those that were read, as registers are asked for them."""
        numbers = (compact_tax_number(account.tax.tax_id) for account in self._read.values())
        return {number for number in numbers if number}

    def load_account(self, key: AccountKey) -> Account | None:
        return self._read[key] if key in self._read else super().load_account(key)

    def load_ownerships(self, *accounts: AccountKey) -> tuple[Ownership, ...]:
        if not accounts or not self._owned.keys() >= set(accounts):
            return super().load_ownerships(*accounts)
        return tuple(one for account in accounts for one in self._owned[account])
