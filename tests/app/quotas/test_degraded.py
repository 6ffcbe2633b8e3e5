"""While the store is away, the strictest of the limits that a use counts towards decides."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tallystick.app.ingest import IngestReport
from tallystick.app.quotas import Consume, KnownLimit, KnownLimits, Standing, UsedEvent
from tallystick.app.quotas.degraded import Degraded, answer_degraded
from tallystick.catalog import FeatureKind, Unreachable
from tallystick.kernel import AccountKey, MeterKey, WorkspaceId, instant
from tallystick.metering import Aggregation, Meter
from tallystick.quotas import Denied, Limit

NOON = instant("2026-03-01T12:00:00Z")
HERE = WorkspaceId("test")
ACME = AccountKey("acme")
OPEN: Any = {"if_unreachable": Unreachable.FAIL_OPEN}
CLOSED: Any = {"if_unreachable": Unreachable.FAIL_CLOSED}


def known(feature: str, *, meter: str = "calls", **terms: object) -> KnownLimit:
    """Return a limit of a feature that a meter of calls counts."""
    counted = Meter(
        key=MeterKey(meter),
        event_type=meter,
        aggregation=Aggregation.COUNT,
        value=None,
        unit="call",
    )
    limit = Limit(holder=ACME, feature=feature, kind=FeatureKind.METERED, most=Decimal(9))
    varied = replace(limit, **terms)  # type: ignore[arg-type] # what a case varies
    return KnownLimit(limit=varied, meter=counted)


def asked(*limits: KnownLimit, feature: str = "calls") -> tuple[str, str, int]:
    """Return why a use is allowed or not, by which other limit, and how many reach the log."""
    standing = Standing(
        limits={one.limit.feature: one for one in limits},
        exists=True,
        stamp=1,
        above={},
        at=NOON,
        until=NOON + timedelta(days=1),
    )
    limits_known = KnownLimits()
    limits_known.put(HERE, {"acme": standing})
    logged: list[bytes] = []

    def submit(_workspace: WorkspaceId, bodies: Sequence[bytes]) -> IngestReport:
        logged.extend(bodies)
        return IngestReport(
            accepted=len(logged),
            duplicate=0,
            conflict=0,
            rejected=0,
            duplicates=(),
            results=(),
            last_position=1,
        )

    event = UsedEvent(source="shop", id="one", quantity=Decimal(1))
    ask = Consume(account=ACME, feature=feature, quantity=Decimal(1), event=event)
    (made,) = answer_degraded(
        [ask], workspace=HERE, at=NOON, degraded=Degraded(known=limits_known, submit=submit)
    )
    assert made.degraded
    assert made.allowed is bool(logged)
    return made.reason.value, made.limited_by, len(logged)


def test_a_limit_beside_that_fails_closed_refuses() -> None:
    """What fails open by the month and closed by the day is refused; the day is named."""
    daily = known("daily", **CLOSED)
    assert asked(known("calls", **OPEN), daily) == ("unavailable", "daily", 0)
    assert asked(known("calls", **CLOSED), daily) == ("unavailable", "", 0)
    assert asked(known("calls", **OPEN), known("daily", **OPEN)) == ("unchecked", "", 1)


@pytest.mark.parametrize(
    "beside",
    [
        known("daily", meter="mails", **CLOSED),
        known("daily", denied=Denied.RESTRICTED, **CLOSED),
        known("daily", most=None, **CLOSED),
    ],
    ids=["another meter", "not in force", "without a limit"],
)
def test_what_would_not_count_a_use_does_not_refuse_it(beside: KnownLimit) -> None:
    """A limit on another meter, one that is not in force, and none at all hold nothing."""
    assert asked(known("calls", **OPEN), beside) == ("unchecked", "", 1)
