"""
Reading the fields of one document, with every problem said at once.

`Fields` wraps a mapping that a person wrote.  Reading a field remembers its name; on a problem it
notes what is wrong and what would be right, and gives a harmless stand-in, so that reading goes
on to the next field.  `Fields.finish` notes the fields that nobody asked for.  Whoever reads
throws the result away if there was any problem.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Generic, TypeVar

from tallystick.catalog.documents import joined
from tallystick.kernel import (
    Done,
    Interval,
    IntervalUnit,
    Misuse,
    Outcome,
    Problem,
    Refused,
    instant,
    is_key,
    nearest,
    parse_decimal,
)

T = TypeVar("T")
D = TypeVar("D")

NAMES_SHOWN_MAX = 12
# Comparing with more takes longer than a person would wait for thousands of mistakes.
NAMES_COMPARED_MAX = 500
# Nobody mends more at once, and to word each takes a comparison with all names.
PROBLEMS_MAX = 200
VALUE_SHOWN_MAX = 40
DAYS_MAX = 365
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TooManyProblems(Misuse):
    """Documents that hold so many problems that reading them to the end is of no use."""


def suggestion(name: str, known: Collection[str]) -> str:
    """
    Say what was probably meant, or what there is to choose from; empty when there is nothing.

    >>> suggestion("unit_prise", ["unit_price", "amount"])
    '; did you mean "unit_price"?'
    >>> suggestion("q", ["unit_price", "amount"])
    '; known are amount, unit_price'
    """
    close = nearest(name, known) if len(known) <= NAMES_COMPARED_MAX else None
    if close:
        return f'; did you mean "{close}"?'
    if not known:
        return "; none is declared"
    shown = sorted(known)[:NAMES_SHOWN_MAX]
    more = len(known) - len(shown)
    return f"; known are {', '.join(shown)}" + (f" and {more} more" if more else "")


def shown(value: object) -> str:
    """
    Show a value as a person wrote it, cut to 40 characters.

    >>> shown("one"), shown(1), shown(True), shown([1])
    ('"one"', '1', 'true', 'a list')
    """
    match value:
        case str():
            cut = value if len(value) <= VALUE_SHOWN_MAX else value[:VALUE_SHOWN_MAX] + "..."
            return json.dumps(cut, ensure_ascii=False)
        case bool():
            return "true" if value else "false"
        case None:
            return "nothing"
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return str(value)[:VALUE_SHOWN_MAX]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[T]):
    """
    What a field may hold.

    ``convert`` gives None for what is not of this kind; ``expected`` says what would be right;
    ``stand_in`` is what reading goes on with after a problem.
    """

    convert: Callable[[object], T | None]
    expected: str
    stand_in: T


class Fields:
    """
    The fields of one mapping at ``path``.

    Problems go to the list that all readers of a catalog share.
    """

    def __init__(self, body: object, *, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self._known: set[str] = set()
        self._body: Mapping[str, object] = {}
        self._before = len(problems)
        self._is_mapping = isinstance(body, Mapping)
        if isinstance(body, Mapping):
            self._body = body
        else:
            self.note("wrong_type", f"must be a mapping, not {shown(body)}", "")

    @property
    def sound(self) -> bool:
        """Tell whether no problem was noted since this document was opened."""
        return len(self.problems) == self._before

    def note(self, code: str, message: str, name: str) -> None:
        """
        Add a problem about a field (empty: about the whole).

        Raises:
            TooManyProblems: it is the last one that is wanted.
        """
        self.problems.append(Problem(code=code, message=message, field=joined(self.path, name)))
        if len(self.problems) >= PROBLEMS_MAX:
            raise TooManyProblems(f"the documents hold more than {PROBLEMS_MAX} problems")

    def has(self, name: str) -> bool:
        """Tell whether a field is given and not empty; its name counts as known from now on."""
        self._known.add(name)
        return self._body.get(name) is not None

    def raw(self, name: str) -> object:
        """Give a field as it was written, None if absent."""
        self._known.add(name)
        return self._body.get(name)

    def all(self) -> Mapping[str, object]:
        """Give the whole mapping, for whoever reads it instead; all names count as known."""
        self._known.update(self._body)
        return self._body

    def inside(self, name: str) -> "Fields":
        """Open the mapping that a field holds."""
        return Fields(self.raw(name), path=joined(self.path, name), problems=self.problems)

    def items(self, name: str) -> list[object]:
        """Give the items of the list that a field holds; an absent field holds none."""
        return self.read(name, LIST) if self.has(name) else []

    def each(self, name: str) -> Iterator["Fields"]:
        """Open each mapping of the list that a field holds; an absent field holds none."""
        for index, body in enumerate(self.items(name)):
            path = joined(self.path, f"{name}[{index}]")
            yield Fields(body, path=path, problems=self.problems)

    def read(self, name: str, kind: Kind[T]) -> T:
        """Read a field that must be there."""
        if self.has(name):
            return self._converted(name, kind)
        if self._is_mapping:
            self.note("missing_field", f'"{name}" is missing; write {kind.expected}', name)
        return kind.stand_in

    def read_or(self, name: str, kind: Kind[T], default: D) -> T | D:
        """Read a field that may be absent or empty."""
        return self._converted(name, kind) if self.has(name) else default

    def finish(self) -> None:
        """Note every field that was not asked for."""
        for name in self._body:
            if name not in self._known:
                message = f'unknown field "{name}"{suggestion(str(name), self._known)}'
                self.note("unknown_field", message, str(name))

    def _converted(self, name: str, kind: Kind[T]) -> T:
        value = kind.convert(self._body[name])
        if value is None:
            message = f'"{name}" must be {kind.expected}, not {shown(self._body[name])}'
            self.note("wrong_type", message, name)
            return kind.stand_in
        return value


def read_alone(document: Mapping[str, object], read: Callable[[Fields], T]) -> Outcome[T]:
    """
    Read one document by itself.

    Problems:
        unknown_field, and those that ``read`` notes.
    """
    problems: list[Problem] = []
    fields = Fields(document, path="", problems=problems)
    value = read(fields)
    fields.finish()
    return Refused(tuple(problems)) if problems else Done(value)


def choose(fields: Fields, name: str, options: Sequence[str], *, default: str | None = None) -> str:
    """Read one of a few words; without default it must be there."""
    kind = Kind(convert=_text, expected=f"one of {', '.join(options)}", stand_in=options[0])
    value = fields.read(name, kind) if default is None else fields.read_or(name, kind, default)
    if value in options:
        return value
    fields.note(
        "unknown_value", f'"{name}": unknown word "{value}"{suggestion(value, options)}', name
    )
    return options[0]


def verify(fields: Fields, name: str, check: Callable[[str], object]) -> bool:
    """Tell whether ``check`` accepts a text; what it raises as Misuse is the problem noted."""
    value = fields.raw(name)
    if not isinstance(value, str) or not value:
        return False
    try:
        check(value)
    except Misuse as refusal:
        fields.note("wrong_value", f'"{name}": {refusal}', name)
        return False
    return True


def read_interval(fields: Fields, name: str) -> Interval:
    """Read ``month`` or ``{count: 3, of: month}``."""
    words = [unit.value for unit in IntervalUnit]
    body = fields.raw(name)
    if not isinstance(body, Mapping):
        return Interval(count=1, of=IntervalUnit(choose(fields, name, words)))
    inner = fields.inside(name)
    count, of = inner.read("count", WHOLE), IntervalUnit(choose(inner, "of", words))
    inner.finish()
    if count > Interval.COUNT_MAX:
        message = f'"count" must be 1 to {Interval.COUNT_MAX}, not {count}'
        inner.note("wrong_value", message, "count")
        return Interval(count=1, of=of)
    return Interval(count=count, of=of)


def interval_document(interval: Interval) -> object:
    """
    Write an interval as `read_interval` reads it.

    >>> interval_document(Interval(count=3, of=IntervalUnit.MONTH))
    {'count': 3, 'of': 'month'}
    """
    if interval.count == 1:
        return interval.of.value
    return {"count": interval.count, "of": interval.of.value}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _key(value: object) -> str | None:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    return text if isinstance(text, str) and is_key(text) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        return parse_decimal(str(value))
    except Misuse:
        return None


def _days(value: object) -> int | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if isinstance(value, int) and is_whole and 0 <= value <= DAYS_MAX else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _list(value: object) -> list[object] | None:
    return list(value) if isinstance(value, list | tuple) else None


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return instant(value)
    except Misuse:
        return None


def _day(value: object) -> date | None:
    if not isinstance(value, str) or len(value) != len("2026-01-01"):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _moment(value: object) -> date | datetime | None:
    return _day(value) or _instant(value)


TEXT = Kind(convert=_text, expected='text such as "Acme"', stand_in="")
CURRENCY = Kind(convert=_text, expected="a currency of ISO 4217 such as EUR", stand_in="")
ZONE = Kind(convert=_text, expected="an IANA time zone such as Europe/Berlin", stand_in="")
KEY = Kind(
    convert=_key,
    expected="a key of letters, digits and . _ : @ / -, beginning with a letter or digit",
    stand_in="",
)
WHOLE = Kind(convert=_whole, expected="a whole number such as 1", stand_in=1)
NUMBER = Kind(convert=_number, expected='a number such as "10.00"', stand_in=Decimal(1))
DAYS = Kind(convert=_days, expected=f"a number of days from 0 to {DAYS_MAX}", stand_in=0)
FLAG = Kind(convert=_flag, expected="true or false", stand_in=False)
LIST: Kind[list[object]] = Kind(convert=_list, expected="a list", stand_in=[])
INSTANT = Kind(
    convert=_instant, expected='an instant such as "2026-01-01T00:00:00Z"', stand_in=_EPOCH
)
DAY = Kind(convert=_day, expected='a date such as "2026-01-31"', stand_in=_EPOCH.date())
MOMENT: Kind[date | datetime] = Kind(
    convert=_moment,
    expected='a date such as "2026-01-31" or an instant such as "2026-01-31T12:00:00Z"',
    stand_in=_EPOCH,
)
