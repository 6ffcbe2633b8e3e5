"""`usage_anomaly_detected`: an investigation with its evidence, and protection where asked for."""

from tallystick.app.entitlements import RestrictAccount
from tallystick.app.triggers.asked import AnomalyDetected
from tallystick.app.triggers.started import Ended, Started
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import UsageAlert
from tallystick.entitlements import RestrictionSource
from tallystick.kernel import AccountKey, Done, Outcome, Refused, refuse
from tallystick.thresholds import Severity


def investigate(started: Started, asked: AnomalyDetected) -> Outcome[Ended]:
    """
    Open an investigation among the alerts, and protect the account if that is asked for.

    Problems:
        unknown_account: there is no such tenant.
        Those of `restrict_account`.
    """
    account = AccountKey(asked.tenant_id)
    with started.unit() as uow:
        if uow.accounts.load_account(account) is None:
            return refuse("unknown_account", f"there is no account {account}", "tenantId")
    restriction = None
    if asked.restrict:
        restricted = started.restrict(
            RestrictAccount(
                account=account,
                feature=asked.resource_type,
                source=RestrictionSource.PROTECTION,
                reason=asked.reason,
            )
        )
        if isinstance(restricted, Refused):
            return restricted
        restriction = restricted.value
    alert = _alert(started, asked)
    told = {
        "investigation": alert.id,
        "evidence": dict(asked.evidence),
        "restriction": restriction,
    }
    return Done(Ended(told=told, close=lambda uow: _open(uow, alert)))


def _alert(started: Started, asked: AnomalyDetected) -> UsageAlert:
    severity = Severity.CRITICAL if asked.restrict else Severity.WARNING
    return UsageAlert(
        id=started.id("investigation"),
        account=asked.tenant_id,
        feature=asked.resource_type,
        kind="anomaly",
        severity=severity.value,
        message=f"Usage of {asked.resource_type} is not as it was: {asked.reason}",
        opened_at=started.at,
        action="restricted" if asked.restrict else "",
        trace_id=started.trigger.trace_id,
    )


def _open(uow: UnitOfWork, alert: UsageAlert) -> None:
    uow.usage_alerts.open([alert])
