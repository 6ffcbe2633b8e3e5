"""
Rows of a file to events in columns, by a mapping.

Everything is done a column at a time; only what is unusual is looked at row by row. A row with any
problem makes no event, and says why.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from tallystick.integrations.files.access_log import UNREADABLE
from tallystick.integrations.files.mapping import (
    DIGEST,
    ROW,
    FieldKind,
    FieldRule,
    FileMapping,
    FromColumn,
    FromConstant,
    FromProduct,
    Template,
)
from tallystick.integrations.files.numbers import Converted, number_texts, product_texts
from tallystick.integrations.files.problems import RowProblem
from tallystick.integrations.files.rows import Rows
from tallystick.integrations.files.texts import column_texts
from tallystick.integrations.files.times import time_texts

NEEDS_ESCAPE = '["\\\\\\x00-\\x1f]'
TRUTHS = {"true": "true", "false": "false", "1": "true", "0": "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEvents:
    """
    Events made of consecutive rows.

    Attributes:
        table: columns source, id, type, subject, time, sequence and data, all text.
        row_numbers: the row of each event.
        problems: rows that made none.
    """

    table: pa.Table
    row_numbers: pa.Array
    problems: tuple[RowProblem, ...]


def shape_events(rows: Rows, mapping: FileMapping, *, file: str, digest: str) -> FileEvents:
    """
    Return the events of some rows.

    Raises:
        Misuse: a column has a type that cannot be read as the mapping wants it.
    """
    shaping = _Shaping(rows=rows, mapping=mapping, digest=digest)
    shaping.find_unreadable()
    columns = {
        "source": shaping.required(mapping.source, "source"),
        "id": shaping.required(mapping.id, "id"),
        "type": shaping.required(mapping.type, "type"),
        "subject": shaping.filled(mapping.subject),
        "time": shaping.time(),
        "sequence": shaping.filled(mapping.sequence),
        "data": shaping.data(),
    }
    table = pa.table(columns)
    numbers = pa.array(range(rows.first_row, rows.first_row + rows.count), pa.int64())
    if shaping.problems:
        good = pa.array([place not in shaping.problems for place in range(rows.count)])
        table, numbers = table.filter(good), numbers.filter(good)
    problems = (
        RowProblem(file=file, row=rows.first_row + place, column=column, message=message)
        for place, (column, message) in sorted(shaping.problems.items())
    )
    return FileEvents(table=table, row_numbers=numbers, problems=tuple(problems))


@dataclass(slots=True, kw_only=True)
class _Shaping:
    """Columns converted once each, and the first problem of each row."""

    rows: Rows
    mapping: FileMapping
    digest: str
    known: dict[str, pa.Array] = field(default_factory=dict)
    problems: dict[int, tuple[str, str]] = field(default_factory=dict)

    def find_unreadable(self) -> None:
        lines = self.rows.columns.get(UNREADABLE)
        if lines is None or lines.null_count == len(lines):
            return
        for place, line in enumerate(lines.to_pylist()):
            if line is not None:
                shown = line[:60].decode("utf-8", "replace")
                self.problems[place] = ("", f"{shown!r} is not a line of an access log")

    def required(self, template: Template, attribute: str) -> pa.Array:
        texts = self.filled(template)
        empty = pc.equal(pc.binary_length(texts), 0)
        if pc.any(empty, min_count=0).as_py():
            column = next(iter(template.slots), "")
            for place, is_empty in enumerate(empty.to_pylist()):
                if is_empty:
                    self._note(place, column, f"is empty, but makes the event's {attribute}")
        return texts

    def filled(self, template: Template) -> pa.Array:
        """Return the template filled in for each row; a missing value fills in as nothing."""
        parts = [self._part(is_slot, text) for is_slot, text in template.parts]
        if not parts:
            return self._constant("")
        return pc.binary_join_element_wise(*parts, self._constant(""))

    def time(self) -> pa.Array:
        rule = self.mapping.time
        if rule is None:
            return self._constant("")
        texts = self._texts(rule.column)
        for place in _places_of_null(texts):
            self._note(place, rule.column, "has no time")
        return self._converted(time_texts(texts, rule), (rule.column,))

    def data(self) -> pa.Array:
        if self.mapping.data_json:
            return pc.fill_null(self._texts(self.mapping.data_json), "{}")
        members = [self._member(name, rule) for name, rule in self.mapping.data]
        if not members:
            return self._constant("{}")
        empty = self._constant("")
        joined = pc.binary_join_element_wise(*members, empty)
        inner = pc.utf8_slice_codeunits(joined, start=1)
        return pc.binary_join_element_wise(self._constant("{"), inner, self._constant("}"), empty)

    def _part(self, is_slot: bool, text: str) -> pa.Array:  # noqa: FBT001 - half of a pair
        if not is_slot:
            return self._constant(text)
        if text == ROW:
            numbers = range(self.rows.first_row, self.rows.first_row + self.rows.count)
            return pa.array(numbers, pa.int64()).cast(pa.string())
        if text == DIGEST:
            return self._constant(self.digest)
        return pc.fill_null(self._texts(text), "")

    def _member(self, name: str, rule: FieldRule) -> pa.Array:
        """Return `,"name":value` for each row, nothing where the value is missing."""
        prefix = self._constant("," + msgspec.json.encode(name).decode() + ":")
        member = pc.binary_join_element_wise(prefix, self._value(rule), self._constant(""))
        return pc.fill_null(member, "")

    def _value(self, rule: FieldRule) -> pa.Array:
        match rule:
            case FromConstant():
                return self._constant(rule.json)
            case FromProduct():
                factors = [self._texts(column) for column in rule.columns]
                return self._converted(product_texts(factors), rule.columns)
            case FromColumn():
                return self._column_value(rule)

    def _column_value(self, rule: FromColumn) -> pa.Array:
        texts = self._texts(rule.column)
        match rule.kind:
            case FieldKind.NUMBER:
                return self._converted(number_texts(texts), (rule.column,))
            case FieldKind.TEXT:
                return json_texts(texts)
            case FieldKind.BOOLEAN:
                return self._converted(truth_texts(texts), (rule.column,))

    def _texts(self, column: str) -> pa.Array:
        if column not in self.known:
            zone = self.mapping.time.zone if self.mapping.time else ""
            found = column_texts(self.rows.columns[column], self.mapping.missing, zone=zone)
            self.known[column] = self._converted(found, (column,))
        return self.known[column]

    def _converted(self, converted: Converted, columns: Iterable[str]) -> pa.Array:
        name = " x ".join(columns)
        for place, message in converted.problems.items():
            self._note(place, name, message)
        return converted.texts

    def _note(self, place: int, column: str, message: str) -> None:
        self.problems.setdefault(place, (column, message))

    def _constant(self, text: str) -> pa.Array:
        return pa.repeat(pa.scalar(text, pa.string()), self.rows.count)


def json_texts(texts: pa.Array) -> pa.Array:
    r"""
    Return text as JSON strings.

    Example:
        >>> json_texts(pa.array(["a", 'say "x"', None])).to_pylist()
        ['"a"', '"say \\"x\\""', None]
    """
    if pc.any(pc.match_substring_regex(texts, NEEDS_ESCAPE), min_count=0).as_py():
        encode = msgspec.json.encode
        values = [None if text is None else encode(text).decode() for text in texts.to_pylist()]
        return pa.array(values, pa.string())
    return pc.binary_join_element_wise('"', texts, '"', "")


def truth_texts(texts: pa.Array) -> Converted:
    """Return true and false, which may be written as words in any case, or as 1 and 0."""
    values: list[str | None] = []
    problems: dict[int, str] = {}
    for place, text in enumerate(texts.to_pylist()):
        truth = None if text is None else TRUTHS.get(text.strip().lower())
        if text is not None and truth is None:
            problems[place] = f"{text[:40]!r} is neither true nor false"
        values.append(truth)
    return Converted(texts=pa.array(values, pa.string()), problems=problems)


def _places_of_null(texts: pa.Array) -> list[int]:
    if texts.null_count == 0:
        return []
    return [place for place, text in enumerate(texts.to_pylist()) if text is None]
