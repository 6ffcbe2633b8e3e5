"""
Personal paths of a type, and what meters may read at them.

At a personal path stands a pseudonym in the place of the value, so that a meter sees which values
are equal and nothing else: it may count distinct ones, group by them, and ask whether there is one.
What needs the value itself would read nothing, or compare with what never stands there, and is
refused: a number, an expression, a filter with the value written out (which would be personal data
in the catalog), and whatever lies below the path.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping

from tallystick.catalog.catalog import Catalog
from tallystick.catalog.difference import Action, Change
from tallystick.catalog.fields import LIST, TEXT, Fields, shown
from tallystick.expressions import Expression
from tallystick.kernel import MeterKey, Problem
from tallystick.metering import DATA, RESERVED_TYPES, Filter, Meter, definitions_of, is_path
from tallystick.personal import (
    PATHS_MAX,
    DeclaredPaths,
    is_at_or_below,
    is_pseudonym,
    overlapping,
)

TYPE_LENGTH_MAX = 256


def read_personal(fields: Fields) -> DeclaredPaths:
    """Read which paths of a type are personal; an empty list ends it for what is sent later."""
    event_type = fields.read("event_type", TEXT)
    possible = len(event_type) <= TYPE_LENGTH_MAX and event_type.isprintable()
    if event_type.startswith(RESERVED_TYPES) or not possible:
        message = f'"event_type" must be the type of events that are sent, not {shown(event_type)}'
        fields.note("wrong_value", message, "event_type")
    paths: list[str] = []
    listed = fields.read("paths", LIST)
    for index, path in enumerate(listed):
        if isinstance(path, str) and is_path(path) and path.isprintable():
            paths.append(path)
        else:
            message = f"must be a path such as user.email, not {shown(path)}"
            fields.note("bad_path", message, f"paths[{index}]")
    if len(paths) > PATHS_MAX:
        fields.note("too_many", f'"paths" has at most {PATHS_MAX} of a type', "paths")
    found = overlapping(paths)
    if found is not None:
        message = f'"paths": {shown(found[0])} is {shown(found[1])} or lies below it'
        fields.note("wrong_value", message, "paths")
    return DeclaredPaths(event_type=event_type, paths=tuple(sorted(paths)))


def personal_problems(
    changes: Iterable[Change],
    *,
    stored: Catalog,
    wanted: Catalog,
    paths: Mapping[tuple[str, Hashable], str],
) -> tuple[Problem, ...]:
    """
    Give a problem for each meter that would read a personal path otherwise than as a pseudonym.

    Problems:
        personal_path: with the path of the meter's field if the meter is changed, else of the
            declaration.
    """
    different = {
        (change.of, change.identity) for change in changes if change.action is not Action.UNCHANGED
    }
    declared = {**stored.personal_data, **wanted.personal_data}
    meters = {**stored.meters, **wanted.meters}
    return tuple(
        _problem(meter, said, paths, is_changed=("meters", meter.key) in different)
        for meter in meters.values()
        for one in definitions_of(meter)
        for personal in (declared.get(one.event_type),)
        if personal is not None
        and {("meters", meter.key), ("personal_data", personal.event_type)} & different
        for said in _misreadings(one, personal)
    )


def _problem(
    meter: Meter,
    said: tuple[str, str, DeclaredPaths],
    paths: Mapping[tuple[str, Hashable], str],
    *,
    is_changed: bool,
) -> Problem:
    field, why, personal = said
    message = f"{meter.key}: {why}, and it is personal data of {personal.event_type}"
    if is_changed and ("meters", MeterKey(meter.key)) in paths:
        return Problem(
            code="personal_path", message=message, field=f"{paths['meters', meter.key]}.{field}"
        )
    place = paths["personal_data", personal.event_type]
    return Problem(code="personal_path", message=message, field=f"{place}.paths")


def _misreadings(meter: Meter, personal: DeclaredPaths) -> Iterator[tuple[str, str, DeclaredPaths]]:
    """Yield the fields of a meter that need the value at a personal path, and what they need."""
    for path in personal.paths:
        for field, why in (
            *_value(meter, path),
            *_expressions(meter, path),
            *(found for each in meter.filters for found in _filter(each, path)),
            *_below("dimensions", [each.path for each in meter.dimensions], path),
            *_below("epoch", [meter.epoch] if meter.epoch else [], path),
        ):
            yield field, why, personal


def _value(meter: Meter, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(meter.value, str) and is_at_or_below(meter.value, path):
        if not meter.reads_text:
            yield "value", f"takes a number from {meter.value}"
        else:
            yield from _below("value", [meter.value], path)


def _expressions(meter: Meter, path: str) -> Iterator[tuple[str, str]]:
    value = [meter.value] if isinstance(meter.value, Expression) else []
    for field, expressions in (("value", value), ("filters", [*meter.conditions])):
        for expression in expressions:
            for name in expression.names:
                read = ".".join(name.path[1:])
                if name.path[0] == DATA and is_at_or_below(read, path):
                    yield field, f"computes with {read}"


def _filter(condition: Filter, path: str) -> Iterator[tuple[str, str]]:
    yield from _below("filters", [condition.path], path)
    if condition.path == path and not all(map(is_pseudonym, condition.values)):
        yield "filters", f"compares {path} with a value"


def _below(field: str, read: Iterable[str], path: str) -> Iterator[tuple[str, str]]:
    for each in read:
        if each != path and is_at_or_below(each, path):
            yield field, f"reads {each} inside of {path}"
