"""
The functions of the language: what each takes, what it gives, and how.

| function | takes | gives |
|---|---|---|
| `min`, `max` | two or more numbers | the least, the greatest |
| `abs` | a number | it without its sign |
| `round` | a number, and places (-18 to 18, else 0) | the nearest, halves away from zero |
| `floor`, `ceil` | the same | the nearest not above, not below |
| `concat` | two or more texts | them joined |
| `lower`, `upper` | a text | its letters a to z small, or capital; all others stay |
| `length` | a text | its number of characters |
| `starts_with`, `ends_with`, `contains` | a text, and a part | whether it is there, by the letter |
| `exists` | a name | whether it has a text that is not empty |
| `coalesce` | two or more of one kind | the first that is defined and is no empty text |

`exists` and `coalesce` look at what is missing and are therefore evaluated in `evaluate.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from tallystick.expressions.limits import ARGUMENTS_MAX
from tallystick.expressions.rounding import ceiled, floored, rounded
from tallystick.expressions.syntax import Kind

_SMALL = "abcdefghijklmnopqrstuvwxyz"
_LOWERED = str.maketrans(_SMALL.upper(), _SMALL)
_UPPERED = str.maketrans(_SMALL, _SMALL.upper())


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """
    One function.

    Attributes:
        takes: kind of the arguments; None: of whatever kind, but one.
        gives: kind of the result; None: that of the arguments.
        least: how many arguments at least.
        most: how many at most.
        apply: from the arguments' values to the result; None where `evaluate` does it.
        has_places: whether the last argument is a written number of places.
    """

    takes: Kind | None
    gives: Kind | None
    least: int = 1
    most: int = 1
    apply: Callable[..., Any] | None = None
    has_places: bool = False


def _rounding(apply: Callable[[Fraction, int], Fraction]) -> Function:
    def to_places(value: Fraction, places: Fraction = Fraction(0)) -> Fraction:
        return apply(value, int(places))

    return Function(takes=Kind.NUMBER, gives=Kind.NUMBER, most=2, apply=to_places, has_places=True)


def _test(apply: Callable[[str, str], bool]) -> Function:
    return Function(takes=Kind.TEXT, gives=Kind.TRUTH, least=2, most=2, apply=apply)


_MANY = ARGUMENTS_MAX

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "min": Function(takes=Kind.NUMBER, gives=Kind.NUMBER, least=2, most=_MANY, apply=min),
        "max": Function(takes=Kind.NUMBER, gives=Kind.NUMBER, least=2, most=_MANY, apply=max),
        "abs": Function(takes=Kind.NUMBER, gives=Kind.NUMBER, apply=abs),
        "round": _rounding(rounded),
        "floor": _rounding(floored),
        "ceil": _rounding(ceiled),
        "concat": Function(
            takes=Kind.TEXT,
            gives=Kind.TEXT,
            least=2,
            most=_MANY,
            apply=lambda *texts: "".join(texts),
        ),
        "lower": Function(
            takes=Kind.TEXT, gives=Kind.TEXT, apply=lambda text: text.translate(_LOWERED)
        ),
        "upper": Function(
            takes=Kind.TEXT, gives=Kind.TEXT, apply=lambda text: text.translate(_UPPERED)
        ),
        "length": Function(
            takes=Kind.TEXT, gives=Kind.NUMBER, apply=lambda text: Fraction(len(text))
        ),
        "starts_with": _test(str.startswith),
        "ends_with": _test(str.endswith),
        "contains": _test(str.__contains__),
        "exists": Function(takes=Kind.TEXT, gives=Kind.TRUTH),
        "coalesce": Function(takes=None, gives=None, least=2, most=_MANY),
    }
)
"""Every function by its name."""
