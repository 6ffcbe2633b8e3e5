"""An anomaly of a series as an investigation, with what speaks for it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tallystick.app.anomalies.open_investigation import OpenInvestigation, open_investigation
from tallystick.app.anomalies.ports import Evidence
from tallystick.app.anomalies.series import HOUR, is_high
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.forecasting import Anomaly
from tallystick.kernel import AccountKey, Refused, check, instant_text, plain
from tallystick.metering import Meter

SOURCE = "usage"
"""Who finds what the program finds itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    What is odd about an hour of a series.

    Attributes:
        running: whether the hour is not over: it will be more.
        late: whether the hour was not watched, and is found while catching up.
    """

    account: AccountKey
    meter: Meter
    anomaly: Anomaly
    zone: str
    running: bool = False
    late: bool = False


def tell(finding: Finding, *, restriction: str = "", at: datetime, uow: UnitOfWork) -> None:
    """
    Open an investigation, unless one was opened of the hour, or anything was told shortly before.

    Args:
        finding: what is odd.
        restriction: id of what was restricted against it; empty: nothing.
        at: the workspace's present.
        uow: open; whoever calls commits.
    """
    if not finding.anomaly.opens:
        return
    start = instant_text(finding.anomaly.at)
    outcome = open_investigation(
        OpenInvestigation(
            account=finding.account,
            resource=finding.meter.key,
            reason=_reason(finding),
            evidence=_evidence(finding),
            source=SOURCE,
            key=f"{finding.account} {finding.meter.key} {start}",
            restriction=restriction,
        ),
        at=at,
        uow=uow,
    )
    check(not isinstance(outcome, Refused), "an account with a pattern is known")


def _reason(finding: Finding) -> str:
    one, unit = finding.anomaly, finding.meter.unit
    hour = f"{one.at:%Y-%m-%d %H:%M} to {one.at + HOUR:%H:%M} UTC"
    bound = one.most if is_high(one) else one.least
    span = "up to" if is_high(one) else "down to"
    began = "already used" if finding.running else "used"
    found = ", found while catching up" if finding.late else ""
    return (
        f"{_number(one.seen)} {unit} {began} from {hour}{found};"
        f" usual are {_number(one.usual)}, {span} {_number(bound)}."
    )


def _evidence(finding: Finding) -> Evidence:
    one = finding.anomaly
    return {
        "meter": finding.meter.key,
        "unit": finding.meter.unit,
        "hour": instant_text(one.at),
        "zone": finding.zone,
        "seen": _number(one.seen),
        "usual": _number(one.usual),
        "allowed": _number(one.allowed),
        "score": _number(one.score),
        "running": finding.running,
        "late": finding.late,
        "before": [
            {"hour": instant_text(start), "used": _number(used)} for start, used in one.before
        ],
    }


def _number(number: Decimal | None) -> str:
    return "0" if number is None or number < 0 else plain(number)
