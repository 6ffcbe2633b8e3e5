"""The log as the use cases see it: one object for its writer, its readers and the loader."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock

from tallystick.app.ingest import (
    Append,
    Block,
    IngestReport,
    Known,
    Parsed,
    Words,
    append_submissions,
)
from tallystick.app.retention import Removal
from tallystick.app.segments import Segment
from tallystick.bootstrap.data_directory import DataDirectory
from tallystick.metering import Event
from tallystick.storage.log import (
    IdentityIndex,
    SegmentLog,
    blocks_from,
    event_at,
    events_at,
    finish_removals,
    first_position_of,
    load_manifest,
    read_events,
    read_headers,
    remove_content,
    rows_to_remove,
    segment_digest,
    segments,
)


class LogReader:
    """Reads the log of a data directory; any process may."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def event_at(self, position: int) -> Event | None:
        """Return the event at a position."""
        return event_at(self._directory, position)

    def events_at(self, positions: Iterable[int]) -> Mapping[int, Event]:
        """Return the events at positions."""
        return events_at(self._directory, positions)

    def blocks_from(self, position: int, *, through: int) -> Iterator[Block]:
        """Yield the blocks with events from this position through another, in order."""
        return blocks_from(self._directory, position, through=through)

    def read(
        self,
        *,
        workspace: str,
        types: frozenset[str],
        subjects: frozenset[str] | None,
        through: int,
    ) -> Iterator[Event]:
        """Yield events of a workspace in log order, up to position `through`."""
        return read_events(
            self._directory, workspace=workspace, types=types, subjects=subjects, through=through
        )

    def sealed(self) -> list[Segment]:
        """Return what the sealed segments hold, oldest first."""
        found = (_sealed(segment) for segment in segments(self._directory))
        return [segment for segment in found if segment is not None]

    def sealed_anew(self) -> list[Segment]:
        """Return what the sealed segments hold, computed from their blocks, oldest first."""
        return [
            _computed(segment)
            for segment in segments(self._directory)
            if load_manifest(segment) is not None
        ]

    def segment_at(self, position: int) -> Segment | None:
        """Return the sealed segment that holds a position; None while it is still open."""
        known = segments(self._directory)
        behind = bisect_right([first_position_of(segment) for segment in known], position)
        return _sealed(known[behind - 1]) if behind else None


def _computed(segment: Path) -> Segment:
    headers = tuple(header for _, header in read_headers(segment))
    first = first_position_of(segment)
    return Segment(
        first_position=first,
        last_position=headers[-1].last_position if headers else first - 1,
        count=sum(header.count for header in headers),
        digest=_known_digest(segment, segment_digest(headers)),
    )


def _known_digest(segment: Path, found: str) -> str:
    """Return the digest it was sealed with, of a segment that is as a removal left it."""
    manifest = load_manifest(segment)
    return found if manifest is None or manifest.digest != found else manifest.sealed_digest


def _sealed(segment: Path) -> Segment | None:
    manifest = load_manifest(segment)
    if manifest is None:
        return None
    return Segment(
        first_position=manifest.first_position,
        last_position=manifest.last_position,
        count=manifest.count,
        digest=manifest.sealed_digest,
    )


class OwnedLog(LogReader):
    """The log as its one writer has it: with identities, and with a durable end."""

    def __init__(self, data: DataDirectory) -> None:
        super().__init__(data.segments)
        self._log = SegmentLog(data.segments)
        self._identities = IdentityIndex(data.segments, directory=data.identities)
        self._log.when_sealed(self._identities.seal)
        self._turn = Lock()

    def durable_position(self) -> int:
        """Return the position up to which the log is durable."""
        return self._log.last_position

    def failure(self) -> str:
        """Return why the log takes nothing until the owner is started anew; empty if it does."""
        return self._log.failure

    def appender(self) -> Append:
        """Return what the group commit calls."""

        def append(submissions: Sequence[Sequence[Parsed]]) -> list[IngestReport]:
            with self._turn:
                return append_submissions(
                    submissions, log=self._log, identities=self._identities, stored=self
                )

        return append

    def known(self, keys: Words) -> Known:
        """Return what is known of identities, two words a row; waits for the append under way."""
        with self._turn:
            return self._identities.look_up(keys)

    def look_up(self, keys: Words) -> list[int | None]:
        """Return the positions of identities, two words a row; waits for the append under way."""
        found = self.known(keys).position.tolist()
        return [position or None for position in found]

    def seal_open(self) -> None:
        """Seal the open segment; waits for the append under way."""
        with self._turn:
            self._log.seal_open()

    def remove(self, removal: Removal) -> int:
        """Take the content out of events, a segment at a time; return how many had some."""
        finish_removals(self._directory)
        return sum(
            remove_content(segment, lambda block: rows_to_remove(block, removal))
            for segment in segments(self._directory)
            if first_position_of(segment) <= removal.through
        )

    def when_sealed(self, callback: Callable[[], None]) -> None:
        """Call this each time that a segment was sealed."""
        self._log.when_sealed(lambda _: callback())

    def close(self) -> None:
        """Let go of the open segment, and write no more runs."""
        self._log.close()
        self._identities.close()
