"""`/v1/triggers`: what others say has happened, as CloudEvents or as calls; each runs once."""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import QueryParameter

from tallystick.api.answers import value_of
from tallystick.api.authentication import needs
from tallystick.api.routes.triggers.events import doors_of, read_sent, results_of
from tallystick.api.routes.triggers.wire import (
    TriggerAnswer,
    TriggerResult,
    TriggersAnswer,
    TriggersPage,
    wire_from_record,
    wire_from_taken,
)
from tallystick.app.command import Caller
from tallystick.app.keys import Scope
from tallystick.app.triggers import (
    AnomalyDetected,
    BillingCycleStarted,
    Kind,
    PaymentFailure,
    PlanRequested,
    Said,
    StartTrigger,
    ThresholdApproaching,
    list_triggers,
    start_trigger,
)
from tallystick.bootstrap.engines import Application

PAGE_MAX = 200
API_SOURCE = "tallystick:api"
"""Of triggers that come as calls; no event may name such a source."""
BILLING, QUOTA, BOTH = (
    needs(Scope.BILLING),
    needs(Scope.QUOTA),
    needs(Scope.BILLING, Scope.QUOTA),
)
Before = Annotated[
    int | None, QueryParameter(name="before", ge=1, description="Those before this number.")
]
Limit = Annotated[int, QueryParameter(name="limit", ge=1, le=PAGE_MAX)]
Named = Annotated[str | None, QueryParameter(name="kind", description="Only of this kind.")]


@get("/", opt=needs(Scope.READ), sync_to_thread=True, summary="List triggers")
def triggers(
    application: Application,
    caller: Caller,
    kind: Named = None,
    before: Before = None,
    limit: Limit = 100,
) -> TriggersPage:
    """List what others said has happened and what came of it, the latest first."""
    uow = application.units(caller.workspace)
    found = value_of(list_triggers(caller, uow=uow, before=before, limit=limit, kind=kind))
    last = found[-1].number if len(found) == limit else None
    return TriggersPage(items=tuple(map(wire_from_record, found)), next_before=last)


@post("/", opt=BOTH, status_code=200, summary="Send triggers as CloudEvents")
async def send(
    request: Request[Any, Any, Any], application: Application, caller: Caller
) -> Response[TriggersAnswer]:
    """
    Take at most 20 CloudEvents, as `/v1/events` takes them; the type of each names its workflow.

    Each runs once by its source and id, in order. 422 where not one of them is done.
    """
    body = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    results = await asyncio.to_thread(_started, body, headers, application, caller)
    is_any_done = any(one.status in {"done", "repeated"} for one in results)
    return Response(TriggersAnswer(results=tuple(results)), status_code=200 if is_any_done else 422)


@post(
    f"/{Kind.USAGE_THRESHOLD_APPROACHING}",
    opt=QUOTA,
    sync_to_thread=True,
    status_code=200,
    summary="Tell that usage nears a limit",
)
def usage_threshold_approaching(
    data: ThresholdApproaching, application: Application, caller: Caller
) -> TriggerAnswer:
    """Evaluate the limit, tell what was passed, and offer the upgrade that its overage names."""
    return _start(Kind.USAGE_THRESHOLD_APPROACHING, data, application, caller)


@post(
    f"/{Kind.BILLING_CYCLE_STARTED}",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Tell that a billing cycle began",
)
def billing_cycle_started(
    data: BillingCycleStarted, application: Application, caller: Caller
) -> TriggerAnswer:
    """Count what was used, and draft or issue what is due, of one tenant or of all."""
    return _start(Kind.BILLING_CYCLE_STARTED, data, application, caller)


@post(
    f"/{Kind.PLAN_UPGRADE_REQUESTED}",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Ask for a larger plan",
)
def plan_upgrade_requested(
    data: PlanRequested, application: Application, caller: Caller
) -> TriggerAnswer:
    """Agree on another plan from now on, prorated; refused where its fees come to less."""
    return _start(Kind.PLAN_UPGRADE_REQUESTED, data, application, caller)


@post(
    f"/{Kind.PLAN_DOWNGRADE_REQUESTED}",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Ask for a smaller plan",
)
def plan_downgrade_requested(
    data: PlanRequested, application: Application, caller: Caller
) -> TriggerAnswer:
    """Agree on another plan from the next period on; refused where its fees come to more."""
    return _start(Kind.PLAN_DOWNGRADE_REQUESTED, data, application, caller)


@post(
    f"/{Kind.USAGE_ANOMALY_DETECTED}",
    opt=QUOTA,
    sync_to_thread=True,
    status_code=200,
    summary="Tell of usage that is not as it was",
)
def usage_anomaly_detected(
    data: AnomalyDetected, application: Application, caller: Caller
) -> TriggerAnswer:
    """Open an investigation; with `restrict`, which needs `billing` too, hold the account back."""
    return _start(Kind.USAGE_ANOMALY_DETECTED, data, application, caller)


@post(
    f"/{Kind.PAYMENT_FAILED}",
    opt=BILLING,
    sync_to_thread=True,
    status_code=200,
    summary="Tell that a payment failed",
)
def payment_failed(data: PaymentFailure, application: Application, caller: Caller) -> TriggerAnswer:
    """Publish `PaymentFailed`; with `restrict`, hold the payer back until somebody lifts that."""
    return _start(Kind.PAYMENT_FAILED, data, application, caller)


def _start(kind: Kind, data: Said, application: Application, caller: Caller) -> TriggerAnswer:
    """Start a workflow by a call, whose idempotency key is the id of the trigger."""
    command = StartTrigger(
        source=API_SOURCE,
        id=token_hex(16) if caller.idempotency_key is None else caller.idempotency_key,
        kind=kind.value,
        data=msgspec.to_builtins(data),
    )
    return wire_from_taken(
        value_of(start_trigger(command, caller=caller, doors=doors_of(application)))
    )


def _started(
    body: bytes, headers: dict[str, str], application: Application, caller: Caller
) -> list[TriggerResult]:
    doors = doors_of(application)
    return results_of(
        read_sent(body, headers, application=application, caller=caller),
        lambda command: start_trigger(command, caller=caller, doors=doors),
    )


triggers_router = Router(
    path="/triggers",
    route_handlers=[
        triggers,
        send,
        usage_threshold_approaching,
        billing_cycle_started,
        plan_upgrade_requested,
        plan_downgrade_requested,
        usage_anomaly_detected,
        payment_failed,
    ],
    tags=["triggers"],
)
