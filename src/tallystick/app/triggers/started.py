"""A trigger whose workflow runs: what its steps go through, and what they end with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from tallystick.app.command import Caller
from tallystick.app.entitlements import RestrictAccount, restrict_account
from tallystick.app.invoicing import BillingSources
from tallystick.app.quotas import Desks
from tallystick.app.triggers.ports import Trigger
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId, derived_id

Told: TypeAlias = Mapping[str, object]
"""What came of a workflow, as JSON values under camel-case names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What workflows go through: units of work, who bills, who counts."""

    units: Callable[[WorkspaceId], UnitOfWork]
    billing: BillingSources
    desks: Desks


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of a workflow, and what is done in the transaction that keeps it."""

    told: Told
    close: Callable[[UnitOfWork], None] = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A trigger whose workflow runs."""

    trigger: Trigger
    caller: Caller
    doors: Doors

    @property
    def at(self) -> datetime:
        """Return the workspace's present."""
        return self.doors.billing.clock.now()

    def unit(self) -> UnitOfWork:
        """Return a fresh unit of work."""
        return self.doors.units(self.caller.workspace)

    def id(self, prefix: str) -> str:
        """Return an id that follows from the trigger's identity."""
        return derived_id(prefix, self.trigger.source, self.trigger.id)

    def sender(self, step: str) -> Caller:
        """Return who sends the command of a step, once however often it is sent."""
        key = f"trigger:{self.id(step)}"
        return replace(self.caller, idempotency_key=key, trace_id=self.trigger.trace_id)

    def restrict(self, order: RestrictAccount) -> Outcome[str]:
        """Restrict an account once, and return the restriction's id."""
        outcome = restrict_account(
            order, caller=self.sender("restrict"), uow=self.unit(), clock=self.doors.billing.clock
        )
        return outcome if isinstance(outcome, Refused) else Done(outcome.value.id or "")
