"""
One YAML file as plain values, each with its line and column.

The values are built straight from the parser's events: no tags are resolved, no objects are made,
nothing is expanded.  What makes YAML dangerous or two-faced is refused with what to write instead:
anchors and aliases, merge keys, tags, duplicate keys, keys that are not text, several documents in
one file, tabs as indentation, other encodings than UTF-8.  A syntax error ends the reading of its
file; all other problems are collected.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.reader import ReaderError

from tallystick.catalog import Place, Source
from tallystick.integrations.catalog_files.scalars import value_of
from tallystick.kernel import Problem

BYTES_MAX = 8 * 1024 * 1024
DEPTH_MAX = 32

_TAB_INDENT = re.compile(r"^ *\t[ \t]*[^\s]", re.MULTILINE)
_INDENTED = "indented otherwise than its neighbours"
_UNENDED = 'the file ends here, and a "[" or "{" before it is not closed'
_ADVICE = {
    "mapping values are not allowed here": 'a ":" where none may be; quote text that contains ": "',
    "could not find expected ':'": 'a key without ":", or text that ought to be in quotes',
    "found unexpected end of stream": "a quote is opened here and never closed",
    "expected the node content, but found '<stream end>'": _UNENDED,
    "expected ',' or ']', but got '<stream end>'": 'a "[" is opened here and never closed',
    "expected ',' or '}', but got '<stream end>'": 'a "{" is opened here and never closed',
    "expected <block end>, but found '<block mapping start>'": _INDENTED,
    "expected <block end>, but found '<block sequence start>'": _INDENTED,
    "expected <block end>, but found '-'": _INDENTED,
    "found incompatible YAML document (version 1.* is required)": "leave the %YAML line out",
}


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """A problem of a file, with the place by which problems are put in order."""

    file: str
    line: int
    column: int
    code: str
    text: str

    @property
    def problem(self) -> Problem:
        """Say it with its place in front."""
        message = f"{self.file}:{self.line}:{self.column} {self.text}"
        return Problem(code=self.code, message=message)


def source_from_yaml(content: bytes, *, file: str) -> tuple[Source, tuple[Fault, ...]]:
    """Read a file's content; where it has faults the source holds what was read up to them."""
    if len(content) > BYTES_MAX:
        text = f"is larger than {BYTES_MAX // 1024 // 1024} MiB; split it into several files"
        return Source(body={}), (_fault(file, 1, 1, "too_large", text),)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig")
        line, column = _position(before, len(before))
        wrong = f"byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return Source(body={}), (_fault(file, line, column, "not_utf8", wrong),)
    tab = _TAB_INDENT.search(text)
    if tab:
        line, column = _position(text, text.index("\t", tab.start()))
        wrong = "a tab in the indentation; use spaces"
        return Source(body={}), (_fault(file, line, column, "not_yaml", wrong),)
    return _Builder(file=file).build(text)


def _fault(file: str, line: int, column: int, code: str, text: str) -> Fault:
    return Fault(file=file, line=line, column=column, code=code, text=text)


def _position(text: str, offset: int) -> tuple[int, int]:
    """Give line and column of an offset, counted from 1."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1


@dataclass(slots=True, kw_only=True)
class _Frame:
    """A mapping or list that is being read."""

    value: Any
    path: str
    key: str | None = None
    key_place: tuple[int, int] = (0, 0)
    lines: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Turns events into values; ``stack`` holds the collections that are open."""

    file: str
    root: object = None
    documents: int = 0
    stack: list[_Frame] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def build(self, text: str) -> tuple[Source, tuple[Fault, ...]]:
        """Read all events; stop at a syntax error or at what must not be read on."""
        try:
            for event in YAML(typ="safe", pure=True).parse(text):
                if not self._take(event):
                    break
        except MarkedYAMLError as error:
            self._note("not_yaml", _advice(error), _mark(error))
        except ReaderError as error:
            line, column = _position(text, error.position)
            self._note("not_yaml", "a control character; remove it", (line, column))
        except YAMLError as error:
            self._note("not_yaml", f"not YAML: {error}", (1, 1))
        return Source(body=self.root, places=self.places), tuple(self.faults)

    def _take(self, event: Any) -> bool:  # noqa: ANN401 - ruamel's events are not typed
        """Handle one event; False ends the reading."""
        place = (event.start_mark.line + 1, event.start_mark.column + 1)
        match event:
            case DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    self._note("not_read", "a second document; put it into its own file", place)
                    return False
            case AliasEvent():
                text = f"alias *{event.anchor}: aliases are not read; write the value out"
                self._note("not_read", text, place)
                self._put(None, place)
            case CollectionStartEvent():
                return self._open(event, place)
            case MappingEndEvent() | SequenceEndEvent():
                self.stack.pop()
            case ScalarEvent():
                self._refuse_marks(event, place)
                self._scalar(event, place)
            case _:  # the ends of stream and document bring nothing
                pass
        return True

    def _scalar(self, event: Any, place: tuple[int, int]) -> None:  # noqa: ANN401 - see _take
        frame = self.stack[-1] if self.stack else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            self._name(frame, event, place)
            return
        quoted = event.style is not None
        self._put(str(event.value) if quoted else value_of(str(event.value)), place)

    def _name(self, frame: _Frame, event: Any, place: tuple[int, int]) -> None:  # noqa: ANN401 - see _take
        """Take the name of a field; a duplicate is noted, and its later value wins unseen."""
        name = str(event.value)
        if name == "<<" and event.style is None:
            self._note("not_read", "merge keys (<<) are not read; write the fields out", place)
        elif name in frame.lines:
            text = f'duplicate key "{name}"; first given at line {frame.lines[name]}'
            self._note("duplicate_key", text, place)
        frame.lines.setdefault(name, place[0])
        frame.key, frame.key_place = name, place

    def _open(self, event: Any, place: tuple[int, int]) -> bool:  # noqa: ANN401 - see _take
        self._refuse_marks(event, place)
        frame = self.stack[-1] if self.stack else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is None:
            self._note("not_read", "a key must be text", place)
            return False
        if len(self.stack) >= DEPTH_MAX:
            self._note("too_deep", f"nested more than {DEPTH_MAX} levels deep", place)
            return False
        value: Any = {} if isinstance(event, MappingStartEvent) else []
        path = self._put(value, place)
        self.stack.append(_Frame(value=value, path=path))
        return True

    def _put(self, value: object, place: tuple[int, int]) -> str:
        """Add a value to the open collection and give its path."""
        frame = self.stack[-1] if self.stack else None
        if frame is None:
            self.root, path, name_place = value, "", place
        elif isinstance(frame.value, list):
            path, name_place = f"{frame.path}[{len(frame.value)}]", place
            frame.value.append(value)
        else:
            key, name_place = frame.key or "", frame.key_place
            path = f"{frame.path}.{key}" if frame.path else key
            frame.value[key], frame.key = value, None
        self.places[path] = Place(
            file=self.file,
            line=place[0],
            column=place[1],
            name_line=name_place[0],
            name_column=name_place[1],
        )
        return path

    def _refuse_marks(self, event: Any, place: tuple[int, int]) -> None:  # noqa: ANN401 - see _take
        if event.anchor is not None:
            text = f"anchor &{event.anchor}: anchors are not read; write the value out"
            self._note("not_read", text, place)
        if event.tag is not None:
            self._note("not_read", "tags (!) are not read; leave it out", place)

    def _note(self, code: str, text: str, place: tuple[int, int]) -> None:
        self.faults.append(_fault(self.file, *place, code, text))


def _mark(error: MarkedYAMLError) -> tuple[int, int]:
    """Point at the mistake, or at what was opened and never closed, not at the end of the file."""
    unclosed = "end of stream" in str(error.problem) or "stream end" in str(error.problem)
    mark = (error.context_mark if unclosed else None) or error.problem_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _advice(error: MarkedYAMLError) -> str:
    """Say what a syntax error means for who wrote the file."""
    problem = str(error.problem)
    if problem in _ADVICE:
        return _ADVICE[problem]
    context = f" {error.context}" if error.context else ""
    return f"not YAML: {problem}{context}"
