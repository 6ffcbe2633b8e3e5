"""`usage_anomaly_detected`: an investigation with its evidence, and protection where asked for."""

from dataclasses import replace

from tallystick.app.anomalies import OpenInvestigation, investigation_id, open_investigation
from tallystick.app.entitlements import RestrictAccount
from tallystick.app.triggers.asked import AnomalyDetected
from tallystick.app.triggers.started import Ended, Started
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.entitlements import RestrictionSource
from tallystick.kernel import AccountKey, Done, Outcome, Refused, check


def investigate(started: Started, asked: AnomalyDetected) -> Outcome[Ended]:
    """
    Open an investigation, and protect the account if that is asked for.

    Problems:
        Those of `open_investigation`, before anybody is restricted, and of `restrict_account`.
    """
    trigger = started.trigger
    order = OpenInvestigation(
        account=AccountKey(asked.tenant_id),
        resource=asked.resource_type,
        reason=asked.reason,
        evidence=asked.evidence,
        source=trigger.source,
        key=trigger.id,
        trace_id=trigger.trace_id,
    )
    tried = _tried(started, order)
    if isinstance(tried, Refused):
        return tried
    restricted = _protected(started, asked) if asked.restrict else Done("")
    if isinstance(restricted, Refused):
        return restricted
    order = replace(order, restriction=restricted.value)
    told = {
        "tenantId": asked.tenant_id,
        "investigation": investigation_id(order.source, order.key),
        "restriction": restricted.value or None,
    }
    return Done(Ended(told=told, close=lambda uow: _open(started, order, uow)))


def _tried(started: Started, order: OpenInvestigation) -> Outcome[None]:
    """Find out whether the investigation can be opened, and leave nothing behind."""
    with started.unit() as uow:
        outcome = open_investigation(order, at=started.at, uow=uow)
    return outcome if isinstance(outcome, Refused) else Done(None)


def _protected(started: Started, asked: AnomalyDetected) -> Outcome[str]:
    """Take the feature away until somebody lifts that; return the restriction's id."""
    return started.restrict(
        RestrictAccount(
            account=AccountKey(asked.tenant_id),
            feature=asked.resource_type,
            source=RestrictionSource.PROTECTION,
            reason=asked.reason,
        )
    )


def _open(started: Started, order: OpenInvestigation, uow: UnitOfWork) -> None:
    outcome = open_investigation(order, at=started.at, uow=uow)
    check(isinstance(outcome, Done), "what could be opened is opened")
