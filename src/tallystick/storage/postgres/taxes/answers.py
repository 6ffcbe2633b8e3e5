"""The store of what engines outside said of buyers."""

import msgspec
from psycopg import Connection

from tallystick.catalog import TaxRule
from tallystick.kernel import AccountKey, WorkspaceId, canonical_json
from tallystick.tax import EngineAnswer

_LATEST = """
SELECT engine, reference, answered_at, rules::text FROM tax_engine_answer
WHERE legal_entity = %s AND account = %s ORDER BY answered_at DESC LIMIT 1
"""
_ADD = """
INSERT INTO tax_engine_answer
  (workspace_id, legal_entity, account, answered_at, engine, reference, rules)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_RULES = msgspec.json.Decoder(tuple[TaxRule, ...])


class PostgresTaxAnswers:
    """The answers of one workspace."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace

    def latest(self, legal_entity: str, account: AccountKey) -> EngineAnswer | None:
        row = self._connection.execute(_LATEST, [legal_entity, account]).fetchone()
        if row is None:
            return None
        engine, reference, answered_at, rules = row
        return EngineAnswer(
            engine=engine,
            reference=reference,
            answered_at=answered_at,
            rules=_RULES.decode(rules),
        )

    def add(self, legal_entity: str, account: AccountKey, answer: EngineAnswer) -> None:
        rules = canonical_json(answer.rules).decode()
        values = (answer.answered_at, answer.engine, answer.reference, rules)
        self._connection.execute(_ADD, (self._workspace, legal_entity, account, *values))
