"""`/v1/sources`: where events come from by themselves, and how far each source was read."""

from __future__ import annotations

from litestar import Router, delete, get, post

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.paging import Page, PageRequest
from tallystick.api.problems import problem_from_refusal
from tallystick.api.schemas import (
    HoleOrder,
    ItemShape,
    PartitionAnswer,
    ProgressOrder,
    SequenceAnswer,
    SourceAnswer,
    progress_from_wire,
    wire_from_item,
    wire_from_partition,
    wire_from_sequence,
    wire_from_source,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.sources import (
    CloseHole,
    DeclareSource,
    Item,
    PauseSource,
    RemoveSource,
    SourceStatus,
    believed,
    close_hole,
    declare_source,
    find_sequence,
    find_source,
    list_items,
    list_sources,
    pause_source,
    remove_source,
    report_progress,
)
from tallystick.bootstrap.engines import Application
from tallystick.integrations.sources import (
    Definition,
    definition_problems,
    document_from_definition,
    kind_of,
)
from tallystick.kernel import Refused

TAGS = ["sources"]
ADMIN = needs(Scope.ADMIN)
COLLECTING = needs(Scope.INGEST)


@get(
    "/",
    opt=needs(Scope.READ),
    tags=TAGS,
    sync_to_thread=True,
    summary="List sources",
)
def sources(application: Application, caller: Caller, page: PageRequest) -> Page[SourceAnswer]:
    """List sources by key: last offsets, age of the newest event, holes found and still open."""
    uow = application.units(caller.workspace)
    found = value_of(list_sources(caller, uow=uow, after=page.after, limit=page.limit + 1))
    now = application.clock.now()
    return page.page(
        found, lambda each: each.source.key, wire=lambda each: wire_from_source(each, now=now)
    )


@post("/", opt=ADMIN, tags=TAGS, sync_to_thread=True, status_code=200, summary="Declare a source")
def declare(data: Definition, application: Application, caller: Caller) -> SourceAnswer:
    """Declare a source, or change one; its collector notices within seconds."""
    problems = definition_problems(data)
    if problems:
        raise problem_from_refusal(Refused(problems))
    command = DeclareSource(
        key=data.key, kind=kind_of(data), document=document_from_definition(data)
    )
    uow = application.units(caller.workspace)
    made = value_of(declare_source(command, caller=caller, uow=uow, clock=application.clock))
    return wire_from_source(SourceStatus(source=made), now=application.clock.now())


@get("/{source:str}", opt=COLLECTING, tags=TAGS, sync_to_thread=True, summary="Show a source")
def show(source: str, application: Application, caller: Caller) -> SourceAnswer:
    """Show a source as its collector needs it: the declaration, and how far it was read."""
    uow = application.units(caller.workspace)
    found = value_of(find_source(source, caller=caller, uow=uow))
    return wire_from_source(found, now=application.clock.now())


@delete(
    "/{source:str}",
    opt=ADMIN,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Remove a source",
)
def remove(source: str, application: Application, caller: Caller) -> SourceAnswer:
    """Forget a source and how far it was read; the events that came from it stay."""
    uow = application.units(caller.workspace)
    command = RemoveSource(key=source)
    gone = value_of(remove_source(command, caller=caller, uow=uow, clock=application.clock))
    return wire_from_source(SourceStatus(source=gone), now=application.clock.now())


@post(
    "/{source:str}/pause",
    opt=ADMIN,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Pause a source",
)
def pause(source: str, application: Application, caller: Caller) -> SourceAnswer:
    """Stop collecting from a source until it is resumed; nothing is lost by it here."""
    return _set_paused(source, application, caller, paused=True)


@post(
    "/{source:str}/resume",
    opt=ADMIN,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Resume a source",
)
def resume(source: str, application: Application, caller: Caller) -> SourceAnswer:
    """Go on collecting where it stopped."""
    return _set_paused(source, application, caller, paused=False)


@post(
    "/{source:str}/progress",
    opt=COLLECTING,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Report what was read",
)
def progress(
    source: str, data: ProgressOrder, application: Application, caller: Caller
) -> SourceAnswer:
    """
    Report what was read of a source, once the events are acknowledged; a repeat changes nothing.

    A begin behind the last offset opens a hole, which stays open until a report covers it.
    """
    uow = application.units(caller.workspace)
    command = progress_from_wire(source, data)
    status = value_of(report_progress(command, caller=caller, uow=uow, clock=application.clock))
    return wire_from_source(status, now=application.clock.now())


@post(
    "/{source:str}/holes/close",
    opt=ADMIN,
    tags=TAGS,
    sync_to_thread=True,
    status_code=200,
    summary="Close a hole",
)
def close(
    source: str, data: HoleOrder, application: Application, caller: Caller
) -> PartitionAnswer:
    """
    Say why offsets or numbers never come: they are no gap any longer, and raise no alert.

    What is open or lost within the span is closed, with an audit record of the reason. An event
    that comes all the same counts like any other.
    """
    command = CloseHole(
        key=source,
        partition=data.partition,
        first=data.first,
        end=data.end,
        reason=data.reason,
    )
    uow = application.units(caller.workspace)
    stands = value_of(close_hole(command, caller=caller, uow=uow, clock=application.clock))
    return wire_from_partition(believed(stands))


@get("/{source:str}/items", opt=COLLECTING, tags=TAGS, sync_to_thread=True, summary="List items")
def items(
    source: str, application: Application, caller: Caller, page: PageRequest
) -> Page[ItemShape]:
    """List the files or objects that were finished, by name and version."""
    name, _, version = page.after.partition("\n")
    uow = application.units(caller.workspace)
    outcome = list_items(
        source, caller=caller, uow=uow, after=(name, version), limit=page.limit + 1
    )
    return page.page(value_of(outcome), _place_of, wire=wire_from_item)


@get("/", opt=COLLECTING, tags=TAGS, sync_to_thread=True, summary="Find missing numbers")
def sequence(sender: str, application: Application, caller: Caller) -> SequenceAnswer:
    """
    Tell a sender which of the numbers it gave to its events are missing, to be sent again.

    `sender` is the attribute `source` of the events; a source of kind `sequenced` watches it.
    """
    uow = application.units(caller.workspace)
    return wire_from_sequence(value_of(find_sequence(sender, caller=caller, uow=uow)))


def _place_of(item: Item) -> str:
    return f"{item.name}\n{item.version}"


def _set_paused(
    source: str, application: Application, caller: Caller, *, paused: bool
) -> SourceAnswer:
    uow = application.units(caller.workspace)
    command = PauseSource(key=source, paused=paused)
    changed = value_of(pause_source(command, caller=caller, uow=uow, clock=application.clock))
    return wire_from_source(SourceStatus(source=changed), now=application.clock.now())


sources_router = Router(
    path="/sources",
    route_handlers=[sources, declare, show, remove, pause, resume, progress, close, items],
)
sequences_router = Router(path="/sequences", route_handlers=[sequence])
