"""The store of rules by which credit is bought by itself, and of what they did."""

from datetime import datetime

import msgspec
from psycopg import Connection

from tallystick.credits import TakenStep, TopUpDocument, TopUpStep
from tallystick.kernel import AccountKey, WorkspaceId

_RULE = """
SELECT document::text FROM credit_top_up_rule WHERE account = %s ORDER BY ordinal DESC LIMIT 1
"""
_RULED = """
SELECT account FROM (
  SELECT DISTINCT ON (account) account, document FROM credit_top_up_rule
  ORDER BY account, ordinal DESC) AS last
WHERE document IS NOT NULL ORDER BY account
"""
_SET_RULE = """
INSERT INTO credit_top_up_rule (workspace_id, account, ordinal, document, recorded_at)
SELECT %s, %s, 1 + count(*), %s, %s FROM credit_top_up_rule WHERE account = %s
"""
_STEPS = "SELECT at, step FROM credit_top_up_step WHERE account = %s ORDER BY ordinal"
_ADD_STEP = """
INSERT INTO credit_top_up_step (workspace_id, account, ordinal, step, at)
SELECT %s, %s, 1 + count(*), %s, %s FROM credit_top_up_step WHERE account = %s
"""


class PostgresTopUps:
    """The top-up rules of one workspace's accounts."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def rule(self, account: AccountKey) -> TopUpDocument | None:
        row = self._connection.execute(_RULE, [account]).fetchone()
        if row is None or row[0] is None:
            return None
        return msgspec.json.decode(row[0], type=TopUpDocument)

    def ruled(self) -> list[AccountKey]:
        return [AccountKey(account) for (account,) in self._connection.execute(_RULED)]

    def set_rule(
        self, account: AccountKey, document: TopUpDocument | None, *, at: datetime
    ) -> None:
        text = None if document is None else msgspec.json.encode(document).decode()
        self._connection.execute(_SET_RULE, [self._workspace, account, text, at, account])

    def steps(self, account: AccountKey) -> tuple[TakenStep, ...]:
        rows = self._connection.execute(_STEPS, [account])
        return tuple(TakenStep(at=at, step=TopUpStep(step)) for at, step in rows)

    def add_step(self, account: AccountKey, step: TakenStep) -> None:
        values = (self._workspace, account, step.step, step.at, account)
        self._connection.execute(_ADD_STEP, values)
