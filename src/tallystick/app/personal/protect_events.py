"""
Keeps personal values out of the log: in their place stand pseudonyms, in whatever form they came.

Text and salt are kept before anything is appended. A crash between the two leaves texts without
events: they are used when the events are sent again, and erased like any others.

An event whose identity the log holds already is a repeat or a conflict, and nothing of it is kept.
It gets the pseudonyms that its values have; where those differ from what the log holds, the stored
event is looked at: a value that was erased since cannot be told from any other, and one that came
before its path was declared stands there as it was sent. Both are taken for the same, so that a
repeat is a duplicate for ever.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import numpy as np
import pyarrow as pa

from tallystick.app.corrections import AmendEvents
from tallystick.app.ingest import (
    Known,
    Parsed,
    PersonalPaths,
    Scope,
    Words,
    content_digests,
    rows_of_types,
)
from tallystick.app.personal.commit_values import Salts, ValueUse, commit_values
from tallystick.app.personal.protect_amendments import protect_amendments
from tallystick.app.recently_read import RecentlyRead
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import WorkspaceId, micros
from tallystick.metering import Event
from tallystick.personal import is_pseudonym, pseudonyms_in, values_at, with_values


class IdentifiedLog(Protocol):
    """The log, asked what it holds of identities."""

    def known(self, keys: Words) -> Known:
        """Return what is known of each key, two words a row."""
        ...

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return rows of the log as they were written."""
        ...


@dataclass(slots=True, kw_only=True)
class _Row:
    """A row with personal values: by path what is there, and what shall stand there."""

    place: int
    event_type: str
    subject: str
    used_at: datetime
    data: str
    values: dict[str, str]
    standing: dict[str, str]

    @property
    def protected(self) -> str:
        """Return the data as they are stored."""
        return with_values(self.data, self.standing)


class ProtectedEvents:
    """
    Implements ``Protection``; may be asked from several threads.

    Args:
        units: gives units of work.
        log: says what it holds already.
        salts: gives the salts of new values.
    """

    def __init__(
        self,
        units: Callable[[WorkspaceId], UnitOfWork],
        log: IdentifiedLog,
        *,
        salts: Salts = secrets.token_bytes,
    ) -> None:
        self._units = units
        self._log = log
        self._salts = salts
        self._paths: RecentlyRead[PersonalPaths] = RecentlyRead(
            units, lambda uow: uow.personal.declared()
        )

    def known(self, workspace: str, at: datetime) -> PersonalPaths | None:
        """Return the personal paths at an instant, None while they must be looked up."""
        return self._paths.known(workspace, at)

    def look_up(self, workspace: str, at: datetime) -> PersonalPaths:
        """
        Return the personal paths at an instant; may wait for a store.

        Raises:
            EngineUnavailable: nothing is known of them, and the store does not answer.
        """
        return self._paths.look_up(workspace, at)

    def forget(self, workspace: str) -> None:
        """Read anew which paths are personal when asked next: they were declared."""
        self._paths.forget(workspace)

    def protect(self, part: Parsed, *, paths: PersonalPaths, scope: Scope) -> Parsed:
        """
        Return a submission with pseudonyms in the place of personal values, which are kept by then.

        Raises:
            EngineUnavailable: they cannot be kept; nothing may be appended.
        """
        rows = list(_personal_rows(part, paths))
        if not rows:
            return part
        known = self._log.known(part.keys[[row.place for row in rows]])
        is_new = (known.position == 0).tolist()
        with self._units(WorkspaceId(scope.workspace)) as uow:
            found = commit_values(
                uow,
                [use for row, new in zip(rows, is_new, strict=True) if new for use in _uses(row)],
                only_seen=[
                    content
                    for row, new in zip(rows, is_new, strict=True)
                    if not new
                    for content in row.values.values()
                ],
                salts=self._salts,
            )
            for row in rows:
                row.standing = {path: f'"{found[text]}"' for path, text in row.values.items()}
            texts = [row.protected for row in rows]
            digests = _digests(part, rows, texts, scope)
            differing = np.flatnonzero((known.position != 0) & (digests != known.digest)).tolist()
            if differing:
                positions = known.position.tolist()
                self._take_as_stored(uow, [(positions[each], rows[each]) for each in differing])
                texts = [row.protected for row in rows]
                digests = _digests(part, rows, texts, scope)
            uow.commit()
        return _with(part, rows, texts, digests)

    def amendments(self, workspace: WorkspaceId, command: AmendEvents) -> AmendEvents:
        """
        Return amendments with pseudonyms in the place of personal values, which are kept by then.

        Raises:
            EngineUnavailable: they cannot be kept; nothing may be written.
        """
        uow = self._units(workspace)
        return protect_amendments(command, uow=uow, salts=self._salts)

    def _take_as_stored(self, uow: UnitOfWork, rows: Sequence[tuple[int, _Row]]) -> None:
        """Let stand what the log has where the value was erased, or was stored as it was sent."""
        stored = self._log.events_at({position for position, _ in rows})
        named = {position: pseudonyms_in(event.data) for position, event in stored.items()}
        kept = uow.personal.kept({name for names in named.values() for name in names.values()})
        for position, row in rows:
            as_sent = values_at(stored[position].data, row.values)
            for path, content in row.values.items():
                name = named[position].get(path)
                if name is not None and name not in kept:
                    row.standing[path] = f'"{name}"'
                elif as_sent.get(path) == content:
                    row.standing.pop(path)


def _personal_rows(part: Parsed, paths: PersonalPaths) -> Iterator[_Row]:
    batch = part.batch
    places = rows_of_types(part, paths)
    chosen = batch.select(["type", "subject", "used_at", "data"]).take(pa.array(places, pa.int64()))
    for place, row in zip(places, chosen.to_pylist(), strict=True):
        values = {
            path: content
            for path, content in values_at(row["data"], paths[row["type"]]).items()
            if not is_pseudonym(content[1:-1])
        }
        if values:
            yield _Row(
                place=place,
                event_type=row["type"],
                subject=row["subject"],
                used_at=row["used_at"],
                data=row["data"],
                values=values,
                standing={},
            )


def _uses(row: _Row) -> list[ValueUse]:
    return [
        ValueUse(
            content=content,
            subject=row.subject,
            event_type=row.event_type,
            path=path,
            used_at=row.used_at,
        )
        for path, content in row.values.items()
    ]


def _digests(part: Parsed, rows: Sequence[_Row], texts: Sequence[str], scope: Scope) -> Words:
    """Return digests of the contents with their pseudonyms: the text itself is in none."""
    places = pa.array([row.place for row in rows], pa.int64())
    columns = part.batch.select(["used_at", "received_at", "sequence"]).take(places).to_pylist()
    return content_digests(
        scope,
        (
            (
                row.event_type,
                row.subject,
                "" if read["used_at"] == read["received_at"] else str(micros(read["used_at"])),
                read["sequence"],
                text.encode(),
            )
            for row, text, read in zip(rows, texts, columns, strict=True)
        ),
    )


def _with(part: Parsed, rows: Sequence[_Row], texts: Sequence[str], digests: Words) -> Parsed:
    batch = part.batch
    at = batch.schema.get_field_index("data")
    data = batch.column(at).to_pylist()
    for row, text in zip(rows, texts, strict=True):
        data[row.place] = text
    columns = [*batch.columns]
    columns[at] = pa.array(data, pa.string())
    all_digests = part.digests.copy()
    all_digests[[row.place for row in rows]] = digests
    return replace(
        part,
        batch=pa.RecordBatch.from_arrays(columns, schema=batch.schema),
        digests=all_digests,
    )
