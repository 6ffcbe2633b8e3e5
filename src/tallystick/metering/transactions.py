"""
The single values behind a sum, for prices that look at each transaction.

They stand in the order in which events count: by the instant of use, then sequence, source and id,
never by arrival. So a payment that is reported late takes the place that it would have had.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from tallystick.kernel import Misuse, Period, from_micros
from tallystick.metering.composing import simple_queries
from tallystick.metering.event import Event, event_order
from tallystick.metering.fold import ZERO
from tallystick.metering.meter import Aggregation, Meter
from tallystick.metering.reading import Reading
from tallystick.metering.series import belonging_of, gather_series, take_strands
from tallystick.metering.usage import SUBJECT, UsageQuery

Place = tuple[Period, tuple[str, ...]]


def has_transactions(meter: Meter) -> bool:
    """
    Say whether each event of a meter is a value of its own, and the quantity is their sum.

    Example:
        >>> from tallystick.kernel import MeterKey
        >>> paid = Meter(key=MeterKey("paid"), event_type="paid", unit="count", value="amount",
        ...              aggregation=Aggregation.SUM)
        >>> has_transactions(paid)
        True
    """
    definitions = (meter, *(version.meter for version in meter.later))
    return all(
        each.aggregation in {Aggregation.SUM, Aggregation.COUNT} and each.formula is None
        for each in definitions
    )


def transactions(query: UsageQuery, events: Iterable[Event]) -> Mapping[Place, tuple[Decimal, ...]]:
    """
    Return the values behind each row of a query, by window and group, in event order.

    Args:
        query: for a meter that `has_transactions`; its windows do not overlap.
        events: at least those the rows rest on, of any order; each once.

    Raises:
        Misuse: a meter whose quantity is no sum of its events' values.
    """
    if not has_transactions(query.meter):
        raise Misuse(f"meter {query.meter.key} is no sum of the values of its events")
    known = [
        event
        for event in events
        if event.workspace == query.workspace
        and (query.through is None or event.position <= query.through)
    ]
    found: dict[Place, list[Reading]] = {}
    for simple in simple_queries(query):
        belonging = belonging_of(simple.spans, others=simple.others)
        names = [part.name for part in simple.meter.dimensions]
        for series in gather_series(known, simple.meter):
            texts = dict(zip(names, series.dimensions, strict=True)) | {SUBJECT: series.subject}
            group = tuple(texts[name] for name in query.group_by)
            for window in simple.windows:
                for strand in take_strands(series, window, belonging):
                    for reading in strand.readings:
                        place = (_window(query, reading), group)
                        found.setdefault(place, []).append(reading)
    return {
        place: tuple(reading.value or ZERO for reading in sorted(readings, key=_order))
        for place, readings in found.items()
    }


def _window(query: UsageQuery, reading: Reading) -> Period:
    at = from_micros(reading.at)
    return next(window for window in query.windows if window.contains(at))


def _order(reading: Reading) -> tuple[object, ...]:
    return event_order(reading.event)
