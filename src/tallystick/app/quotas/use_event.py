"""
A use as the event that reaches the log, of which a meter reads exactly what was decided.

The event has the type that the meter counts and the account as its subject.  Where the meter reads
a path, the quantity is put there; where it reads an expression, the data must say it already.  What
comes out is read by the meter itself: a use of 5 that would be billed as 4 is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import msgspec

from tallystick.app.quotas.asks import UsedEvent
from tallystick.kernel import Done, Outcome, WorkspaceId, instant_text, plain, refuse
from tallystick.metering import Aggregation, Event, Meter, read_event

DATA_BYTES_MAX = 16 * 1024
_CONSUMABLE = frozenset({Aggregation.COUNT, Aggregation.SUM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Whose use it is, and when."""

    workspace: WorkspaceId
    account: str
    at: datetime


def is_consumable(meter: Meter | None) -> bool:
    """Tell whether uses of what a meter counts can be decided one by one."""
    return meter is not None and meter.formula is None and meter.aggregation in _CONSUMABLE


def use_event(use: UsedEvent, meter: Meter, used: Used) -> Outcome[str]:
    """
    Return the event of a use as a JSON text in CloudEvents form.

    Problems:
        wrong_data: with what the meter makes of it, and what to send.
    """
    current = meter_at(meter, used.at)
    data = _with_value(use.data, current, use.quantity)
    if data is None:
        return refuse("wrong_data", f"data has something else at {current.value!r}", "data")
    text = _json(data)
    if len(text) > DATA_BYTES_MAX:
        return refuse("wrong_data", f"data has at most {DATA_BYTES_MAX} bytes", "data")
    event = Event(
        workspace=used.workspace,
        source=use.source,
        id=use.id,
        type=current.event_type,
        subject=used.account,
        sequence="",
        used_at=used.at,
        received_at=used.at,
        data=text,
        position=1,
    )
    reading = read_event(event, current)
    if reading is None or not reading.meterable or reading.value != use.quantity:
        read = "nothing" if reading is None or reading.value is None else plain(reading.value)
        message = (
            f"meter {meter.key!r} would count {read} of this event, not {plain(use.quantity)}; "
            "send the data that its value and filters read, or ask for what it counts"
        )
        return refuse("wrong_data", message, "data")
    document = {
        "specversion": "1.0",
        "id": use.id,
        "source": use.source,
        "type": current.event_type,
        "subject": used.account,
        "time": instant_text(used.at),
        "data": data,
    }
    return Done(_json(document))


def is_use(logged: Event, use: UsedEvent, meter: Meter | None, account: str) -> bool:
    """Tell whether an event of the log is this use of an account, as its meter reads it."""
    if meter is None or logged.subject != account:
        return False
    reading = read_event(logged, meter_at(meter, logged.used_at))
    return reading is not None and reading.meterable and reading.value == use.quantity


def meter_at(meter: Meter, at: datetime) -> Meter:
    """Return the definition of a meter that applies at an instant."""
    current = meter
    for version in meter.later:
        if version.effective_at <= at:
            current = version.meter
    return current


def _with_value(
    data: Mapping[str, object], meter: Meter, quantity: Decimal
) -> dict[str, object] | None:
    """Return data with the quantity at the meter's path; None where another value stands there."""
    found: dict[str, object] = dict(data)
    if not isinstance(meter.value, str):
        return found
    *above, last = meter.value.split(".")
    inner = found
    for name in above:
        below = inner.get(name, {})
        if not isinstance(below, Mapping):
            return None
        copied: dict[str, object] = dict(below)
        inner[name] = copied
        inner = copied
    inner.setdefault(last, quantity)
    return found


def _json(value: object) -> str:
    return _ENCODER.encode(value).decode()


_ENCODER = msgspec.json.Encoder(decimal_format="number")
