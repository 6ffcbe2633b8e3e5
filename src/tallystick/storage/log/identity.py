"""
Identity: which events the log already holds.

The identities of the open segment are in a table in memory, those of sealed segments in sorted
runs, one per segment and merged eightfold as they grow, so that a look-up touches few files however
long the log is. Runs are written and merged by a thread of their own; until a segment's run is
there, its table stays. All of it is derived: a missing or incomplete run is written again from the
identities that stand in the log's blocks. The key is a 128-bit keyed hash of (workspace, source,
id); the digest, 64 bits of the content as sent, tells a plain repeat from a possible conflict,
which the gate then decides by comparing content.
"""

from collections.abc import Iterator
from pathlib import Path
from threading import Condition, Thread

import numpy as np
import structlog

from tallystick.app.ingest import Known
from tallystick.kernel import check
from tallystick.storage.log.identity_run import (
    RUN_SUFFIX,
    IdentityRun,
    Words,
    is_whole,
    open_run,
    remove_run,
    write_run,
)
from tallystick.storage.log.identity_table import IdentityTable
from tallystick.storage.log.segment import load_manifest, read_blocks, segments

_MERGE_FAN_IN = 8
_TABLES_MAX = 8
_WAIT_SECONDS_MAX = 10.0

_log = structlog.get_logger()


class IdentityIndex:
    """
    Answers which keys are known and learns those of appends.

    `look_up`, `learn` and `seal` belong to the thread that appends.
    """

    def __init__(self, log_directory: Path, *, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._runs: tuple[IdentityRun, ...] = ()
        self._sealed: tuple[IdentityTable, ...] = ()
        self._recent = IdentityTable()
        self._closing = False
        self._changed = Condition()
        self._open(log_directory)
        self._thread = Thread(target=self._write_runs, name="identity-runs", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        with self._changed:
            tables, runs = (self._recent, *self._sealed), self._runs
        return sum(len(table) for table in tables) + sum(len(run) for run in runs)

    @property
    def runs(self) -> tuple[IdentityRun, ...]:
        """The runs that stand now, oldest first."""
        with self._changed:
            return self._runs

    def look_up(self, keys: Words) -> Known:
        """Return for each key, two words a row, what is known; position 0 where it is new."""
        known = self._recent.find(keys)
        with self._changed:
            sealed, runs = self._sealed, self._runs
        for table in reversed(sealed):
            found = table.find(keys)
            known = Known(
                np.where(found.position, found.position, known.position),
                np.where(found.position, found.digest, known.digest),
            )
        for run in reversed(runs):
            missing = np.flatnonzero(known.position == 0)
            if len(missing):
                run.probe(keys, missing, known)
        return known

    def learn(self, keys: Words, digests: Words, *, first_position: int) -> None:
        """Remember the identities of events appended from this position on."""
        self._recent.add(keys, digests, first_position=first_position)

    def seal(self, _segment: Path) -> None:
        """
        Let the identities of a sealed segment become a run.

        Where runs are written more slowly than events come in, this waits a while; where they
        cannot be written at all, tables stay in memory: events are taken as long as there is some.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._sealed) < _TABLES_MAX or self._closing, _WAIT_SECONDS_MAX
            )
            self._sealed = (*self._sealed, self._recent)
            self._recent = IdentityTable()
            self._changed.notify_all()

    def settle(self) -> None:
        """Wait until every sealed segment has its run."""
        with self._changed:
            self._changed.wait_for(lambda: not self._sealed or self._closing)

    def close(self) -> None:
        """Stop writing runs; what is missing is written at the next start."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def _write_runs(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: bool(self._sealed) or self._closing)
                if self._closing:
                    return
                table = self._sealed[0]
            try:
                self._write_run(table)
            except Exception:  # noqa: BLE001 - said each time, and tried again: the table stays in memory
                _log.exception("identity run not written")
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, timeout=1)

    def _write_run(self, table: IdentityTable) -> None:
        run = write_run(self._path_of(table.records), [table.records])
        with self._changed:
            self._runs, self._sealed = (*self._runs, run), self._sealed[1:]
            self._changed.notify_all()
        while tail := _mergeable(self._runs):
            self._merge(tail)

    def _merge(self, tail: tuple[IdentityRun, ...]) -> None:
        (first, _), (_, last) = _range_of(tail[0].path), _range_of(tail[-1].path)
        merged = write_run(self._path(first, last), [run.records for run in tail])
        with self._changed:
            self._runs = (*self._runs[: -len(tail)], merged)
        for run in tail:
            remove_run(run)

    def _open(self, log_directory: Path) -> None:
        known = [(segment, load_manifest(segment)) for segment in segments(log_directory)]
        covered = self._open_runs({m.last_position for _, m in known if m is not None})
        for segment, manifest in known:
            if manifest is not None and manifest.last_position <= covered:
                continue
            self._recent = IdentityTable()
            for first, keys, digests in _identities(segment):
                self.learn(keys, digests, first_position=first)
            if manifest is not None:
                check(len(self._recent) == manifest.count, f"{segment.name} repeats an identity")
                self._write_run(self._recent)
                self._recent = IdentityTable()

    def _open_runs(self, sealed_ends: set[int]) -> int:
        """Open the runs that tile whole segments from position 1; drop others; return the end."""
        covered = 0
        for path in sorted(self._directory.glob(f"*{RUN_SUFFIX}"), key=_widest_first):
            first, last = _range_of(path)
            whole = is_whole(path, count=last - first + 1)
            if first == covered + 1 and whole and last in sealed_ends:
                self._runs = (*self._runs, open_run(path))
                covered = last
            else:
                path.unlink()
        return covered

    def _path_of(self, records: Words) -> Path:
        return self._path(int(records[0, 3]), int(records[-1, 3]))

    def _path(self, first: int, last: int) -> Path:
        return self._directory / f"{first:020d}-{last:020d}{RUN_SUFFIX}"


def _mergeable(runs: tuple[IdentityRun, ...]) -> tuple[IdentityRun, ...]:
    """Return the last runs if they are as many as are merged at once, and of a size."""
    tail = runs[-_MERGE_FAN_IN:]
    enough = len(tail) == _MERGE_FAN_IN and len(tail[0]) <= 2 * len(tail[-1])
    return tail if enough else ()


def _identities(segment: Path) -> Iterator[tuple[int, Words, Words]]:
    """Yield the first position, the keys and the digests of each block."""
    for block in read_blocks(segment):
        words = np.frombuffer(block.identities, dtype="<u8").reshape(-1, 3)
        yield block.header.first_position, words[:, :2].copy(), words[:, 2].copy()


def _range_of(run: Path) -> tuple[int, int]:
    first, last = run.stem.split("-")
    return int(first), int(last)


def _widest_first(run: Path) -> tuple[int, int]:
    first, last = _range_of(run)
    return first, -last
