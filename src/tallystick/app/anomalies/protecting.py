"""What is restricted by itself against use that is not as it was, where features declare it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from tallystick.app.anomalies.series import is_high
from tallystick.app.anomalies.telling import SOURCE, Finding
from tallystick.app.command import Caller
from tallystick.app.entitlements import RestrictAccount, account_entitlements, restrict_within
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Feature
from tallystick.entitlements import RestrictionSource
from tallystick.kernel import Refused, check

ACTOR = "anomalies"


def protect(finding: Finding, *, at: datetime, uow: UnitOfWork) -> str:
    """
    Slow or refuse the features that the meter counts, for as long as they declare.

    Only too much in an hour that runs, or has just ended, is protected against; and once in an
    hour.  A restriction ends by itself.

    Returns:
        the id of the restriction, of the first feature by key; empty: nothing is restricted.
    """
    if finding.late or not is_high(finding.anomaly):
        return ""
    found = [_restricted(feature, finding, at, uow) for feature in _declared(finding, at, uow)]
    return next((id_ for id_ in found if id_), "")


def _declared(finding: Finding, at: datetime, uow: UnitOfWork) -> Iterator[Feature]:
    """Yield what the account may use, is counted by the meter, and declares a protection."""
    for one in account_entitlements(finding.account, at=at, uow=uow):
        feature = one.entitled.feature
        if feature.meter == finding.meter.key and feature.anomalies is not None:
            yield feature


def _restricted(feature: Feature, finding: Finding, at: datetime, uow: UnitOfWork) -> str:
    protection = feature.anomalies
    if protection is None or _is_protected(feature, finding, uow):
        return ""
    outcome = restrict_within(
        RestrictAccount(
            account=finding.account,
            feature=feature.key,
            throttle=protection.throttle,
            source=RestrictionSource.PROTECTION,
            end=at + timedelta(minutes=protection.minutes),
            reason=f"usage of {finding.meter.key} is not as it was",
        ),
        caller=Caller(workspace=uow.workspace, actor=ACTOR, request_id=SOURCE),
        uow=uow,
        now=at,
    )
    check(not isinstance(outcome, Refused), f"a feature that is granted is known: {outcome}")
    return "" if isinstance(outcome, Refused) else outcome.value.id or ""


def _is_protected(feature: Feature, finding: Finding, uow: UnitOfWork) -> bool:
    """Tell whether the feature was restricted since the hour began."""
    return any(
        one.feature == feature.key
        and one.source is RestrictionSource.PROTECTION
        and one.start >= finding.anomaly.at
        for one in uow.entitlements.load_restrictions([finding.account])
    )
