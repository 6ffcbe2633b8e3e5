"""
Why a meter counts an event, or does not: filter by filter, with what stands in the event.

This says in words what `read_event` decides, and asks `read_event` itself for each part, so that it
cannot say otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tallystick.expressions import Expression
from tallystick.metering.event import Event
from tallystick.metering.meter import Dimension, Filter, Meter
from tallystick.metering.reading import decide, read_event


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterCheck:
    """
    One filter of a meter, the text that the event has at its path, and whether it holds.

    Of an expression the text is ``true``, ``false``, or why it cannot be decided; then it leaves
    the event in, which is unmeterable.
    """

    filter: Filter | Expression
    text: str
    holds: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterMatch:
    """
    What a meter makes of an event.

    Attributes:
        of_type: whether the event is of the meter's type; if not, nothing else was looked at.
        filters: each of the meter's, in its order.
        text: what stands at the path of the value; empty for nothing, or where there is no path.
        value: the number read; None where there is none or the meter takes texts.
        dimensions: by name.
        meterable: whether type, filters and value are all as the meter needs them: then it counts.
    """

    of_type: bool
    filters: tuple[FilterCheck, ...] = ()
    text: str = ""
    value: Decimal | None = None
    dimensions: Mapping[str, str]
    meterable: bool = False

    @property
    def matches(self) -> bool:
        """Whether type and filters let the event in; it may be unmeterable then."""
        return self.of_type and all(check.holds for check in self.filters)


def match_event(event: Event, meter: Meter) -> MeterMatch:
    """
    Return what a meter makes of an event, and why.

    Example:
        >>> from tallystick.kernel import MeterKey, from_micros
        >>> from tallystick.metering.meter import Aggregation
        >>> meter = Meter(key=MeterKey("ok"), event_type="call", aggregation=Aggregation.COUNT,
        ...               value=None, unit="call",
        ...               filters=(Filter(path="status", op="eq", values=("200",)),))
        >>> event = Event(workspace="w", source="s", id="1", type="call", subject="", sequence="",
        ...               used_at=from_micros(0), received_at=from_micros(0), position=1,
        ...               data='{"status": 500}')
        >>> found = match_event(event, meter)
        >>> found.matches, found.filters[0].text, found.filters[0].holds
        (False, '500', False)
    """
    if event.type != meter.event_type:
        return MeterMatch(of_type=False, dimensions={})
    looked = tuple(
        Dimension(name=str(place), path=each.path) for place, each in enumerate(meter.filters)
    )
    own = meter.dimensions
    reading = read_event(
        event, replace(meter, filters=(), conditions=(), dimensions=(*looked, *own))
    )
    if reading is None:
        return MeterMatch(of_type=False, dimensions={})
    checks = tuple(
        FilterCheck(
            filter=each,
            text=text,
            holds=read_event(event, replace(meter, filters=(each,), conditions=())) is not None,
        )
        for each, text in zip(meter.filters, reading.dimensions, strict=False)
    )
    decided = {condition: decide(event, condition) for condition in meter.conditions}
    checks += tuple(
        FilterCheck(filter=condition, text=text, holds=text != "false")
        for condition, text in decided.items()
    )
    undecided = any(text not in {"true", "false"} for text in decided.values())
    texts = reading.dimensions[len(looked) :]
    return MeterMatch(
        of_type=True,
        filters=checks,
        text=reading.text,
        value=reading.value,
        dimensions=dict(zip((part.name for part in own), texts, strict=True)),
        meterable=reading.meterable and all(check.holds for check in checks) and not undecided,
    )
