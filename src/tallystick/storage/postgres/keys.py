"""The store of API keys; the secret itself is never here, only its SHA-256."""

from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from tallystick.app.keys import ApiKey, Scope
from tallystick.kernel import AccountKey, WorkspaceId

_COLUMNS = (
    "workspace_id, id, label, scopes, account_key, created_at, expires_at, revoked_at,"
    " secret_sha256"
)
_ADD = f"INSERT INTO api_key ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
_FIND = f"SELECT {_COLUMNS} FROM api_key WHERE workspace_id = %s AND id = %s"
_PAGE = f"SELECT {_COLUMNS} FROM api_key WHERE workspace_id = %s AND id > %s ORDER BY id LIMIT %s"
_REVOKE = """
UPDATE api_key SET revoked_at = %s WHERE workspace_id = %s AND id = %s AND revoked_at IS NULL
"""


class PostgresApiKeys:
    """The keys of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def add(self, key: ApiKey, *, secret_sha256: bytes) -> None:
        self._connection.execute(_ADD, _row_from_key(key, secret_sha256))

    def find(self, key_id: str) -> tuple[ApiKey, bytes] | None:
        row = self._connection.execute(_FIND, [self._workspace, key_id]).fetchone()
        return None if row is None else (_key_from_row(row), row[8])

    def page(self, *, after: str, limit: int) -> list[ApiKey]:
        rows = self._connection.execute(_PAGE, [self._workspace, after, limit]).fetchall()
        return [_key_from_row(row) for row in rows]

    def revoke(self, key_id: str, *, at: datetime) -> None:
        self._connection.execute(_REVOKE, [at, self._workspace, key_id])


def _row_from_key(key: ApiKey, secret_sha256: bytes) -> tuple[object, ...]:
    dates = (key.created_at, key.expires_at, key.revoked_at)
    scopes = sorted(key.scopes)
    return (key.workspace, key.id, key.label, scopes, key.account, *dates, secret_sha256)


def _key_from_row(row: TupleRow) -> ApiKey:
    workspace, key_id, label, scopes, account, created_at, expires_at, revoked_at, _ = row
    return ApiKey(
        workspace=WorkspaceId(workspace),
        id=key_id,
        label=label,
        scopes=frozenset(Scope(scope) for scope in scopes),
        account=None if account is None else AccountKey(account),
        created_at=created_at,
        expires_at=expires_at,
        revoked_at=revoked_at,
    )
