"""Lists triggers, with what came of each."""

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.triggers.asked import kind_of
from tallystick.app.triggers.ports import TriggerRecord
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused


def list_triggers(
    caller: Caller,
    *,
    uow: UnitOfWork,
    before: int | None = None,
    limit: int = 100,
    kind: str | None = None,
) -> Outcome[tuple[TriggerRecord, ...]]:
    """
    Return triggers, and items that feeds took (``feed/kind``), the latest first.

    Problems:
        forbidden: the caller lacks the scope ``read``.
        unknown_trigger: there is no such kind.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    is_of_feed = kind is None or "/" in kind
    known = None if kind is None or is_of_feed else kind_of(kind)
    if isinstance(known, Refused):
        return known
    with uow:
        return Done(uow.triggers.page(before=before, limit=limit, kind=kind))
