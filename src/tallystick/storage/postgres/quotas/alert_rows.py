"""Usage alerts with what people said of them, as questions give them back."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec
from psycopg.rows import TupleRow

from tallystick.app.usage_alerts import AlertRecord, AlertResponse, UsageAlert

READ = """
SELECT alert.number, alert.document::text, said.kind, said.response, said.responded_by,
  said.responded_at
FROM {alerts} AS alert LEFT JOIN usage_alert_response AS said
  ON said.workspace_id = alert.workspace_id AND said.alert_id = alert.id
ORDER BY alert.number DESC, said.number
"""


def records(rows: Iterable[TupleRow]) -> tuple[AlertRecord, ...]:
    """Return the alerts of rows as `READ` gives them, the latest first."""
    return tuple(_record(number, list(own)) for number, own in groupby(rows, lambda row: row[0]))


def _record(number: int, rows: Sequence[TupleRow]) -> AlertRecord:
    return AlertRecord(
        number=number,
        alert=msgspec.json.decode(rows[0][1], type=UsageAlert),
        responses=tuple(
            AlertResponse(kind=row[2], response=row[3], responded_by=row[4], responded_at=row[5])
            for row in rows
            if row[2] is not None
        ),
    )
