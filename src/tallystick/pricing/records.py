"""
Dataclasses as objects of a document, field by field and by type.

A model, a tier, a discount: what a document says of it stands under the names of its fields, and
each is read as its type asks. A field with a default may be left out, and one that equals its
default is not written. So a new model needs no line of its own for documents.
"""

import types
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, Union, get_args, get_origin

from tallystick.kernel import instant_text, plain
from tallystick.pricing.models import Tier
from tallystick.pricing.parts import (
    read_inside,
    read_moment,
    read_names,
    read_objects,
    read_pairs,
    read_tiers,
)
from tallystick.pricing.reading import ObjectReader
from tallystick.pricing.validity import InvalidPrice

T = TypeVar("T")
_TEXT_PAIRS = tuple[tuple[str, str], ...]
_READERS: dict[object, Callable[[ObjectReader, str], Any]] = {
    Decimal: ObjectReader.decimal,
    bool: ObjectReader.flag,
    int: ObjectReader.whole,
    str: ObjectReader.text,
    datetime: read_moment,
    tuple[str, ...]: read_names,
    tuple[Tier, ...]: read_tiers,
    _TEXT_PAIRS: read_pairs,
}


def own_fields(of: Any) -> tuple[Field[Any], ...]:  # noqa: ANN401 - any dataclass or its type
    """Return the fields that a caller sets, without the derived ones."""
    return tuple(field for field in fields(of) if field.init)


def read_record(reader: ObjectReader, type_: type[T]) -> T | None:
    """
    Return the dataclass that an object describes; None where problems were noted.

    Args:
        reader: of the object; fields that nobody asks for are left to the caller.
        type_: the dataclass, whose faults become problems.
    """
    before = len(reader.problems)
    arguments = {
        field.name: read_value(reader, field.name, field.type)
        for field in own_fields(type_)
        if reader.has(field.name) or field.default is MISSING
    }
    if len(reader.problems) > before:
        return None
    try:
        return type_(**arguments)
    except InvalidPrice as error:
        reader.add_all(error.problems)
        return None


def read_value(reader: ObjectReader, name: str, type_: object) -> Any:  # noqa: ANN401 - of that type
    """Return the field of an object as its type asks; a stand-in where a problem was noted."""
    wanted = _without_none(type_)
    if wanted in _READERS:
        return _READERS[wanted](reader, name)
    if get_origin(wanted) is tuple:
        inner = get_args(wanted)[0]
        found = [_read_inner(reader, part, inner) for part in read_objects(reader, name)]
        return tuple(item for item in found if item is not None)
    part = read_inside(reader, name)
    return None if part is None else _read_inner(reader, part, wanted)


def _read_inner(reader: ObjectReader, part: ObjectReader, type_: Any) -> Any:  # noqa: ANN401 - a dataclass
    found = read_record(part, type_)
    part.refuse_unknown()
    reader.problems += part.problems
    return found


def written_record(value: object) -> dict[str, object]:
    """Return the fields of a dataclass that differ from their defaults, as a document has them."""
    return {
        field.name: written_value(getattr(value, field.name), field.type)
        for field in own_fields(value)
        if field.default is MISSING or getattr(value, field.name) != field.default
    }


def written_value(value: Any, type_: object = None) -> object:  # noqa: ANN401 - any field
    """Return a value as a document has it: numbers and instants as text, dataclasses as objects."""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return instant_text(value)
    if type_ == _TEXT_PAIRS:
        return dict(value)
    if isinstance(value, tuple):
        return [written_value(item) for item in value]
    if is_dataclass(value):
        # An open bound has no default; leaving it out says the same.
        return {name: item for name, item in written_record(value).items() if item is not None}
    return value


def _without_none(type_: object) -> object:
    if get_origin(type_) in {Union, types.UnionType}:
        return next(part for part in get_args(type_) if part is not type(None))
    return type_
