"""
Triggers out of request bodies: CloudEvents as `/v1/events` reads them, by the same reader.

The type of an event names the trigger, its data what is said.  Times and subjects are let pass:
a trigger is about now.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

import msgspec

from tallystick.app.ingest import FUTURE_MAX, Parsed, Scope, parse_body
from tallystick.app.triggers.start_trigger import StartTrigger
from tallystick.kernel import Done, Misuse, Outcome, Problem, Refused, WorkspaceId

TRIGGERS_MAX = 20
_DATA = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)
_EVER = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SentTrigger:
    """One event of a request, in its place: what it starts, or why it cannot be read."""

    source: str
    id: str
    command: Outcome[StartTrigger]


def read_triggers(
    body: bytes,
    *,
    workspace: WorkspaceId,
    content_type: str,
    headers: Mapping[str, str],
    now: datetime,
) -> tuple[SentTrigger, ...]:
    """
    Return the triggers of a request, in order.

    Args:
        body: unpacked.
        workspace: whose triggers they are.
        content_type: one of those that carry events.
        headers: in lower case, for binary mode.
        now: the instant of receipt.

    Raises:
        UnknownMediaType: the content type carries no events.
        Misuse: the body as a whole cannot be read, or holds too many.
    """
    scope = Scope(
        workspace=workspace, received_at=now, earliest=_EVER, latest=now + FUTURE_MAX, seed=0
    )
    parts = parse_body(body, scope, content_type=content_type, headers=headers)
    count = sum(part.batch.num_rows + len(part.rejections) for part in parts)
    if count > TRIGGERS_MAX:
        message = f"{count} triggers in one request; at most {TRIGGERS_MAX} are taken"
        raise Misuse(message)
    placed = [found for part in parts for found in (*_read(part), *_refused(part))]
    return tuple(sent for _, sent in sorted(placed, key=lambda found: found[0]))


def _read(part: Parsed) -> Iterator[tuple[int, SentTrigger]]:
    rows = part.batch.select(["source", "id", "type", "data"]).to_pylist()
    for place, row in zip(part.index, rows, strict=True):
        command = StartTrigger(
            source=row["source"],
            id=row["id"],
            kind=row["type"],
            data=_DATA.decode(row["data"]),
        )
        yield int(place), SentTrigger(source=row["source"], id=row["id"], command=Done(command))


def _refused(part: Parsed) -> Iterator[tuple[int, SentTrigger]]:
    for one in part.rejections:
        problem = Problem(code=one.code, message=one.message, field=one.path)
        command = Refused((problem,))
        yield one.index, SentTrigger(source=one.source, id=one.event_id, command=command)
