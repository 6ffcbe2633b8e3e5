"""Reading the fields of a meter's document one by one, collecting every problem with its path."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import TypeVar

from tallystick.kernel import Misuse, Problem, parse_decimal, plain

T = TypeVar("T")
_SHOWN_LENGTH_MAX = 60


class DocumentFields:
    """
    The fields of one object of a document; what cannot be read becomes a problem and a stand-in.

    Attributes:
        problems: found so far, shared with the objects inside.
        bare: the text, where a text stands in place of the object.
        path: where the object stands in the document; empty for the whole.
    """

    def __init__(
        self, content: object, *, path: str = "", problems: list[Problem] | None = None
    ) -> None:
        self.problems: list[Problem] = [] if problems is None else problems
        self.bare = str(content) if isinstance(content, str) else None
        self.path = path
        self._asked: list[str] = []
        self._content: Mapping[str, object] = content if isinstance(content, Mapping) else {}
        if self.bare is None and not isinstance(content, Mapping):
            self.note("wrong_type", f"must be an object, not {_shown(content)}")

    def note(self, code: str, message: str, name: str = "") -> None:
        """Note a problem with a field, or with the object itself."""
        field = ".".join(part for part in (self.path, name) if part)
        self.problems.append(Problem(code=code, message=message, field=field))

    def text(self, name: str) -> str:
        """Return the text of a field that must be there and not be empty."""
        text = self.text_or_none(name)
        if text is None and self._content.get(name) is None:
            self.note("missing", f"{name} is missing", name)
        elif text == "":
            self.note("wrong_value", f"{name} must not be empty", name)
        return text or ""

    def text_or_none(self, name: str) -> str | None:
        """Return the text of a field that may be absent."""
        value = self.get(name)
        if value is None or isinstance(value, str):
            return None if value is None else str(value)
        self.note("wrong_type", f"must be text, not {_shown(value)}", name)
        return None

    def whole_or_none(self, name: str) -> int | None:
        """Return the whole number of a field that may be absent."""
        value = self.get(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return int(value)
        self.note("wrong_type", f"must be a whole number, not {_shown(value)}", name)
        return None

    def flag(self, name: str) -> bool:
        """Return the truth value of a field; an absent one is false."""
        value = self.get(name)
        if value is not None and not isinstance(value, bool):
            self.note("wrong_type", f"must be true or false, not {_shown(value)}", name)
        return value is True

    def choice(self, name: str, choices: Mapping[str, T], *, default: str | None) -> T | None:
        """Return what a word stands for; absent without a default is a problem."""
        word = self.text(name) if default is None else self.text_or_none(name) or default
        if word and word not in choices:
            near = get_close_matches(word, choices, n=1)
            hint = f"did you mean {near[0]}?" if near else f"allowed are {', '.join(choices)}"
            self.note("wrong_value", f"{_shown(word)} is not known; {hint}", name)
        return choices.get(word)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; numbers and truth values become the texts event data has."""
        value = self.get(name)
        if value is None:
            return ()
        if isinstance(value, list | tuple):
            texts = [_text_of(item) for item in value]
            if None not in texts:
                return tuple(text for text in texts if text is not None)
        self.note("wrong_type", f"must be a list of texts, not {_shown(value)}", name)
        return ()

    def items(self, name: str) -> "Iterator[DocumentFields]":
        """Yield each item of a list; an absent list holds none."""
        value = self.get(name)
        if value is not None and not isinstance(value, list | tuple):
            self.note("wrong_type", f"must be a list, not {_shown(value)}", name)
        elif value is not None:
            for index, item in enumerate(value):
                yield DocumentFields(item, path=f"{name}[{index}]", problems=self.problems)

    def refuse_unknown(self) -> None:
        """Note every field that nobody asked for, with the nearest that would be right."""
        for name in self._content:
            if name not in self._asked:
                near = get_close_matches(str(name), self._asked, n=1)
                known = ", ".join(sorted(self._asked))
                hint = f'did you mean "{near[0]}"?' if near else f"known are {known}"
                self.note("unknown_field", f'unknown field "{name}"; {hint}', str(name))

    def get(self, name: str) -> object:
        """Return what a field holds, whatever it is; None where it is absent."""
        self._asked.append(name)
        return self._content.get(name)


def number_or_none(fields: DocumentFields, name: str) -> Decimal | None:
    """Return the number of a field that may be absent; a text may write it."""
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            return parse_decimal(str(value))
        except Misuse as error:
            fields.note("wrong_value", str(error), name)
            return None
    fields.note("wrong_type", f"must be a number such as 99.9, not {_shown(value)}", name)
    return None


def inside_or_none(fields: DocumentFields, name: str) -> DocumentFields | None:
    """Return the fields of an object inside, or None where it is absent."""
    value = fields.get(name)
    if value is None:
        return None
    path = ".".join(part for part in (fields.path, name) if part)
    return DocumentFields(value, path=path, problems=fields.problems)


def _text_of(item: object) -> str | None:
    if isinstance(item, bool):
        return "true" if item else "false"
    if isinstance(item, str | int):
        return str(item)
    return plain(item) if isinstance(item, Decimal) else None


def _shown(value: object) -> str:
    return repr(value)[:_SHOWN_LENGTH_MAX]
