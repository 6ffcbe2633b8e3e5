"""
From parsed submissions to durable, counted events: decide identity, append once, answer.

Submissions that wait together share one block and one sync. Identity is decided in order of
arrival, within the group as well as against the log: the first wins, an equal repeat is a
`duplicate`, a repeat with other content is a `conflict`. A repeat whose bytes differ from the first
is compared by content (numbers by value, members in any order, instants by value) before it is
called a conflict, since proxies and client libraries respell what they forward.

An event that is too old to be taken is a duplicate if the log holds the same: whoever sends again
what was acknowledged is told so, whatever was removed or closed since. With other content, or
spelled otherwise, it stays refused for its age.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tallystick.app.ingest.hashing import Words
from tallystick.app.ingest.parsed import Aged, Parsed
from tallystick.app.ingest.ports import EventLog, Identities, Known, StoredEvents
from tallystick.app.ingest.repeats import first_rows
from tallystick.app.ingest.report import IngestReport, Result, Status
from tallystick.metering import Event, sent_type

Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Verdicts:
    """
    What became of each row of a group.

    `new` rows were appended; of the others `conflict` rows have other content than the event at
    `position`, which bears the same identity.
    """

    new: Rows
    conflict: Rows
    position: Words


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
    known_old = _KnownOld(submissions, identities)
    parts = [part for parts in submissions for part in parts if part.batch.num_rows]
    if not parts:
        return list(_reports(submissions, None, known_old, log.last_position))
    keys = np.concatenate([part.keys for part in parts])
    digests = np.concatenate([part.digests for part in parts])
    known, firsts = identities.look_up(keys), first_rows(keys)
    new = (known.position == 0) & (firsts == np.arange(len(keys)))
    first_position = _append(parts, new, keys, digests, log=log)
    if new.any():
        identities.learn(keys[new], digests[new], first_position=first_position)
    prior = _prior(known, firsts, new, digests, first_position=first_position)
    verdicts = _Verdicts(
        new=new, conflict=_conflicts(parts, new, digests, prior, stored), position=prior.position
    )
    reports = _reports(submissions, verdicts, known_old, log.last_position)
    return list(_placed(reports, first_position))


class _KnownOld:
    """Which rejections are repeats of what the log holds, though they are too old to be taken."""

    def __init__(self, submissions: Sequence[Sequence[Parsed]], identities: Identities) -> None:
        self._places: dict[int, frozenset[int]] = {}
        for part in (part for parts in submissions for part in parts):
            if part.aged is not None:
                self._places[id(part)] = _repeated(part.aged, identities)

    def split(self, part: Parsed) -> tuple[list[Result], list[int]]:
        """Return the results of what stays rejected, and the indexes of what is a duplicate."""
        known = self._places.get(id(part), frozenset())
        numbered = list(enumerate(part.rejections))
        return (
            [each.result for place, each in numbered if place not in known],
            [each.index for place, each in numbered if place in known],
        )


def _repeated(aged: Aged, identities: Identities) -> frozenset[int]:
    """Return the places of those that the log holds with the same content."""
    known = identities.look_up(aged.keys)
    same = (known.position != 0) & (known.digest == aged.digests)
    return frozenset(aged.places[row] for row in np.flatnonzero(same).tolist())


def _append(parts: list[Parsed], new: Rows, keys: Words, digests: Words, *, log: EventLog) -> int:
    """Append the new rows; return the position of the first."""
    if not new.any():
        return log.last_position + 1
    batches = [part.batch for part in parts]
    whole = batches[0] if len(batches) == 1 else pa.concat_batches(batches)
    if not new.all():
        whole = whole.filter(pa.array(new))
    identities = np.column_stack([keys[new], digests[new]]).astype("<u8", copy=False)
    return log.append(whole, identities.tobytes())


def _prior(
    known: Known, firsts: npt.NDArray[np.int64], new: Rows, digests: Words, *, first_position: int
) -> Known:
    """Return for each row the event that has its identity: of the log, or of this group."""
    appended = np.uint64(first_position) + np.cumsum(new, dtype=np.uint64) - np.uint64(1)
    here = known.position == 0
    return Known(
        position=np.where(here, appended[firsts], known.position),
        digest=np.where(here, digests[firsts], known.digest),
    )


def _conflicts(
    parts: list[Parsed], new: Rows, digests: Words, prior: Known, stored: StoredEvents
) -> Rows:
    """Return which rows have other content than the event that bears their identity."""
    conflict: Rows = ~new & (digests != prior.digest)
    respelled = np.flatnonzero(conflict).tolist()
    if not respelled:
        return conflict
    # All at once: a storm of repeats with other content must not read a block for each of them.
    firsts = stored.events_at(prior.position[respelled].tolist())
    starts = np.cumsum([0, *(part.batch.num_rows for part in parts)]).tolist()
    for row in respelled:
        place = bisect_right(starts, row) - 1
        first = firsts.get(int(prior.position[row]))
        conflict[row] = not _same_content(parts[place], row - starts[place], first)
    return conflict


def _same_content(part: Parsed, row: int, first: Event | None) -> bool:
    if first is None:
        return False
    repeat = {name: part.batch.column(name)[row].as_py() for name in part.batch.schema.names}
    untimed = repeat["used_at"] == repeat["received_at"] and first.used_at == first.received_at
    return (
        sent_type(repeat["type"]) == sent_type(first.type)
        and all(repeat[name] == getattr(first, name) for name in ("subject", "sequence"))
        and (untimed or repeat["used_at"] == first.used_at)
        and _value(repeat["data"]) == _value(first.data)
    )


def _value(data: str) -> Any:  # noqa: ANN401 - any JSON value
    return json.loads(data, parse_float=Decimal, parse_int=Decimal)


def _reports(
    submissions: Sequence[Sequence[Parsed]],
    verdicts: _Verdicts | None,
    known_old: _KnownOld,
    last_position: int,
) -> Iterator[IngestReport]:
    start = 0
    for parts in submissions:
        told = [known_old.split(part) for part in parts]
        results = [result for refused, _ in told for result in refused]
        old = [index for _, indexes in told for index in indexes]
        rejected, duplicates, rows = len(results), list[int](), 0
        for part in parts:
            count = part.batch.num_rows
            if verdicts is not None and not verdicts.new[start : start + count].all():
                repeats = _repeats(part, verdicts, start)
                duplicates += [index for index in repeats if isinstance(index, int)]
                results += [result for result in repeats if isinstance(result, Result)]
            start, rows = start + count, rows + count
        conflicts = len(results) - rejected
        yield IngestReport(
            accepted=rows - len(duplicates) - conflicts,
            duplicate=len(duplicates) + len(old),
            conflict=conflicts,
            rejected=rejected,
            duplicates=tuple(sorted(duplicates + old)) if old else tuple(duplicates),
            results=tuple(sorted(results, key=lambda result: result.index)),
            last_position=last_position,
        )


def _placed(reports: Iterable[IngestReport], first_position: int) -> Iterator[IngestReport]:
    """Say where each submission begins: what is new of them was appended in their order."""
    for report in reports:
        yield replace(report, first_position=first_position) if report.accepted else report
        first_position += report.accepted


def _repeats(part: Parsed, verdicts: _Verdicts, start: int) -> list[int | Result]:
    """Return for each row that is not new its index, or for a conflict its result."""
    rows = np.flatnonzero(~verdicts.new[start : start + part.batch.num_rows]).tolist()
    return [
        _conflict(part, row, int(verdicts.position[start + row]))
        if verdicts.conflict[start + row]
        else part.index[row]
        for row in rows
    ]


def _conflict(part: Parsed, row: int, position: int) -> Result:
    return Result(
        index=part.index[row],
        status=Status.CONFLICT,
        id=part.batch.column("id")[row].as_py(),
        code="identity_conflict",
        message="another event has this source and id; it was kept, this one was not counted",
        position=position,
    )
