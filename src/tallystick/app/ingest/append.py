"""
From parsed submissions to durable, counted events: decide identity, append once, answer.

Submissions that wait together share one block and one sync. Identity is decided in order of
arrival, within the group as well as against the log: the first wins, an equal repeat is a
`duplicate`, a repeat with other content is a `conflict`. A repeat whose bytes differ from the first
is compared by content (numbers by value, members in any order, instants by value) before it is
called a conflict, since proxies and client libraries respell what they forward.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from tallystick.app.ingest.parsed import Parsed
from tallystick.app.ingest.ports import EventLog, Identities, Known, StoredEvents
from tallystick.app.ingest.report import IngestReport, Result, Status


@dataclass(slots=True, kw_only=True)
class _Group:
    """The rows of all submissions in order, and for each the known event that it repeats."""

    parts: list[Parsed]
    keys: list[bytes]
    digests: list[int]
    prior: list[Known | None]


def append_submissions(
    submissions: Sequence[Sequence[Parsed]],
    *,
    log: EventLog,
    identities: Identities,
    stored: StoredEvents,
) -> list[IngestReport]:
    """
    Append the new events of these submissions in one durable write; return a report for each.

    Raises:
        EngineUnavailable: the log took nothing; everything may be sent again.

    """
    group = _gather([part for submission in submissions for part in submission])
    first_of: dict[bytes, int] = {}
    new = _new_rows(group, identities, first_of)
    first_position = _append(group, new, log)
    if new:
        identities.learn(
            [group.keys[row] for row in new],
            [group.digests[row] for row in new],
            first_position=first_position,
        )
    position_of = dict(zip(new, range(first_position, first_position + len(new)), strict=True))
    verdicts = _verdicts(group, first_of, position_of, stored)
    return list(_reports(submissions, verdicts, log.last_position))


def _gather(parts: list[Parsed]) -> _Group:
    keys = [key for part in parts for key in part.keys]
    digests = [digest for part in parts for digest in part.digests]
    return _Group(parts=parts, keys=keys, digests=digests, prior=[])


def _new_rows(group: _Group, identities: Identities, first_of: dict[bytes, int]) -> list[int]:
    """Return the rows that are new; fills `prior` and the first row of each new key."""
    group.prior = identities.look_up(group.keys)
    new: list[int] = []
    for row, (key, prior) in enumerate(zip(group.keys, group.prior, strict=True)):
        if prior is None and first_of.setdefault(key, row) == row:
            new.append(row)
    return new


def _append(group: _Group, new: list[int], log: EventLog) -> int:
    if not new:
        return log.last_position + 1
    batches = [part.batch for part in group.parts if part.batch.num_rows]
    whole = batches[0] if len(batches) == 1 else pa.concat_batches(batches)
    if len(new) != len(group.keys):
        whole = whole.take(pa.array(new, pa.int64()))
    digests = np.array([group.digests[row] for row in new], dtype="<u8").tobytes()
    keys = [group.keys[row] for row in new]
    packed = b"".join(
        part for index, key in enumerate(keys) for part in (key, digests[8 * index : 8 * index + 8])
    )
    return log.append(whole, packed)


def _verdicts(
    group: _Group, first_of: dict[bytes, int], position_of: dict[int, int], stored: StoredEvents
) -> Iterator[tuple[Status, int]]:
    """Yield status and position of each row in order."""
    rows = ((part, row) for part in group.parts for row in range(part.batch.num_rows))
    for place, (part, row) in enumerate(rows):
        if place in position_of:
            yield Status.ACCEPTED, position_of[place]
            continue
        prior = group.prior[place]
        if prior is None:
            first = first_of[group.keys[place]]
            prior = Known(position_of[first], group.digests[first])
        same = prior.digest == group.digests[place] or _same_content(part, row, prior, stored)
        yield (Status.DUPLICATE if same else Status.CONFLICT), prior.position


def _same_content(part: Parsed, row: int, prior: Known, stored: StoredEvents) -> bool:
    first = stored.event_at(prior.position)
    if first is None:
        return False
    repeat = {name: part.batch.column(name)[row].as_py() for name in part.batch.schema.names}
    untimed = repeat["used_at"] == repeat["received_at"] and first.used_at == first.received_at
    return (
        all(repeat[name] == getattr(first, name) for name in ("type", "subject", "sequence"))
        and (untimed or repeat["used_at"] == first.used_at)
        and _value(repeat["data"]) == _value(first.data)
    )


def _value(data: str) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(data, parse_float=Decimal, parse_int=Decimal)


def _reports(
    submissions: Sequence[Sequence[Parsed]],
    verdicts: Iterator[tuple[Status, int]],
    last_position: int,
) -> Iterator[IngestReport]:
    for parts in submissions:
        counts = dict.fromkeys(Status, 0)
        results = [rejection.result for part in parts for rejection in part.rejections]
        counts[Status.REJECTED] = len(results)
        for part in parts:
            for row, index in enumerate(part.index):
                status, position = next(verdicts)
                counts[status] += 1
                if status is not Status.ACCEPTED:
                    results.append(_repeat(part, row, index, status, position))
        yield IngestReport(
            accepted=counts[Status.ACCEPTED],
            duplicate=counts[Status.DUPLICATE],
            conflict=counts[Status.CONFLICT],
            rejected=counts[Status.REJECTED],
            results=tuple(sorted(results, key=lambda result: result.index)),
            last_position=last_position,
        )


def _repeat(part: Parsed, row: int, index: int, status: Status, position: int) -> Result:
    conflict = status is Status.CONFLICT
    return Result(
        index=index,
        status=status,
        id=part.batch.column("id")[row].as_py(),
        code="identity_conflict" if conflict else "",
        message="another event has this source and id; it was kept, this one was not counted"
        if conflict
        else "",
        position=position,
    )
