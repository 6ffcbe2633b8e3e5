"""
Identity: which events the log already holds.

The events of the open segment are in a dictionary, those of sealed segments in sorted runs, one per
segment and merged eightfold as they grow, so that a look-up touches few files however long the log
is. All of it is derived: a missing or incomplete run is written again from the identities that
stand in the log's blocks. The key is a 128-bit keyed hash of (workspace, source, id); the digest,
64 bits of the content as sent, tells a plain repeat from a possible conflict, which the gate then
decides by comparing content.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tallystick.app.ingest import Known
from tallystick.kernel import check
from tallystick.storage.log.block import IDENTITY_BYTES
from tallystick.storage.log.identity_run import (
    RECORD,
    RUN_SUFFIX,
    Hits,
    IdentityRun,
    Records,
    is_whole,
    remove_run,
    write_run,
)
from tallystick.storage.log.segment import first_position_of, load_manifest, read_blocks, segments

_MERGE_FAN_IN = 8
_PAIR = np.dtype([("high", "<u8"), ("low", "<u8")])
_IDENTITY = np.dtype([("high", "<u8"), ("low", "<u8"), ("digest", "<u8")])


class IdentityIndex:
    """Answers which keys are known and learns those of appends; single-threaded by contract."""

    def __init__(self, log_directory: Path, *, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory
        self._runs: list[IdentityRun] = []
        self._recent: dict[bytes, tuple[int, int]] = {}
        self._open(log_directory)

    def __len__(self) -> int:
        return len(self._recent) + sum(len(run) for run in self._runs)

    def look_up(self, keys: list[bytes]) -> list[Known | None]:
        """Return for each 16-byte key what is known of it; None if the key is new."""
        recent = self._recent
        answers: list[Known | None] = []
        misses: list[int] = []
        for index, key in enumerate(keys):
            hit = recent.get(key)
            answers.append(Known(*hit) if hit else None)
            if hit is None:
                misses.append(index)
        if misses and self._runs:
            self._probe_runs(keys, misses, answers)
        return answers

    def learn(self, keys: list[bytes], digests: list[int], *, first_position: int) -> None:
        """Remember the identities of events appended from this position on."""
        positions = range(first_position, first_position + len(keys))
        self._recent.update(zip(keys, zip(positions, digests, strict=True), strict=True))

    def seal(self, segment: Path) -> None:
        """Move the identities of a sealed segment from memory to a run, and merge small runs."""
        records = np.empty(len(self._recent), dtype=RECORD)
        pairs = np.frombuffer(b"".join(self._recent), dtype=_PAIR)
        records["high"], records["low"] = pairs["high"], pairs["low"]
        values = np.array(list(self._recent.values()), dtype=np.uint64).reshape(-1, 2)
        records["position"], records["digest"] = values[:, 0], values[:, 1]
        # Segments that could not be moved when they were sealed are in memory as well.
        first = int(records["position"].min(initial=first_position_of(segment)))
        last = first + len(records) - 1
        self._runs.append(write_run(self._path(first, last), records))
        self._recent = {}
        self._merge()

    def _probe_runs(
        self, keys: list[bytes], misses: list[int], answers: list[Known | None]
    ) -> None:
        pairs = np.frombuffer(b"".join([keys[index] for index in misses]), dtype=_PAIR)
        hits = Hits(
            found=np.zeros(len(misses), dtype=np.bool_),
            digest=np.zeros(len(misses), dtype=np.uint64),
            position=np.zeros(len(misses), dtype=np.uint64),
        )
        high, low = np.ascontiguousarray(pairs["high"]), np.ascontiguousarray(pairs["low"])
        for run in reversed(self._runs):
            run.probe(high, low, hits=hits)
        for row in np.flatnonzero(hits.found).tolist():
            answers[misses[row]] = Known(int(hits.position[row]), int(hits.digest[row]))

    def _open(self, log_directory: Path) -> None:
        known = [(segment, load_manifest(segment)) for segment in segments(log_directory)]
        covered = self._open_runs({m.last_position for _, m in known if m is not None})
        for segment, manifest in known:
            if manifest is not None and manifest.last_position <= covered:
                continue
            self._recent = {}
            for first, keys, digests in _identities(segment):
                self.learn(keys, digests, first_position=first)
            if manifest is not None:
                check(len(self._recent) == manifest.count, f"{segment.name} repeats an identity")
                self.seal(segment)

    def _open_runs(self, sealed_ends: set[int]) -> int:
        """Open the runs that tile whole segments from position 1; drop others; return the end."""
        covered = 0
        for path in sorted(self._directory.glob(f"*{RUN_SUFFIX}"), key=_widest_first):
            first, last = _range_of(path)
            whole = is_whole(path, count=last - first + 1)
            if first == covered + 1 and whole and last in sealed_ends:
                self._runs.append(IdentityRun(path))
                covered = last
            else:
                path.unlink()
        return covered

    def _merge(self) -> None:
        while (tail := self._mergeable()) is not None:
            merged: Records = np.concatenate([run.records for run in tail])
            first, _ = _range_of(tail[0].path)
            _, last = _range_of(tail[-1].path)
            self._runs[-len(tail) :] = [write_run(self._path(first, last), merged)]
            for run in tail:
                remove_run(run)

    def _mergeable(self) -> list[IdentityRun] | None:
        tail = self._runs[-_MERGE_FAN_IN:]
        if len(tail) < _MERGE_FAN_IN or len(tail[0]) > 2 * len(tail[-1]):
            return None
        return tail

    def _path(self, first: int, last: int) -> Path:
        return self._directory / f"{first:020d}-{last:020d}{RUN_SUFFIX}"


def _identities(segment: Path) -> Iterator[tuple[int, list[bytes], list[int]]]:
    for block in read_blocks(segment):
        records = np.frombuffer(block.identities, dtype=_IDENTITY)
        raw = block.identities
        keys = [raw[at : at + 16] for at in range(0, len(raw), IDENTITY_BYTES)]
        yield block.header.first_position, keys, records["digest"].tolist()


def _range_of(run: Path) -> tuple[int, int]:
    first, last = run.stem.split("-")
    return int(first), int(last)


def _widest_first(run: Path) -> tuple[int, int]:
    first, last = _range_of(run)
    return first, -last
