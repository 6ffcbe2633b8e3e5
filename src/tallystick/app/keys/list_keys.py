"""Lists the API keys of a workspace."""

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys.ports import ApiKey, Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused


def list_keys(
    caller: Caller, *, uow: UnitOfWork, after: str = "", limit: int = 100
) -> Outcome[list[ApiKey]]:
    """
    Return keys by id, ascending, those after the given id; revoked and expired ones included.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done(uow.keys.page(after=after, limit=limit))
