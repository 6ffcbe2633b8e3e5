"""
From parsed submissions to durable, counted events: decide identity, append once, answer.

Submissions that wait together share one block and one sync. Identity is decided in order of
arrival, within the group as well as against the log: the first wins, an equal repeat is a
`duplicate`, a repeat with other content is a `conflict`. A repeat whose bytes differ from the first
is compared by content (numbers by value, members in any order, instants by value) before it is
called a conflict, since proxies and client libraries respell what they forward.
"""

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from tallystick.app.ingest.parsed import Parsed
from tallystick.app.ingest.ports import EventLog, Identities, Known, StoredEvents
from tallystick.app.ingest.report import IngestReport, Result, Status
from tallystick.metering import Event

_IDENTITY = np.dtype([("key", "V16"), ("digest", "<u8")])


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
    verdicts = _verdicts(group, first_of, _Positions(new, first_position), stored)
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
    identities = np.empty(len(new), dtype=_IDENTITY)
    identities["key"] = np.frombuffer(b"".join([group.keys[row] for row in new]), dtype="V16")
    identities["digest"] = [group.digests[row] for row in new]
    return log.append(whole, identities.tobytes())


@dataclass(frozen=True, slots=True)
class _Positions:
    """The positions that new rows got; `rows` ascend, and so do positions."""

    rows: list[int]
    first: int

    def of(self, row: int) -> int:
        """Return the position of a new row."""
        return self.first + bisect_left(self.rows, row)


def _verdicts(
    group: _Group, first_of: dict[bytes, int], positions: _Positions, stored: StoredEvents
) -> dict[int, tuple[Status, int]]:
    """Return status and position of the rows that are not new."""
    new = set(positions.rows)
    if len(new) == len(group.keys):
        return {}
    rows = ((part, row) for part in group.parts for row in range(part.batch.num_rows))
    verdicts: dict[int, tuple[Status, int]] = {}
    respelled: list[tuple[int, Parsed, int]] = []
    for place, (part, row) in enumerate(rows):
        if place in new:
            continue
        prior = group.prior[place]
        if prior is None:
            first = first_of[group.keys[place]]
            prior = Known(positions.of(first), group.digests[first])
        verdicts[place] = Status.DUPLICATE, prior.position
        if prior.digest != group.digests[place]:
            respelled.append((place, part, row))
    # All at once: a storm of repeats with other content must not read a block for each of them.
    firsts = stored.events_at(verdicts[place][1] for place, _, _ in respelled)
    for place, part, row in respelled:
        position = verdicts[place][1]
        if not _same_content(part, row, firsts.get(position)):
            verdicts[place] = Status.CONFLICT, position
    return verdicts


def _same_content(part: Parsed, row: int, first: Event | None) -> bool:
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
    verdicts: dict[int, tuple[Status, int]],
    last_position: int,
) -> Iterator[IngestReport]:
    place = 0
    for parts in submissions:
        results = [rejection.result for part in parts for rejection in part.rejections]
        rejected, duplicates, conflicts, rows = len(results), [], 0, 0
        for part in parts:
            for row, index in enumerate(part.index) if verdicts else ():
                status, position = verdicts.get(place + row, (Status.ACCEPTED, 0))
                if status is Status.DUPLICATE:
                    duplicates.append(index)
                elif status is Status.CONFLICT:
                    conflicts += 1
                    results.append(_conflict(part, row, index, position))
            place += part.batch.num_rows
            rows += part.batch.num_rows
        yield IngestReport(
            accepted=rows - len(duplicates) - conflicts,
            duplicate=len(duplicates),
            conflict=conflicts,
            rejected=rejected,
            duplicates=tuple(duplicates),
            results=tuple(sorted(results, key=lambda result: result.index)),
            last_position=last_position,
        )


def _conflict(part: Parsed, row: int, index: int, position: int) -> Result:
    return Result(
        index=index,
        status=Status.CONFLICT,
        id=part.batch.column("id")[row].as_py(),
        code="identity_conflict",
        message="another event has this source and id; it was kept, this one was not counted",
        position=position,
    )
