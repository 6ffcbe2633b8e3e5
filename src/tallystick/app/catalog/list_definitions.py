"""Lists meters and plan versions; whoever may read the workspace may read them."""

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import PlanVersion
from tallystick.kernel import Done, Outcome, Refused
from tallystick.metering import Meter


def list_meters(
    caller: Caller, *, uow: UnitOfWork, after: str = "", limit: int = 100
) -> Outcome[tuple[Meter, ...]]:
    """
    Return meters by key, ascending, those after the given key.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        meters = uow.catalog.load_meters()
    return Done(tuple(meters[key] for key in sorted(meters) if key > after)[:limit])


def list_plan_versions(
    caller: Caller, *, uow: UnitOfWork, after: str = "", limit: int = 100
) -> Outcome[tuple[PlanVersion, ...]]:
    """
    Return plan versions by `PlanVersion.sort_key`, ascending, those after the given one.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done(uow.catalog.list_plan_versions(after=after, limit=limit))
