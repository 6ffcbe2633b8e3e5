"""
Reading one object of a document field by field, and collecting every problem with its path.

Numbers come as text, int or Decimal. A float is refused, because it has already lost what was
written. A field that nobody asked for is a problem too, with the nearest name that would be right.
"""

from collections.abc import Mapping
from decimal import Decimal

from tallystick.kernel import Misuse, Problem, nearest, parse_decimal
from tallystick.pricing.tiers import Tier

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
            self.add("wrong_type", f"must be text, not {_shown(value)}", name)
        return value if isinstance(value, str) else ""

    def decimal(self, name: str) -> Decimal:
        """Return the number of a field, written as text, int or Decimal."""
        value = self.value(name)
        if value is None:
            return Decimal(0)
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            hint = "put it in quotes" if isinstance(value, float) else "such as 12.5"
            self.add("wrong_type", f"must be a decimal number, {hint}, not {_shown(value)}", name)
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
            self.add("wrong_type", f"must be true or false, not {_shown(value)}", name)
        return value is True

    def whole(self, name: str) -> int:
        """Return the whole number of a field."""
        value = self.value(name)
        if type(value) is not int:
            self.add("wrong_type", f"must be a whole number, not {_shown(value)}", name)
            return 0
        return value

    def names(self, name: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = self.value(name)
        if isinstance(value, list | tuple):
            found = tuple(item for item in value if isinstance(item, str) and item)
            if len(found) == len(value):
                return found
        self.add("wrong_type", f"must be a list of names, not {_shown(value)}", name)
        return ()

    def tiers(self, name: str) -> tuple[Tier, ...]:
        """Return a list of tiers, each an object of ``up_to``, ``unit_price`` and ``flat``."""
        value = self.value(name)
        if not isinstance(value, list | tuple):
            self.add("wrong_type", f"must be a list of tiers, not {_shown(value)}", name)
            return ()
        return tuple(self._tier(item, f"{name}[{index}]") for index, item in enumerate(value))

    def refuse_unknown(self) -> None:
        """Note every field that was not asked for."""
        for name in self._document:
            if name not in self._asked:
                near = nearest(str(name), self._asked)
                known = ", ".join(sorted(self._asked))
                hint = f'did you mean "{near}"?' if near else f"known are {known}"
                self.add("unknown_field", f'unknown field "{name}"; {hint}', str(name))

    def _tier(self, item: object, name: str) -> Tier:
        if not isinstance(item, Mapping):
            self.add("wrong_type", f"must be an object with unit_price, not {_shown(item)}", name)
            return Tier(up_to=None, unit_price=Decimal(0))
        reader = ObjectReader(item, f"{self._prefix}{name}")
        tier = Tier(
            up_to=reader.decimal("up_to") if reader.has("up_to") else None,
            unit_price=reader.decimal("unit_price") if reader.has("unit_price") else Decimal(0),
            flat=reader.decimal("flat") if reader.has("flat") else Decimal(0),
        )
        reader.refuse_unknown()
        self.problems += reader.problems
        return tier


def _shown(value: object) -> str:
    return f"{type(value).__name__} {str(value)[:_SHOWN_LENGTH_MAX]!r}"
