"""
Events that could not be sent yet, on disk, in order, bounded.

The spool is a directory of NDJSON segments named by number. Appending writes lines and syncs them
before it returns, so what a collector has spooled survives a crash of the machine. Replaying reads
the oldest segment, and removes it once the server has answered for its last line; a crash between
the two sends it again, which is harmless because identities count once.

Where the bound is reached the oldest segment gives way: for cumulative counters and sampled levels
the newest readings carry the most, and the number of lines lost is counted and told.

With `sent_bytes_max` lines stay for a while after the server has answered for them, in the folder
`sent`, so that they can be sent again if the server turns out to lack them.

Not here: what to do with the events, and when to try again (that is the collector's loop).
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

SEGMENT_BYTES = 1024 * 1024
SPOOL_BYTES_MAX = 256 * 1024 * 1024

_encoder = msgspec.json.Encoder(decimal_format="string")

Event = Mapping[str, object]


@dataclass(slots=True, kw_only=True)
class Spool:
    """
    A queue of events in a directory; one process at a time may use it.

    Attributes:
        sent_bytes_max: how much is kept of what was sent; the oldest gives way.
        dropped: events given up since this object was made, because the bound was reached.
    """

    directory: Path
    segment_bytes: int = SEGMENT_BYTES
    spool_bytes_max: int = SPOOL_BYTES_MAX
    sent_bytes_max: int = 0
    dropped: int = 0

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def append(self, events: Sequence[Event]) -> None:
        """Write the events behind those that wait already; they are on disk when this returns."""
        lines = _lines(events)
        self._make_room(len(lines))
        path = _writable_segment(self.directory, self.segment_bytes)
        fresh = not path.exists()
        with path.open("ab") as file:
            _end_torn_line(file.fileno(), path)
            file.write(lines)
            file.flush()
            os.fsync(file.fileno())
        if fresh:
            _sync_directory(self.directory)

    def is_empty(self) -> bool:
        return not self._segments()

    def replay(self, send: Callable[[Sequence[Event]], None], *, segments_max: int) -> int:
        """
        Hand the oldest segments to `send`, each as one sequence, and return how many events left.

        A segment is removed only after `send` has returned for it; what `send` raises goes on up.
        """
        sent = 0
        for path in self._segments()[:segments_max]:
            events = _read_lines(path)
            if events:
                send(events)
                self.keep(events)
            path.unlink()
            sent += len(events)
        return sent

    def keep(self, events: Sequence[Event]) -> None:
        """Keep events that were sent; not synced, since the server holds them."""
        if not self.sent_bytes_max:
            return
        self._sent.mkdir(exist_ok=True, mode=0o700)
        lines = _lines(events)
        for path in _giving_way(self._sent, len(lines), bytes_max=self.sent_bytes_max):
            path.unlink()
        path = _writable_segment(self._sent, self.segment_bytes)
        with path.open("ab") as file:
            _end_torn_line(file.fileno(), path)
            file.write(lines)

    def held(self, *, newest_first: bool = False) -> Iterator[Event]:
        """Yield what is kept of what was sent, then what waits; or the other way round."""
        paths = [*_segments(self._sent), *self._segments()]
        for path in reversed(paths) if newest_first else paths:
            events = _read_lines(path)
            yield from reversed(events) if newest_first else events

    @property
    def _sent(self) -> Path:
        return self.directory / "sent"

    def _segments(self) -> list[Path]:
        return _segments(self.directory)

    def _make_room(self, wanted: int) -> None:
        for path in _giving_way(self.directory, wanted, bytes_max=self.spool_bytes_max):
            self.dropped += len(_read_lines(path))
            path.unlink()


def _segments(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.ndjson"))


def _writable_segment(directory: Path, segment_bytes: int) -> Path:
    segments = _segments(directory)
    if segments and segments[-1].stat().st_size < segment_bytes:
        return segments[-1]
    last = int(segments[-1].stem) if segments else 0
    return directory / f"{last + 1:012d}.ndjson"


def _giving_way(directory: Path, wanted: int, *, bytes_max: int) -> Iterator[Path]:
    """Yield the oldest segments, as many as must go for so many bytes to find room."""
    segments = _segments(directory)
    sizes = [path.stat().st_size for path in segments]
    held = sum(sizes)
    for path, size in zip(segments, sizes, strict=True):
        if held + wanted <= bytes_max:
            return
        yield path
        held -= size


def _lines(events: Sequence[Event]) -> bytes:
    return b"".join(_encoder.encode(event) + b"\n" for event in events)


def _read_lines(path: Path) -> list[Event]:
    """Return the whole lines of a segment; a line torn by a crash was never acknowledged."""
    events: list[Event] = []
    for line in path.read_bytes().split(b"\n")[:-1]:
        with contextlib.suppress(msgspec.DecodeError):
            events.append(msgspec.json.decode(line, type=dict[str, object]))
    return events


def _end_torn_line(descriptor: int, path: Path) -> None:
    """Close a line that a crash left open, so that the next one begins on its own."""
    size = os.fstat(descriptor).st_size
    if size == 0:
        return
    with path.open("rb") as file:
        file.seek(size - 1)
        if file.read(1) != b"\n":
            os.write(descriptor, b"\n")


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
