"""
Reading one object of a document field by field, and collecting every problem with its path.

Numbers come as text, int or Decimal. A float is refused, because it has already lost what was
written. A field that nobody asked for is a problem too, with the nearest name that would be right.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from tallystick.kernel import Misuse, Problem, nearest, parse_decimal

_SHOWN_LENGTH_MAX = 60


class ObjectReader:
    """
    The fields of one object; what cannot be read becomes a problem and a harmless stand-in.

    Attributes:
        problems: found so far, in the order of reading.
    """

    def __init__(self, document: Mapping[str, object], path: str = "") -> None:
        self.problems: list[Problem] = []
        self._document = document
        self._prefix = f"{path}." if path else ""
        self._asked: set[str] = set()

    def add(self, code: str, message: str, name: str) -> None:
        """Note a problem with one field of this object."""
        self.problems.append(Problem(code=code, message=message, field=f"{self._prefix}{name}"))

    def add_all(self, problems: Iterable[Problem]) -> None:
        """Note problems whose fields are named from this object on."""
        for problem in problems:
            self.add(problem.code, problem.message, problem.field)

    def has(self, name: str) -> bool:
        """Say whether the field is given and not null."""
        self._asked.add(name)
        return self._document.get(name) is not None

    def value(self, name: str) -> object:
        """Return the field as it stands, None if it is absent; absent is a problem."""
        if not self.has(name):
            self.add("missing", "is missing", name)
        return self._document.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return the text of a field; without a default it must be given."""
        if not self.has(name) and default is not None:
            return default
        value = self.value(name)
        if value is not None and not isinstance(value, str):
            self.add("wrong_type", f"must be text, not {shown(value)}", name)
        return value if isinstance(value, str) else ""

    def decimal(self, name: str) -> Decimal:
        """Return the number of a field, written as text, int or Decimal."""
        value = self.value(name)
        if value is None:
            return Decimal(0)
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            hint = "put it in quotes" if isinstance(value, float) else "such as 12.5"
            self.add("wrong_type", f"must be a decimal number, {hint}, not {shown(value)}", name)
            return Decimal(0)
        try:
            return parse_decimal(str(value))
        except Misuse as error:
            self.add("not_a_number", str(error), name)
            return Decimal(0)

    def flag(self, name: str) -> bool:
        """Return the truth value of a field."""
        value = self.value(name)
        if not isinstance(value, bool):
            self.add("wrong_type", f"must be true or false, not {shown(value)}", name)
        return value is True

    def whole(self, name: str) -> int:
        """Return the whole number of a field."""
        value = self.value(name)
        if type(value) is not int:
            self.add("wrong_type", f"must be a whole number, not {shown(value)}", name)
            return 0
        return value

    def at(self, document: Mapping[str, object], name: str) -> "ObjectReader":
        """Return a reader for an object inside this one, by the name of its field."""
        return ObjectReader(document, f"{self._prefix}{name}")

    def refuse_unknown(self) -> None:
        """Note every field that was not asked for."""
        for name in self._document:
            if name not in self._asked:
                near = nearest(str(name), self._asked)
                known = ", ".join(sorted(self._asked))
                hint = f'did you mean "{near}"?' if near else f"known are {known}"
                self.add("unknown_field", f'unknown field "{name}"; {hint}', str(name))


def shown(value: object) -> str:
    """
    Return what a value is and how it begins, for messages.

    Example:
        >>> shown(12)
        "int '12'"
    """
    return f"{type(value).__name__} {str(value)[:_SHOWN_LENGTH_MAX]!r}"
