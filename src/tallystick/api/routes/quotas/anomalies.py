"""`/v1/anomalies`: usage that is not as it was, and what came of looking into it."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Router, get, post
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.app.anomalies import (
    PAGE,
    Investigation,
    InvestigationRecord,
    InvestigationState,
    Resolution,
    ResolveInvestigation,
    list_investigations,
    resolve_investigation,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.bootstrap.engines import Application
from tallystick.kernel import AccountKey

Account = Annotated[str | None, QueryParameter(name="account", description="Only of this account.")]
Wanted = Annotated[
    InvestigationState | None, QueryParameter(name="state", description="Only in this state.")
]
Before = Annotated[
    int | None, QueryParameter(name="before", ge=1, description="Those before this number.")
]


class InvestigationItem(msgspec.Struct, frozen=True, kw_only=True):
    """An investigation, whether it is open, and what came of it."""

    number: int
    state: str
    investigation: Investigation
    resolution: Resolution | None


class InvestigationsAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Investigations, the latest first; `next_before` is asked for the next page."""

    items: tuple[InvestigationItem, ...]
    next_before: int | None


class ResolutionOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of an investigation."""

    response: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


@get(
    "/",
    opt=needs(Scope.READ, account_keys=True),
    sync_to_thread=True,
    summary="List usage that is not as it was",
)
def anomalies(
    application: Application,
    caller: Caller,
    account: Account = None,
    wanted: Wanted = None,
    before: Before = None,
) -> InvestigationsAnswer:
    """List investigations with their evidence, the latest first."""
    outcome = list_investigations(
        caller,
        uow=application.units(caller.workspace),
        before=before,
        account=None if account is None else AccountKey(account),
        state=wanted,
    )
    found = value_of(outcome)
    last = found[-1].number if len(found) == PAGE else None
    return InvestigationsAnswer(items=tuple(map(_item, found)), next_before=last)


@post(
    "/{investigation:str}/resolve",
    opt=needs(Scope.QUOTA),
    sync_to_thread=True,
    status_code=200,
    summary="Resolve an investigation",
)
def resolve(
    investigation: str, data: ResolutionOrder, application: Application, caller: Caller
) -> Resolution:
    """Say what came of it; a restriction that protects stays until its time is over."""
    outcome = resolve_investigation(
        ResolveInvestigation(id=investigation, response=data.response),
        caller=caller,
        uow=application.units(caller.workspace),
        clock=application.clock,
    )
    return value_of(outcome)


def _item(record: InvestigationRecord) -> InvestigationItem:
    return InvestigationItem(
        number=record.number,
        state=record.state.value,
        investigation=record.investigation,
        resolution=record.resolution,
    )


anomalies_router = Router(path="/anomalies", route_handlers=[anomalies, resolve], tags=["quotas"])
