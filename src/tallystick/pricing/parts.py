"""
Reading what is more than one number: lists, objects inside an object, instants.

Each function reads one field through the object's `ObjectReader`, notes what is wrong there with
its path, and returns a harmless stand-in for it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tallystick.kernel import Interval, IntervalUnit, Misuse, instant
from tallystick.pricing.models import Tier
from tallystick.pricing.reading import ObjectReader, shown


def read_names(reader: ObjectReader, name: str) -> tuple[str, ...]:
    """Return a list of texts that are not empty."""
    value = reader.value(name)
    if isinstance(value, list | tuple):
        found = tuple(item for item in value if isinstance(item, str) and item)
        if len(found) == len(value):
            return found
    reader.add("wrong_type", f"must be a list of names, not {shown(value)}", name)
    return ()


def read_pairs(reader: ObjectReader, name: str) -> tuple[tuple[str, str], ...]:
    """Return the names and texts of an object of texts."""
    value = reader.value(name)
    if isinstance(value, Mapping):
        found = tuple(
            (key, text)
            for key, text in value.items()
            if isinstance(key, str) and isinstance(text, str)
        )
        if len(found) == len(value):
            return found
    reader.add("wrong_type", f"must be an object of texts, not {shown(value)}", name)
    return ()


def read_numbers(reader: ObjectReader, name: str) -> tuple[Decimal, ...]:
    """Return a list of numbers, each written as text, int or Decimal."""
    value = reader.value(name)
    if not isinstance(value, list | tuple):
        reader.add("wrong_type", f"must be a list of numbers, not {shown(value)}", name)
        return ()
    inner = ObjectReader({f"{name}[{at}]": item for at, item in enumerate(value)})
    numbers = tuple(inner.decimal(f"{name}[{at}]") for at in range(len(value)))
    reader.add_all(inner.problems)
    return numbers


def read_named_numbers(reader: ObjectReader, name: str) -> tuple[tuple[str, Decimal], ...]:
    """Return the names and numbers of an object of numbers."""
    inner = read_inside(reader, name)
    if inner is None:
        return ()
    body = reader.value(name)
    names = [str(each) for each in body] if isinstance(body, Mapping) else []
    found = tuple((each, inner.decimal(each)) for each in names)
    reader.problems += inner.problems
    return found


def read_moment(reader: ObjectReader, name: str) -> datetime:
    """Return the instant of a field."""
    value = reader.value(name)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        return instant(value if isinstance(value, str) else "")
    except Misuse:
        message = f"must be an instant such as 2026-01-01T00:00:00Z, not {shown(value)}"
        reader.add("not_an_instant", message, name)
        return datetime.min.replace(tzinfo=UTC)


def read_objects(reader: ObjectReader, name: str) -> Iterator[ObjectReader]:
    """Yield a reader for each object of a list."""
    value = reader.value(name)
    if not isinstance(value, list | tuple):
        reader.add("wrong_type", f"must be a list of objects, not {shown(value)}", name)
        return
    for index, item in enumerate(value):
        if isinstance(item, Mapping):
            yield reader.at(item, f"{name}[{index}]")
        else:
            message = f"must be an object, not {shown(item)}"
            reader.add("wrong_type", message, f"{name}[{index}]")


def read_inside(reader: ObjectReader, name: str) -> ObjectReader | None:
    """Return a reader for an object inside this one; None where there is none."""
    value = reader.value(name)
    if isinstance(value, Mapping):
        return reader.at(value, name)
    reader.add("wrong_type", f"must be an object, not {shown(value)}", name)
    return None


def read_interval(reader: ObjectReader, name: str) -> Interval:
    """Return an interval, written as ``quarter`` or ``{count: 2, of: week}``."""
    once = Interval(count=1, of=IntervalUnit.MONTH)
    if isinstance(reader.value(name), str):
        return replace(once, of=_interval_unit(reader, name))
    inner = read_inside(reader, name)
    if inner is None:
        return once
    count, of = inner.whole("count"), _interval_unit(inner, "of")
    if not 1 <= count <= Interval.COUNT_MAX:
        inner.add("out_of_range", f"must be 1 to {Interval.COUNT_MAX}, not {count}", "count")
        count = 1
    inner.refuse_unknown()
    reader.problems += inner.problems
    return Interval(count=count, of=of)


def written_interval(interval: Interval) -> object:
    """Return an interval as a document has it."""
    if interval.count == 1:
        return interval.of.value
    return {"count": interval.count, "of": interval.of.value}


def _interval_unit(reader: ObjectReader, name: str) -> IntervalUnit:
    word = reader.text(name)
    units = [unit.value for unit in IntervalUnit]
    if word in units:
        return IntervalUnit(word)
    if word:
        message = f"{word[:60]!r} is no interval; known are {', '.join(units)}"
        reader.add("unknown_interval", message, name)
    return IntervalUnit.MONTH


def read_tiers(reader: ObjectReader, name: str) -> tuple[Tier, ...]:
    """Return a list of tiers: ``up_to``, ``unit_price``, ``flat``, ``package_size``."""
    return tuple(_tier(reader, part) for part in read_objects(reader, name))


def _tier(reader: ObjectReader, part: ObjectReader) -> Tier:
    tier = Tier(
        up_to=part.decimal("up_to") if part.has("up_to") else None,
        unit_price=part.decimal("unit_price") if part.has("unit_price") else Decimal(0),
        flat=part.decimal("flat") if part.has("flat") else Decimal(0),
        package_size=part.decimal("package_size") if part.has("package_size") else None,
    )
    part.refuse_unknown()
    reader.problems += part.problems
    return tier
