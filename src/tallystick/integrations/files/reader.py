"""
An event file: what it is, and its events part by part.

Two kinds of part: lines of NDJSON go on as they are, because the gate reads them itself, event by
event, and keeps what it refuses; everything else becomes columns here, by a mapping.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from tallystick.integrations.files.access_log import COLUMNS, access_log_rows
from tallystick.integrations.files.csv_rows import csv_rows
from tallystick.integrations.files.json_lines import BYTE_ORDER_MARK, EventLines, event_lines
from tallystick.integrations.files.line_rows import line_rows
from tallystick.integrations.files.mapping import (
    FileFormat,
    FileMapping,
    mapping_of_event_columns,
)
from tallystick.integrations.files.mapping_document import meant
from tallystick.integrations.files.opened import (
    Opened,
    content_digest,
    is_packed,
    opened,
    unpacked_head,
)
from tallystick.integrations.files.problems import UnreadableFile
from tallystick.integrations.files.rows import Rows
from tallystick.integrations.files.shape import FileEvents, shape_events
from tallystick.integrations.files.typed_rows import typed_rows, typed_schema
from tallystick.kernel import Misuse

Part: TypeAlias = FileEvents | EventLines

PARQUET_MAGIC = b"PAR1"
ARROW_MAGICS = (b"ARROW1", b"\xff\xff\xff\xff")
TYPED = frozenset({FileFormat.PARQUET, FileFormat.ARROW})


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFile:
    """
    A file of events.

    Attributes:
        path: where it is.
        mapping: how its columns become events; None for NDJSON.
        file_format: what it is; None for NDJSON.
    """

    path: Path
    mapping: FileMapping | None
    file_format: FileFormat | None

    @property
    def named_by_content(self) -> bool:
        """
        Whether ids come from the digest of the file.

        Mending such a file makes it another one, whose events are new: it must be found good as a
        whole before the first event leaves it.
        """
        return self.mapping is not None and self.mapping.needs_digest

    def parts(self, progress: Callable[[int], None] = lambda _: None) -> Iterator[Part]:
        """
        Yield the file part by part.

        Args:
            progress: told how many bytes of the file have been read.

        Raises:
            UnreadableFile: it cannot be read, or not further; what was yielded before stands.
        """
        if self.mapping is None or self.file_format is None:
            with opened(self.path) as file:
                for part in event_lines(file, name=self.path.name):
                    progress(file.bytes_read())
                    yield part
            return
        digest = content_digest(self.path) if self.mapping.needs_digest else ""
        for rows in self._rows(self.mapping, self.file_format, progress):
            yield self._shaped(rows, self.mapping, digest)

    def _shaped(self, rows: Rows, mapping: FileMapping, digest: str) -> FileEvents:
        _require_columns(self.path, mapping, list(rows.columns))
        try:
            return shape_events(rows, mapping, file=self.path.name, digest=digest)
        except Misuse as error:
            raise UnreadableFile(self.path, str(error)) from error

    def _rows(
        self, mapping: FileMapping, file_format: FileFormat, progress: Callable[[int], None]
    ) -> Iterator[Rows]:
        if file_format in TYPED:
            names = typed_schema(self.path, file_format).names
            _require_columns(self.path, mapping, names)
            used = [name for name in mapping.used_columns if name in names]
            yield from typed_rows(self.path, file_format, used)
            return
        with opened(self.path) as file:
            for rows in _text_rows(file, mapping, self.path):
                progress(file.bytes_read())
                yield rows


def event_file(path: Path, mapping: FileMapping | None) -> EventFile:
    """
    Return a file ready to be read.

    Raises:
        UnreadableFile: it is not there, needs a mapping, or is not what the mapping says.
    """
    head = unpacked_head(path)
    if head.startswith(PARQUET_MAGIC) or head.startswith(ARROW_MAGICS):
        return _typed_file(path, mapping, head)
    if mapping is None:
        if head.removeprefix(BYTE_ORDER_MARK).lstrip()[:1] not in {b"{", b""}:
            msg = "is not NDJSON; say how its columns become events with --mapping FILE"
            raise UnreadableFile(path, msg)
        return EventFile(path=path, mapping=None, file_format=None)
    if mapping.format in TYPED:
        raise UnreadableFile(path, f"is no {mapping.format} file, as `format` in the mapping says")
    if mapping.format is FileFormat.COMBINED:
        _require_columns(path, mapping, list(COLUMNS))
    return EventFile(path=path, mapping=mapping, file_format=mapping.format)


def _typed_file(path: Path, mapping: FileMapping | None, head: bytes) -> EventFile:
    found = FileFormat.PARQUET if head.startswith(PARQUET_MAGIC) else FileFormat.ARROW
    if is_packed(path):
        raise UnreadableFile(path, f"is a packed {found} file; unpack it first")
    if mapping is not None and mapping.format not in TYPED:
        msg = f"is a {found} file, but `format` in the mapping says {mapping.format}"
        raise UnreadableFile(path, msg)
    if mapping is None:
        names = typed_schema(path, found).names
        missing = [name for name in ("source", "id", "type") if name not in names]
        if missing:
            msg = (
                f"has no column {missing[0]!r}; say how its columns become events "
                "with --mapping FILE"
            )
            raise UnreadableFile(path, msg)
        mapping = mapping_of_event_columns(names)
    return EventFile(path=path, mapping=mapping, file_format=found)


def _text_rows(file: Opened, mapping: FileMapping, path: Path) -> Iterator[Rows]:
    if mapping.format is FileFormat.COMBINED:
        return access_log_rows(file)
    if mapping.delimiter == "whitespace" or mapping.comment:
        return line_rows(file, mapping, path)
    return csv_rows(file, mapping, path)


def _require_columns(path: Path, mapping: FileMapping, names: list[str]) -> None:
    for column in mapping.used_columns:
        if column not in names:
            msg = f"has no column {column!r}, which the mapping uses; {meant(column, names)}"
            raise UnreadableFile(path, msg)
