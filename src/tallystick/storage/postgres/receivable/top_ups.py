"""The store of rules by which credit is bought by itself, and of what they did."""

from collections.abc import Mapping
from datetime import datetime

from psycopg import Connection

from tallystick.credits import TakenStep, TopUpStep
from tallystick.kernel import AccountKey, WorkspaceId
from tallystick.storage.postgres.json_column import json_object, json_text

_RULE = """
SELECT document::text FROM credit_top_up_rule WHERE account = %s ORDER BY ordinal DESC LIMIT 1
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

    def rule(self, account: AccountKey) -> Mapping[str, object] | None:
        row = self._connection.execute(_RULE, [account]).fetchone()
        return None if row is None or row[0] is None else json_object(row[0])

    def set_rule(
        self, account: AccountKey, document: Mapping[str, object] | None, *, at: datetime
    ) -> None:
        text = None if document is None else json_text(document)
        self._connection.execute(_SET_RULE, [self._workspace, account, text, at, account])

    def steps(self, account: AccountKey) -> tuple[TakenStep, ...]:
        rows = self._connection.execute(_STEPS, [account])
        return tuple(TakenStep(at=at, step=TopUpStep(step)) for at, step in rows)

    def add_step(self, account: AccountKey, step: TakenStep) -> None:
        values = (self._workspace, account, step.step, step.at, account)
        self._connection.execute(_ADD_STEP, values)
