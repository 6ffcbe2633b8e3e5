"""Lists sources with how far each has been read."""

from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.sources.declare_source import unknown_source
from tallystick.app.sources.ports import Item, Source, SourceStatus
from tallystick.app.sources.sequences import believed
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused


def list_sources(
    caller: Caller, *, uow: UnitOfWork, after: str = "", limit: int = 100
) -> Outcome[list[SourceStatus]]:
    """
    Return sources by key, ascending, those after the given key.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done([_status(uow, each) for each in uow.sources.page(after=after, limit=limit)])


def find_source(key: str, *, caller: Caller, uow: UnitOfWork) -> Outcome[SourceStatus]:
    """
    Return what a collector needs to go on: the declaration, and how far it was read.

    Problems:
        forbidden: the caller does not hold the scope ``ingest``.
        unknown_source: there is no such source.
    """
    unpermitted = missing_scope(caller, Scope.INGEST)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        source = uow.sources.find(key)
        return unknown_source(key) if source is None else Done(_status(uow, source))


def list_items(
    key: str, *, caller: Caller, uow: UnitOfWork, after: tuple[str, str], limit: int = 100
) -> Outcome[list[Item]]:
    """
    Return the finished items of a source by name and version, those after the given ones.

    Problems:
        forbidden: the caller does not hold the scope ``ingest``.
        unknown_source: there is no such source.
    """
    unpermitted = missing_scope(caller, Scope.INGEST)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        if uow.sources.find(key) is None:
            return unknown_source(key)
        return Done(uow.sources.items(key, after=after, limit=limit))


def _status(uow: UnitOfWork, source: Source) -> SourceStatus:
    return SourceStatus(
        source=source,
        partitions=tuple(map(believed, uow.sources.partitions(source.key))),
        items=uow.sources.item_counts(source.key),
    )
