"""Opens an investigation with its alert and its message, once."""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from tallystick.app.anomalies.ports import Evidence, Investigation
from tallystick.app.facts import UsageAnomalyDetected, fact_message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import AlertKind, UsageAlert, open_anomaly
from tallystick.kernel import (
    AccountKey,
    Done,
    Outcome,
    Problem,
    Refused,
    canonical_json,
    derived_id,
    instant_text,
)
from tallystick.payments import card_number_problem
from tallystick.thresholds import Severity

REASON_CHARS_MAX = 500
EVIDENCE_BYTES_MAX = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvestigation:
    """
    That usage of an account is not as it was.

    Attributes:
        account: whose usage.
        resource: key of the meter or feature.
        reason: for people.
        evidence: JSON values by name; quantities as exact texts.
        source: who found it.
        key: names the finding among those of its source; the same one opens nothing more.
        restriction: id of the restriction that was put against it; empty: none.
        trace_id: of the request that caused it.
    """

    account: AccountKey
    resource: str
    reason: str
    source: str
    key: str
    evidence: Evidence = field(default_factory=dict)
    restriction: str = ""
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """An investigation, as it stands; ``is_new``: it was opened by this."""

    investigation: Investigation
    is_new: bool


def investigation_id(source: str, key: str) -> str:
    """
    Return the id of a finding of a source.

    Example:
        >>> investigation_id("usage", "acme")[:14]
        'investigation_'
    """
    return derived_id("investigation", source, key)


def open_investigation(
    command: OpenInvestigation, *, at: datetime, uow: UnitOfWork
) -> Outcome[Opened]:
    """
    Open an investigation, an alert, and put the fact `usage_anomaly_detected`, all at once.

    Args:
        command: what was found.
        at: the workspace's present.
        uow: open; whoever calls commits.

    Problems:
        unknown_account: there is no such account.
        wrong_value: no reason, or more evidence than is kept.
    """
    problems = _problems(command, uow)
    if problems:
        return Refused(problems)
    made = _investigation(command, at)
    if not uow.investigations.open(made):
        found = uow.investigations.load(made.id)
        return Done(Opened(investigation=found.investigation if found else made, is_new=False))
    leaves_at = open_anomaly(_alert(made), at=at, uow=uow)
    uow.outbox.put(
        fact_message(
            _fact(made), workspace=uow.workspace, id=made.id, at=leaves_at, trace_id=made.trace_id
        )
    )
    return Done(Opened(investigation=made, is_new=True))


def _problems(command: OpenInvestigation, uow: UnitOfWork) -> tuple[Problem, ...]:
    found = []
    if uow.accounts.load_account(command.account) is None:
        message = f"there is no account {command.account}"
        found.append(Problem(code="unknown_account", message=message, field="account"))
    if not 0 < len(command.reason.strip()) <= len(command.reason) <= REASON_CHARS_MAX:
        message = f"give a reason, of at most {REASON_CHARS_MAX} characters"
        found.append(Problem(code="wrong_value", message=message, field="reason"))
    card = card_number_problem(command.reason, "reason")
    if card is not None:
        found.append(card)
    if len(canonical_json(command.evidence)) > EVIDENCE_BYTES_MAX:
        message = f"evidence has at most {EVIDENCE_BYTES_MAX} bytes as JSON"
        found.append(Problem(code="wrong_value", message=message, field="evidence"))
    return tuple(found)


def _investigation(command: OpenInvestigation, at: datetime) -> Investigation:
    id_ = investigation_id(command.source, command.key)
    severity = Severity.CRITICAL if command.restriction else Severity.WARNING
    return Investigation(
        id=id_,
        account=str(command.account),
        resource=command.resource,
        reason=command.reason,
        evidence=command.evidence,
        severity=severity.value,
        source=command.source,
        opened_at=at,
        restriction=command.restriction,
        alert=derived_id("alert", AlertKind.ANOMALY.value, id_),
        trace_id=command.trace_id,
    )


def _alert(one: Investigation) -> UsageAlert:
    return UsageAlert(
        id=one.alert,
        account=one.account,
        feature=one.resource,
        kind=AlertKind.ANOMALY.value,
        severity=one.severity,
        message=_said(one),
        opened_at=one.opened_at,
        action="restricted" if one.restriction else "",
        trace_id=one.trace_id,
        notifies=False,
    )


def _said(one: Investigation) -> str:
    return f"Usage of {one.resource} is not as it was: {one.reason}"


def _fact(one: Investigation) -> UsageAnomalyDetected:
    return UsageAnomalyDetected(
        tenant_id=one.account,
        trace_id=one.trace_id,
        resource_type=one.resource,
        reason=one.reason,
        evidence=msgspec.to_builtins(one.evidence),
        severity=one.severity,
        message=_said(one),
        source=one.source,
        restriction_id=one.restriction or None,
        investigation_id=one.id,
        alert_id=one.alert,
        timestamp=instant_text(one.opened_at),
    )
