"""A question that reaches into a time of which events were removed is refused, not half told."""

from collections.abc import Iterable
from datetime import datetime

from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Problem, instant_text
from tallystick.metering import Meter, event_types


def removed_problem(uow: UnitOfWork, meters: Iterable[Meter], *, start: datetime) -> Problem | None:
    """
    Return why usage from an instant on cannot be told, in a unit of work that is open.

    Problems:
        usage_removed: events of a meter that were used then may be gone; ask from later on.
    """
    floors = {floor.event_type: floor.removed_before for floor in uow.retention.floors()}
    for meter in meters:
        for event_type in sorted(event_types(meter)):
            before = floors.get(event_type)
            if before is not None and start < before:
                message = (
                    f"events of type {event_type} used before {instant_text(before)} were removed; "
                    "ask from then on, or look at the invoices"
                )
                return Problem(code="usage_removed", message=message, field="start")
    return None
