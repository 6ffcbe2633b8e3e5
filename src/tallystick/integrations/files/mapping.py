"""
How the columns of a file become events.

A mapping names, for each attribute of an event, a template: text in which `{column}` stands for the
value of a column, `{row}` for the row's number and `{digest}` for the digest of the file's content.
Time and data fields name a column and how it is to be read. Numbers stay text all the way, exactly
as the file has them.

    format: csv
    source: nasa/ipsc-860
    type: batch.job
    id: "{job}"
    subject: "user-{user}"
    time: {column: submit, format: unix_s, origin: "1993-10-01T07:00:03Z"}
    data:
      node_seconds: {product: [run_time, processors]}

Where no `id` is given it is `{digest}:{row}`: the same file imported twice counts once, and a file
that was changed is another file. Whoever mends and imports again needs an id column.

Not here: reading YAML (`mapping_file.py`), and what the documents look like
(`mapping_document.py`).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

ROW = "row"
DIGEST = "digest"
PLACES = frozenset({ROW, DIGEST})

_SLOT = re.compile(r"\{([^{}]+)\}")


class FileFormat(StrEnum):
    """
    What the file is.

    `csv` is also any text with one record a line (another `delimiter`, or `whitespace`); `combined`
    is the access log of web servers, with or without referrer and agent.
    """

    CSV = "csv"
    COMBINED = "combined"
    PARQUET = "parquet"
    ARROW = "arrow"


class TimeFormat(StrEnum):
    """How a time is written; `unix_` forms count from `origin`, which is 1970 unless given."""

    RFC3339 = "rfc3339"
    UNIX_S = "unix_s"
    UNIX_MS = "unix_ms"
    UNIX_US = "unix_us"
    CLF = "clf"
    PATTERN = "pattern"


class FieldKind(StrEnum):
    """How a data field is written: a bare number, text, or true and false."""

    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True)
class Template:
    """Text with `{column}` slots."""

    text: str

    @property
    def parts(self) -> tuple[tuple[bool, str], ...]:
        """
        Return the pieces in order: (True, name of a slot) or (False, text).

        Example:
            >>> Template("vm-{id}").parts
            ((False, 'vm-'), (True, 'id'))
        """
        pieces = _SLOT.split(self.text)
        return tuple((place % 2 == 1, piece) for place, piece in enumerate(pieces) if piece)

    @property
    def slots(self) -> tuple[str, ...]:
        return tuple(text for is_slot, text in self.parts if is_slot)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRule:
    """
    Where the time of an event stands and how it is written.

    Attributes:
        column: the column.
        format: how it is written.
        origin: instant from which the `unix_` forms count.
        pattern: for `pattern`, as for `strptime`.
        zone: IANA zone of times that are written without an offset; empty if all have one.
    """

    column: str
    format: TimeFormat = TimeFormat.RFC3339
    origin: datetime | None = None
    pattern: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromColumn:
    """The value of a column."""

    column: str
    kind: FieldKind = FieldKind.NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class FromProduct:
    """The exact product of number columns."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FromConstant:
    """The same JSON value in each row."""

    json: str


FieldRule: TypeAlias = FromColumn | FromProduct | FromConstant


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMapping:
    """
    How a file is read; see the module.

    Attributes:
        delimiter: one character, or `whitespace` for runs of blanks and tabs.
        comment: lines that begin with it are skipped; empty for none.
        columns: names of the columns where the file has no header.
        missing: texts that mean "no value here"; a field without value is left out of the data.
        data: JSON name to rule, in the order in which the data is written.
        data_json: a column that holds the data as JSON already, instead of `data`.
    """

    format: FileFormat
    source: Template
    type: Template
    id: Template = Template(f"{{{DIGEST}}}:{{{ROW}}}")
    subject: Template = Template("")
    sequence: Template = Template("")
    time: TimeRule | None = None
    data: tuple[tuple[str, FieldRule], ...] = ()
    data_json: str = ""
    delimiter: str = ","
    comment: str = ""
    columns: tuple[str, ...] = ()
    missing: frozenset[str] = field(default_factory=lambda: frozenset({""}))

    @property
    def used_columns(self) -> tuple[str, ...]:
        """Names of the columns that the mapping needs, each once, in order of mention."""
        templates = (self.source, self.type, self.id, self.subject, self.sequence)
        names = [name for each in templates for name in each.slots if name not in PLACES]
        names += [self.time.column] if self.time else []
        names += [self.data_json] if self.data_json else []
        for _, rule in self.data:
            match rule:
                case FromColumn():
                    names.append(rule.column)
                case FromProduct():
                    names.extend(rule.columns)
                case FromConstant():
                    pass
        return tuple(dict.fromkeys(names))

    @property
    def needs_digest(self) -> bool:
        """Whether the content must be read once before the first event can be named."""
        templates = (self.source, self.type, self.id, self.subject, self.sequence)
        return any(DIGEST in each.slots for each in templates)


def mapping_of_event_columns(names: Collection[str]) -> FileMapping:
    """
    Return the mapping of a file whose columns are those of an event already.

    Source, id and type must be among them; what else there is of an event is taken as it is.
    """
    return FileMapping(
        format=FileFormat.ARROW,
        source=Template("{source}"),
        type=Template("{type}"),
        id=Template("{id}"),
        subject=Template("{subject}" if "subject" in names else ""),
        sequence=Template("{sequence}" if "sequence" in names else ""),
        time=TimeRule(column="time") if "time" in names else None,
        data_json="data" if "data" in names else "",
    )
