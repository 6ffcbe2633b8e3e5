"""Usage alerts, their responses, and what was told of counters, as rows."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from psycopg import Connection

from tallystick.app.usage_alerts import AHEAD, AlertRecord, AlertResponse, UsageAlert, WatchKey
from tallystick.kernel import (
    AccountKey,
    Period,
    WorkspaceId,
    instant,
    instant_text,
    parse_decimal,
    plain,
)
from tallystick.storage.postgres.json_column import json_text
from tallystick.storage.postgres.quotas.alert_groups import PostgresAlertGroups
from tallystick.storage.postgres.quotas.alert_rows import READ, records
from tallystick.storage.postgres.quotas.declined import PostgresDeclined
from tallystick.thresholds import WatchState

_STATES = """
SELECT account, feature, rule, state FROM usage_watch
JOIN unnest(%s::text[], %s::text[], %s::text[]) AS asked (account, feature, rule)
  USING (account, feature, rule)
"""
_SAVE_STATES = """
INSERT INTO usage_watch (workspace_id, account, feature, rule, state)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::jsonb[])
ON CONFLICT (workspace_id, account, feature, rule) DO UPDATE SET state = excluded.state
"""
_COUNT_STATES = "SELECT count(*) FROM usage_watch WHERE rule = ANY(%s)"
# The rule first: whoever counts meanwhile waits for its stamp, and holds nothing that comes next.
_DELETE_RULE = "DELETE FROM alert_rule WHERE key = %s"
_FORGET_STATES = "DELETE FROM usage_watch WHERE rule = ANY(%s)"
_OPEN = """
INSERT INTO usage_alert
  (workspace_id, id, account, feature, kind, severity, document, opened_at, told_in)
SELECT %s, * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[],
  %s::timestamptz[], %s::text[])
ON CONFLICT (workspace_id, id) DO NOTHING RETURNING id
"""
_PAGE = READ.format(
    alerts="""(
  SELECT workspace_id, id, number, document FROM usage_alert
  WHERE number < coalesce(%(before)s, 9223372036854775807)
    AND (%(account)s::text IS NULL OR account = %(account)s)
  ORDER BY number DESC LIMIT %(limit)s)"""
)
_OPENED = READ.format(
    alerts="""(
  SELECT workspace_id, id, number, document FROM usage_alert
  WHERE opened_at >= %(start)s AND opened_at < %(end)s
    AND (%(account)s::text IS NULL OR account = %(account)s)
  ORDER BY number LIMIT %(limit)s)"""
)
_LOAD = READ.format(
    alerts="(SELECT workspace_id, id, number, document FROM usage_alert WHERE id = %s)"
)
_RESPOND = """
INSERT INTO usage_alert_response
  (workspace_id, alert_id, kind, response, responded_by, responded_at)
VALUES (%s, %s, %s, %s, %s, %s)
"""


class PostgresUsageAlerts:
    """The usage alerts of the one workspace that this transaction may see."""

    def __init__(self, connection: Connection, workspace: WorkspaceId) -> None:
        self._connection = connection
        self._workspace = workspace
        self.groups = PostgresAlertGroups(connection, workspace)
        self.declined = PostgresDeclined(connection, workspace)

    def states(self, keys: Iterable[WatchKey]) -> Mapping[WatchKey, WatchState]:
        asked = [list(column) for column in zip(*sorted(keys), strict=True)]
        rows = self._connection.execute(_STATES, asked)
        return {(row[0], row[1], row[2]): _state(row[3]) for row in rows}

    def save_states(self, states: Mapping[WatchKey, WatchState]) -> None:
        rows = [(*key, json_text(_document(state))) for key, state in sorted(states.items())]
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._connection.execute(_SAVE_STATES, [self._workspace, *columns])

    def count_states(self, rule: str) -> int:
        row = self._connection.execute(_COUNT_STATES, [[rule, rule + AHEAD]]).fetchone()
        return 0 if row is None else int(row[0])

    def end_rule(self, rule: str) -> None:
        self._connection.execute(_DELETE_RULE, [rule])
        self._connection.execute(_FORGET_STATES, [[rule, rule + AHEAD]])

    def open(self, alerts: Sequence[UsageAlert]) -> tuple[UsageAlert, ...]:
        by_id = {alert.id: alert for alert in alerts}
        rows = [
            (
                one.id,
                one.account,
                one.feature,
                one.kind,
                one.severity,
                msgspec.json.encode(one).decode(),
                one.opened_at,
                one.group,
            )
            for one in by_id.values()
        ]
        columns = [list(column) for column in zip(*rows, strict=True)]
        added = self._connection.execute(_OPEN, [self._workspace, *columns])
        return tuple(by_id[row[0]] for row in added)

    def page(
        self, *, before: int | None, limit: int, account: AccountKey | None = None
    ) -> tuple[AlertRecord, ...]:
        asked = {"before": before, "limit": limit, "account": account}
        return records(self._connection.execute(_PAGE, asked))

    def opened(
        self, period: Period, *, limit: int, account: AccountKey | None = None
    ) -> tuple[AlertRecord, ...]:
        asked = {"start": period.start, "end": period.end, "limit": limit, "account": account}
        return records(self._connection.execute(_OPENED, asked))[::-1]

    def load(self, id: str) -> AlertRecord | None:
        found = records(self._connection.execute(_LOAD, [id]))
        return found[0] if found else None

    def respond(self, id: str, response: AlertResponse) -> None:
        said = (response.kind, response.response, response.responded_by, response.responded_at)
        self._connection.execute(_RESPOND, [self._workspace, id, *said])


def _document(state: WatchState) -> dict[str, object]:
    return {
        "at": None if state.at is None else instant_text(state.at),
        "period_start": None if state.period_start is None else instant_text(state.period_start),
        "limit": None if state.limit is None else plain(state.limit),
        "told": dict(state.told),
    }


def _state(document: Mapping[str, object]) -> WatchState:
    at, start, limit = (document.get(name) for name in ("at", "period_start", "limit"))
    told = document.get("told")
    return WatchState(
        at=None if at is None else instant(str(at)),
        period_start=None if start is None else instant(str(start)),
        limit=None if limit is None else parse_decimal(str(limit)),
        told={str(name): int(times) for name, times in told.items()}
        if isinstance(told, dict)
        else {},
    )
