"""
Meters made of meters: a formula over others, and versions that apply from an instant on.

Both are answered from the rows of simple meters, whoever computes those: the reference folds or a
store. So a formula and a change of version mean the same everywhere.

**A formula** is evaluated once for each window and group, over the quantities of its meters there,
exactly; a meter without usage is 0. Where it is undefined (a division by 0) the row has quantity 0
and all its events are unmeterable. Its quantities never add: ask for the whole window.

    input + 3 * output     of 1,000 and 200 tokens: 1,600

**A version** applies from its instant on. For a meter that adds, a window across the instant is the
sum of both parts, each by its own definition. For one that does not, a window is measured by the
version in force when it starts: a change takes effect with the next window.

Evidence of such a row is the sum over its parts: an event behind two of them counts twice.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from tallystick.expressions import Undefined
from tallystick.kernel import InvariantBroken, MeterKey, Period
from tallystick.metering.aggregations import RULES, add_folds
from tallystick.metering.evidence import Evidence, digest_text
from tallystick.metering.fold import ZERO, Fold, exact_sum
from tallystick.metering.formula import key_of_name
from tallystick.metering.meter import Filter, Formula, Meter, MeterVersion
from tallystick.metering.usage import UsageQuery, UsageRow

Ask: TypeAlias = Callable[[UsageQuery], list[UsageRow]]
"""Answers a query for a simple meter."""

# Rows of a window (by its place in the query) and group, by the number of the part.
_Found: TypeAlias = dict[tuple[int, tuple[str, ...]], dict[int, UsageRow]]


def answered(query: UsageQuery, ask: Ask) -> list[UsageRow]:
    """Return the rows of a query, asking for those of simple meters."""
    if is_simple(query.meter):
        return ask(query)
    found: _Found = {}
    for number, (part, indices) in enumerate(_split(query)):
        for row in answered(part, ask):
            for index in indices[row.window]:
                found.setdefault((index, row.group), {})[number] = row
    combine = _by_version if query.meter.later else _by_formula
    rows = list(_combined(query, found, lambda parts: combine(query.meter, parts)))
    return rows if query.rows_max is None else rows[: query.rows_max + 1]


def simple_queries(query: UsageQuery) -> Iterator[UsageQuery]:
    """Yield the queries for simple meters that a query comes to."""
    if is_simple(query.meter):
        yield query
        return
    for part, _indices in _split(query):
        yield from simple_queries(part)


def is_simple(meter: Meter) -> bool:
    """Say whether a meter is folded from events alone, by one definition."""
    return meter.formula is None and not meter.later


def event_types(meter: Meter) -> frozenset[str]:
    """
    Return the types of all events that a meter may count.

    Example:
        >>> from tallystick.kernel import MeterKey
        >>> from tallystick.metering.meter import Aggregation
        >>> calls = Meter(key=MeterKey("calls"), event_type="call", unit="call", value=None,
        ...               aggregation=Aggregation.COUNT)
        >>> sorted(event_types(calls))
        ['call']
    """
    return frozenset(one.event_type for one in definitions_of(meter))


def definitions_of(meter: Meter) -> tuple[Meter, ...]:
    """Return the simple meters that a meter is made of, in the order of its versions."""
    if meter.later:
        inner = (replace(meter, later=()), *(version.meter for version in meter.later))
    elif meter.formula is not None:
        inner = meter.formula.meters
    else:
        return (meter,)
    return tuple(simple for one in inner for simple in definitions_of(one))


def with_named_meters(meters: Iterable[Meter]) -> tuple[Meter, ...]:
    """
    Return meters and all that their formulas name, each once, the named ones before the formula.

    Those that are named come first, by key, so that the order depends on nothing else.
    """
    found: dict[MeterKey, Meter] = {}
    for meter in meters:
        for definition in (meter, *(version.meter for version in meter.later)):
            if definition.formula is not None:
                inner = sorted(definition.formula.meters, key=lambda one: one.key)
                found.update({one.key: one for one in with_named_meters(inner)})
        found[meter.key] = meter
    return tuple(found.values())


def narrow(meter: Meter, filters: Iterable[Filter]) -> Meter:
    """Return a meter with further filters, in every meter and version that it is made of."""
    more = tuple(filters)
    formula = meter.formula
    if formula is not None:
        inner = tuple(narrow(part, more) for part in formula.meters)
        formula = Formula(expression=formula.expression, meters=inner)
    return replace(
        meter,
        filters=(*meter.filters, *more),
        formula=formula,
        later=tuple(
            MeterVersion(effective_at=one.effective_at, meter=narrow(one.meter, more))
            for one in meter.later
        ),
    )


def known_at(meter: Meter, at: datetime) -> Meter:
    """Return a meter with the versions alone that apply before or at an instant."""
    return replace(meter, later=tuple(one for one in meter.later if one.effective_at <= at))


def _split(query: UsageQuery) -> Iterator[tuple[UsageQuery, Mapping[Period, Sequence[int]]]]:
    """Yield a query's parts, with which of the query's windows each part of a window belongs to."""
    meter = query.meter
    whole = list(enumerate(query.windows))
    if meter.later:
        parts = list(_versions(query))
    elif meter.formula is not None:
        parts = [(part, whole) for part in meter.formula.meters]
    else:
        raise InvariantBroken(f"meter {meter.key} has no parts")
    for part, pieces in parts:
        indices: dict[Period, list[int]] = {}
        for index, piece in pieces:
            indices.setdefault(piece, []).append(index)
        if indices:
            zones = tuple(query.zone_of(places[0]) for places in indices.values())
            windows = tuple(indices)
            yield replace(query, meter=part, windows=windows, zones=zones, rows_max=None), indices


def _versions(query: UsageQuery) -> Iterator[tuple[Meter, list[tuple[int, Period]]]]:
    """Yield each version, with the parts of windows that it measures."""
    meter = query.meter
    definitions = [replace(meter, later=()), *(one.meter for one in meter.later)]
    instants = [one.effective_at for one in meter.later]
    adds = RULES[meter.aggregation].adds
    for number, definition in enumerate(definitions):
        start = instants[number - 1] if number else None
        end = instants[number] if number < len(instants) else None
        parts: list[tuple[int, Period]] = []
        for index, window in enumerate(query.windows):
            first = window.start if start is None else max(start, window.start)
            last = window.end if end is None else min(end, window.end)
            if adds and first < last:
                parts.append((index, Period(start=first, end=last)))
            elif not adds and first <= window.start and (end is None or window.start < end):
                parts.append((index, window))
        yield definition, parts


def _combined(
    query: UsageQuery, found: _Found, combine: Callable[[Mapping[int, UsageRow]], Fold]
) -> Iterator[UsageRow]:
    groups: dict[int, list[tuple[str, ...]]] = {}
    for index, group in found:
        groups.setdefault(index, []).append(group)
    for index, window in enumerate(query.windows):
        for group in sorted(groups.get(index, [])):
            parts = found[index, group]
            fold = combine(parts)
            if query.group_by and not query.silent and fold.is_empty:
                continue
            evidence = _added([row.evidence for row in parts.values() if row.evidence])
            yield UsageRow(
                window=window,
                group=group,
                fold=fold,
                evidence=evidence if query.evidence else None,
            )


def _by_version(meter: Meter, parts: Mapping[int, UsageRow]) -> Fold:
    folds = [row.fold for row in parts.values()]
    return folds[0] if len(folds) == 1 else add_folds(folds, meter)


def _by_formula(meter: Meter, parts: Mapping[int, UsageRow]) -> Fold:
    if meter.formula is None:
        raise InvariantBroken(f"meter {meter.key} has no formula")
    quantities = {
        str(part.key): _quantity(parts[number].fold) if number in parts else Fraction(0)
        for number, part in enumerate(meter.formula.meters)
    }
    found = meter.formula.expression.value(lambda path: quantities[key_of_name(path)])
    value = found if isinstance(found, Fraction) else Fraction(0)
    folds = [row.fold for row in parts.values()]
    events = sum(fold.events for fold in folds)
    undefined = isinstance(found, Undefined)
    return Fold(
        numerator=Decimal(value.numerator) or ZERO,
        denominator=Decimal(value.denominator),
        events=0 if undefined else events,
        unmeterable=sum(fold.unmeterable for fold in folds) + (events if undefined else 0),
        gap_seconds=exact_sum(fold.gap_seconds for fold in folds),
        gaps=sum(fold.gaps for fold in folds),
    )


def _quantity(fold: Fold) -> Fraction:
    if not fold.numerator or not fold.denominator:
        return Fraction(0)
    return Fraction(fold.numerator) / Fraction(fold.denominator)


def _added(parts: Sequence[Evidence]) -> Evidence:
    positions = [one.first_position for one in parts if one.first_position]
    return Evidence(
        events=sum(one.events for one in parts),
        digest=digest_text(sum(int(one.digest, 16) for one in parts)),
        first_position=min(positions, default=0),
        last_position=max((one.last_position for one in parts), default=0),
    )
