"""
A mapping as a document (parsed YAML or JSON), checked key by key.

Every problem carries the path of the field and what would be right; all are found at once.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import TypeVar, cast

import msgspec

from tallystick.integrations.files.mapping import (
    FieldKind,
    FieldRule,
    FileFormat,
    FileMapping,
    FromColumn,
    FromConstant,
    FromProduct,
    Template,
    TimeFormat,
    TimeRule,
)
from tallystick.kernel import (
    Done,
    Misuse,
    Outcome,
    Problem,
    Refused,
    instant,
    nearest,
    plain,
    time_zone,
)

KEYS = (
    "format", "source", "type", "id", "subject", "sequence", "time", "data", "data_json",
    "delimiter", "comment", "columns", "missing",
)  # fmt: skip
TIME_KEYS = ("column", "format", "origin", "pattern", "zone")
FIELD_KEYS = ("column", "type", "product", "constant")
FACTORS_MIN = 2

Member = TypeVar("Member", FileFormat, TimeFormat, FieldKind)
Parsed = TypeVar("Parsed")


def mapping_from_document(document: object) -> Outcome[FileMapping]:
    """
    Return the mapping that a document describes.

    Problems:
        wrong_type, unknown_field, missing_key, unknown_value, bad_value: each with its path.

    Example:
        >>> outcome = mapping_from_document({"format": "csv", "source": "s", "typ": "job"})
        >>> [problem.message for problem in outcome.problems]
        ["unknown key 'typ'; did you mean 'type'?", "'type' must be given"]
    """
    reading = _Reading()
    mapping = reading.mapping(document)
    return (
        Refused(tuple(reading.problems)) if reading.problems else Done(cast(FileMapping, mapping))
    )


def meant(word: str, known: Iterable[str]) -> str:
    """Return what an unknown word probably meant, as the end of a sentence."""
    names = sorted(known)
    near = nearest(word, names)
    return f"did you mean {near!r}?" if near else f"known are {', '.join(names)}"


class _Reading:
    """Collects problems while a document is read; a part that is wrong is read as its default."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def mapping(self, document: object) -> FileMapping | None:
        given = self._members(document, "", KEYS)
        for key in ("format", "source", "type"):
            if key not in given:
                self._add("missing_key", f"{key!r} must be given", key)
        if "data" in given and "data_json" in given:
            self._add("bad_value", "give either data or data_json, not both", "data_json")
        template = self._optional_templates(given)
        return FileMapping(
            format=self._member(FileFormat, given.get("format", "csv"), "format"),
            **template,
            time=self._time(given["time"]) if "time" in given else None,
            data=self._data(given.get("data", {})),
            data_json=self._text(given.get("data_json", ""), "data_json"),
            delimiter=self._delimiter(given.get("delimiter", ",")),
            comment=self._text(given.get("comment", ""), "comment"),
            columns=self._texts(given.get("columns", []), "columns"),
            missing=frozenset(self._texts(given.get("missing", [""]), "missing")) | {""},
        )

    def _optional_templates(self, given: Mapping[str, object]) -> dict[str, Template]:
        names = ("source", "type", "id", "subject", "sequence")
        found = {name: Template(self._text(given[name], name)) for name in names if name in given}
        return {"source": Template(""), "type": Template("")} | found

    def _time(self, document: object) -> TimeRule:
        if isinstance(document, str):
            return TimeRule(column=document)
        given = self._members(document, "time", TIME_KEYS)
        if "column" not in given:
            self._add("missing_key", "'column' must be given", "time.column")
        default = "pattern" if "pattern" in given else "rfc3339"
        origin = self._checked(instant, given.get("origin"), "time.origin")
        self._checked(time_zone, given.get("zone"), "time.zone")
        return TimeRule(
            column=self._text(given.get("column", ""), "time.column"),
            format=self._member(TimeFormat, given.get("format", default), "time.format"),
            origin=origin,
            pattern=self._text(given.get("pattern", ""), "time.pattern"),
            zone=self._text(given.get("zone", ""), "time.zone"),
        )

    def _data(self, document: object) -> tuple[tuple[str, FieldRule], ...]:
        if not isinstance(document, Mapping):
            self._add("wrong_type", "must be a mapping of field names", "data")
            return ()
        return tuple(
            (str(name), self._field(rule, f"data.{name}")) for name, rule in document.items()
        )

    def _field(self, document: object, path: str) -> FieldRule:
        if isinstance(document, str):
            return FromColumn(column=document)
        given = self._members(document, path, FIELD_KEYS)
        forms = [key for key in ("column", "product", "constant") if key in given]
        if len(forms) != 1:
            self._add("bad_value", "give one of column, product and constant", path)
            return FromConstant(json="null")
        if "product" in given:
            factors = self._texts(given["product"], f"{path}.product")
            if len(factors) < FACTORS_MIN:
                self._add("bad_value", "name two columns or more", f"{path}.product")
            return FromProduct(columns=factors)
        if "constant" in given:
            return FromConstant(json=self._json(given["constant"], f"{path}.constant"))
        kind = self._member(FieldKind, given.get("type", "number"), f"{path}.type")
        return FromColumn(column=self._text(given["column"], f"{path}.column"), kind=kind)

    def _json(self, value: object, path: str) -> str:
        match value:
            case float():
                message = f"write {value!r} in quotes, so that it stays exact"
                self._add("bad_value", message, path)
                return "null"
            case Decimal():
                return plain(value)
            case str() | int() | bool():
                return msgspec.json.encode(value).decode()
            case _:
                self._add("wrong_type", "must be a number, text, true or false", path)
                return "null"

    def _delimiter(self, value: object) -> str:
        text = self._text(value, "delimiter")
        if text != "whitespace" and (len(text) != 1 or not text.isascii()):
            self._add("bad_value", "must be one character, or 'whitespace'", "delimiter")
            return ","
        return text

    def _members(self, document: object, path: str, known: tuple[str, ...]) -> dict[str, object]:
        if not isinstance(document, Mapping):
            self._add("wrong_type", f"must be a mapping with the keys {', '.join(known)}", path)
            return {}
        prefix = f"{path}." if path else ""
        for key in document:
            if key not in known:
                message = f"unknown key {key!r}; {meant(str(key), known)}"
                self._add("unknown_field", message, f"{prefix}{key}")
        return {key: value for key, value in document.items() if key in known}

    def _member(self, kind: type[Member], value: object, path: str) -> Member:
        known = [each.value for each in kind]
        if isinstance(value, str) and value in known:
            return kind(value)
        self._add("unknown_value", f"unknown {value!r}; {meant(str(value), known)}", path)
        return next(iter(kind))

    def _text(self, value: object, path: str) -> str:
        if isinstance(value, str):
            return value
        self._add("wrong_type", f"must be text; write {str(value)!r} in quotes", path)
        return ""

    def _texts(self, value: object, path: str) -> tuple[str, ...]:
        if not isinstance(value, list):
            self._add("wrong_type", "must be a list", path)
            return ()
        return tuple(self._text(each, f"{path}[{place}]") for place, each in enumerate(value))

    def _checked(self, parse: Callable[[str], Parsed], value: object, path: str) -> Parsed | None:
        if value is None:
            return None
        try:
            return parse(self._text(value, path))
        except Misuse as error:
            self._add("bad_value", str(error), path)
            return None

    def _add(self, code: str, message: str, path: str) -> None:
        self.problems.append(Problem(code=code, message=message, field=path))
