"""Shows what is declared personal, what is kept of it, and what was stored as it was sent."""

from dataclasses import dataclass

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.personal.ports import Chosen, PersonalEvents
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class PathState:
    """
    A personal path of a type.

    Attributes:
        declared: whether it is personal for what is sent now; else it was.
        values: distinct values whose text is kept.
        subjects: distinct subjects of their events.
        events_as_sent: events that count and hold a value as it was sent, since they came before
            the path was declared; erasure does not reach them.
    """

    event_type: str
    path: str
    declared: bool
    values: int
    subjects: int
    events_as_sent: int


def show_personal(
    caller: Caller, *, uow: UnitOfWork, events: PersonalEvents
) -> Outcome[tuple[PathState, ...]]:
    """
    Return the personal paths of a workspace, by type and path.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        declared = {
            (event_type, path)
            for event_type, paths in uow.personal.declared().items()
            for path in paths
        }
        groups = {(one.event_type, one.path): one for one in uow.erasures.groups(Chosen())}
        return Done(
            tuple(
                PathState(
                    event_type=event_type,
                    path=path,
                    declared=(event_type, path) in declared,
                    values=group.values if group else 0,
                    subjects=group.subjects if group else 0,
                    events_as_sent=events.as_sent(uow.workspace, event_type, path),
                )
                for event_type, path in sorted(declared | groups.keys())
                for group in (groups.get((event_type, path)),)
            )
        )
