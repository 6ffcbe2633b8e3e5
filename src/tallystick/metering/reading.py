"""
What a meter reads from one event: the value, the dimensions, the epoch.

The text of a path is the content of a string, the digits of a number as written, ``true`` or
``false``; it is empty for what is missing, null, an array or an object. A value is read from such a
text where it has at most 20 integer and 18 fraction digits and no exponent; a string of digits is a
value as well. Whatever else stands there makes the event *unmeterable*: it is counted as such and
never read as 0.

A value may be computed by an expression instead. The exact result is rounded once, to 18 places,
half away from zero; a result that is undefined or has more than 20 digits before the point makes
the event unmeterable.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import partial

import msgspec

from tallystick.expressions import Expression, Undefined, decimal_of
from tallystick.kernel import micros
from tallystick.metering.derived import DATA
from tallystick.metering.event import Event
from tallystick.metering.fold import ONE, ZERO
from tallystick.metering.meter import Filter, Meter

VALUE_BOUND = 10**20
VALUE_PATTERN = r"-?[0-9]{1,20}(\.[0-9]{1,18})?"

_VALUE = re.compile(VALUE_PATTERN)
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_STRING = msgspec.json.Decoder(str)
_NOT_TEXT = frozenset(b"{[n")


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a meter reads from one event.

    Attributes:
        event: the event.
        at: its instant, microseconds since 1970.
        value: the number; None where there is none or the meter takes texts.
        text: the text at the value's path.
        dimensions: the texts of the meter's dimensions, in its order.
        epoch: the text of the counter's epoch; empty for none.
        meterable: whether the meter can use the event.
    """

    event: Event
    at: int
    value: Decimal | None
    text: str
    dimensions: tuple[str, ...]
    epoch: str
    meterable: bool


def read_event(event: Event, meter: Meter) -> Reading | None:
    """
    Return what a meter reads from an event, or None when type or filters leave it out.

    Example:
        >>> from tallystick.kernel import MeterKey, from_micros
        >>> from tallystick.metering.meter import Aggregation
        >>> sent = Meter(key=MeterKey("sent"), event_type="sent", aggregation=Aggregation.SUM,
        ...              value="bytes", unit="byte")
        >>> event = Event(workspace="w", source="s", id="1", type="sent", subject="", sequence="",
        ...               used_at=from_micros(0), received_at=from_micros(0), position=1,
        ...               data='{"bytes": 1.50}')
        >>> read_event(event, sent).value
        Decimal('1.50')
    """
    if event.type != meter.event_type:
        return None
    members = _members(event.data.encode())
    if not all(_passes(members, condition) for condition in meter.filters):
        return None
    text, value = _value(members, event, meter)
    decided = _conditions_hold(members, event, meter)
    if decided is False:
        return None
    return Reading(
        event=event,
        at=micros(event.used_at),
        value=value,
        text=text,
        dimensions=tuple(_text_at(members, part.path) for part in meter.dimensions),
        epoch="" if meter.epoch is None else _text_at(members, meter.epoch),
        meterable=decided is True and (bool(text) if meter.reads_text else value is not None),
    )


def decide(event: Event, condition: Expression) -> str:
    """Return ``true`` or ``false``, or the code of why a condition cannot be decided."""
    lookup = partial(_text_of_name, _members(event.data.encode()), event)
    found = condition.value(lookup)
    return found.code if isinstance(found, Undefined) else str(found).lower()


def _members(content: bytes | msgspec.Raw) -> dict[str, msgspec.Raw]:
    """Return the members of a JSON object; none for whatever is no object."""
    try:
        return _MEMBERS.decode(content)
    except msgspec.DecodeError:
        return {}


def _text_at(members: dict[str, msgspec.Raw], path: str) -> str:
    return _text_of(members, path.split("."))


def _text_of(members: dict[str, msgspec.Raw], path: Sequence[str]) -> str:
    *parents, name = path
    for parent in parents:
        members = _members(members.get(parent, b""))
    raw = bytes(members.get(name, b""))
    if not raw or raw[0] in _NOT_TEXT:
        return ""
    return _STRING.decode(raw) if raw[:1] == b'"' else raw.decode()


def _value(
    members: dict[str, msgspec.Raw], event: Event, meter: Meter
) -> tuple[str, Decimal | None]:
    """Return the text and the number of an event; the text of a computed number is empty."""
    if isinstance(meter.value, Expression):
        found = meter.value.value(partial(_text_of_name, members, event))
        if isinstance(found, str):
            return found, None
        return "", _admitted(_decimal(found), meter) if isinstance(found, Fraction) else None
    text = "" if meter.value is None else _text_at(members, meter.value)
    return text, None if meter.reads_text else _number(text, meter)


def _conditions_hold(members: dict[str, msgspec.Raw], event: Event, meter: Meter) -> bool | None:
    """Return False where one condition is false, None where one cannot be decided."""
    lookup = partial(_text_of_name, members, event)
    found = [condition.value(lookup) for condition in meter.conditions]
    if False in found:
        return False
    return True if all(each is True for each in found) else None


def _text_of_name(members: dict[str, msgspec.Raw], event: Event, path: tuple[str, ...]) -> str:
    if path[0] == DATA:
        return _text_of(members, path[1:])
    return {"subject": event.subject, "source": event.source}[path[0]]


def _decimal(found: Fraction) -> Decimal | None:
    """Return a computed number to 18 places, or None where it has more than 20 digits before."""
    if abs(found) >= VALUE_BOUND:
        return None
    value = decimal_of(found)
    return value if -VALUE_BOUND < value < VALUE_BOUND else None


def _passes(members: dict[str, msgspec.Raw], condition: Filter) -> bool:
    text = _text_at(members, condition.path)
    if condition.op == "exists":
        return bool(text)
    return (text in condition.values) is (condition.op != "ne")


def _number(text: str, meter: Meter) -> Decimal | None:
    if meter.value is None:
        return ONE
    if _VALUE.fullmatch(text) is None:
        return None
    return _admitted(Decimal(text) or ZERO, meter)


def _admitted(value: Decimal | None, meter: Meter) -> Decimal | None:
    negative = value is not None and value < 0
    return None if negative and not meter.negative_allowed else value
