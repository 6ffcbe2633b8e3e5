"""When sold credit ends: kept by the store of credit as grants, voids and movements are added."""

from datetime import datetime

from psycopg import Connection

from tallystick.kernel import AccountKey

_ENDED = """
SELECT DISTINCT account FROM credit_ending WHERE is_open AND ends_at <= %s ORDER BY account
"""
_ENDINGS = """
SELECT DISTINCT ends_at FROM credit_ending WHERE ends_at > %s AND ends_at <= %s ORDER BY ends_at
"""
_CLOSE = """
UPDATE credit_ending SET is_open = false WHERE account = %s AND ends_at <= %s AND is_open
"""


class PostgresCreditEndings:
    """The endings of one workspace's sold credit."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ended(self, by: datetime) -> list[AccountKey]:
        rows = self._connection.execute(_ENDED, [by])
        return [AccountKey(account) for (account,) in rows]

    def endings(self, after: datetime, through: datetime) -> list[datetime]:
        return [at for (at,) in self._connection.execute(_ENDINGS, [after, through])]

    def close_ended(self, account: AccountKey, *, by: datetime) -> None:
        self._connection.execute(_CLOSE, [account, by])
