"""Events and meters for tests, with defaults for what a test does not care about."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec

from tallystick.expressions import Expression, Kind
from tallystick.kernel import Done, MeterKey, Period, SubjectSpan
from tallystick.metering import Aggregation, Event, Meter, Peak, PeakPer, event_expression

START = datetime(2026, 1, 1, tzinfo=UTC)
FOLDED = tuple(one for one in Aggregation if one is not Aggregation.FORMULA)
"""What is folded from events; a formula is made of quantities."""

_NUMBERS = count(1)


def at(seconds: float | str) -> datetime:
    """Return an instant: seconds after the start, or a clock time of that day."""
    if isinstance(seconds, str):
        return datetime.fromisoformat(f"2026-01-01T{seconds}+00:00")
    return START + timedelta(seconds=seconds)


def window(start: float | str, end: float | str) -> Period:
    """Return a half-open window between two such instants."""
    return Period(start=at(start), end=at(end))


def span(subject: str, start: float | None = None, end: float | None = None) -> SubjectSpan:
    """Return the span of a subject, open where nothing is given."""
    return SubjectSpan(
        subject=subject,
        start=None if start is None else at(start),
        end=None if end is None else at(end),
    )


def event(seconds: float | str, data: str = "{}", **fields: Any) -> Event:  # noqa: ANN401 (any field)
    """Return an event; without an id each is another, positions follow creation."""
    number = next(_NUMBERS)
    given: dict[str, Any] = {
        "workspace": "w",
        "source": "s",
        "id": str(number),
        "type": "t",
        "subject": "vm-1",
        "used_at": at(seconds),
        "received_at": START,
        "sequence": "",
        "data": data,
        "position": number,
    }
    return Event(**(given | fields))


def meter(aggregation: str, value: str | Expression | None = "v", **fields: Any) -> Meter:  # noqa: ANN401 (any field)
    """Return a meter over the events that ``event`` makes."""
    given: dict[str, Any] = {
        "key": MeterKey("m"),
        "event_type": "t",
        "aggregation": Aggregation(aggregation),
        "value": None if aggregation == "count" else value,
        "unit": "request",
        "percentile": Decimal(50) if aggregation == "percentile" else None,
        "peak": Peak(per=PeakPer.HOUR) if aggregation == "peak" else None,
    }
    return Meter(**(given | fields))


def computed(text: str, kind: Kind = Kind.NUMBER) -> Expression:
    """Return an expression over an event."""
    outcome = event_expression(text, kind)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def readings(values: dict[float | str, object], **fields: Any) -> list[Event]:  # noqa: ANN401 (any field)
    """Return events with the values at instants; a value may be a number's text or any JSON."""
    return [event(seconds, _data(value), **fields) for seconds, value in values.items()]


def _data(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return f'{{"v":{text}}}'
