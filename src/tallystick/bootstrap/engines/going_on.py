"""Triggers that broke off, begun again by the owner."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Protocol

from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.feeds import take_item
from tallystick.app.invoicing import BillingSources
from tallystick.app.keeping import Keeper, each_in_turn
from tallystick.app.quotas import Quotas
from tallystick.app.triggers import (
    TOGETHER_MAX,
    Doors,
    StartTrigger,
    TriggerRecord,
    go_on,
    start_trigger,
)
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.kernel import WorkspaceId

LOOK_SECONDS = 5.0


class Continued(Protocol):
    """The application, as far as triggers are concerned."""

    def at(self, workspace: WorkspaceId) -> "Continued": ...

    def units(self, workspace: WorkspaceId) -> UnitOfWork: ...

    def runner(self) -> RunnerUnitOfWork: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def billing_sources(self) -> BillingSources: ...

    @property
    def quotas(self) -> Quotas: ...


def trigger_keeper(application: Continued) -> Keeper:
    """Return what looks for triggers that broke off, not started."""
    started = application.clock.now()

    def work(going: Callable[[], bool]) -> None:
        with application.runner() as uow:
            workspaces = uow.trigger_directory.due(started=started)
        for workspace in workspaces:
            with application.units(workspace) as uow_of:
                due = uow_of.triggers.due(started=started, limit=TOGETHER_MAX)
            doors = _doors(application, workspace)
            each_in_turn(due, partial(_go_on, doors=doors), going=going)

    return Keeper("triggers", work, pause_seconds=LOOK_SECONDS)


def _doors(application: Continued, workspace: WorkspaceId) -> Doors:
    seen = application.at(workspace)
    return Doors(units=seen.units, billing=seen.billing_sources, desks=seen.quotas.desks)


def _go_on(record: TriggerRecord, *, doors: Doors) -> None:
    def start(command: StartTrigger, caller: Caller) -> object:
        feed, _, kind = command.kind.rpartition("/")
        if feed:
            return take_item(feed, replace(command, kind=kind), caller=caller, doors=doors)
        return start_trigger(command, caller=caller, doors=doors)

    go_on(record, doors=doors, start=start)
