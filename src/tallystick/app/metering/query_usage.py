"""
The use case behind GET /v1/usage: the quantities of a meter, window by window.

A question names an account, a subject, both, or neither (then all subjects, attributed or not). A
caller bound to an account sees that account alone, and of a subject only the time it was that
account's. Resources that have ended count no longer than they lived. Levels are not carried beyond
the present.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.metering.ports import UsageReader
from tallystick.app.metering.removed_time import removed_problem
from tallystick.app.metering.subjects import AskedSubjects, subjects_of
from tallystick.app.metering.windows import WINDOWS_MAX, WindowSize, windows_of
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    AccountKey,
    Done,
    MeterKey,
    Misuse,
    Outcome,
    Period,
    Refused,
    plain,
    refuse,
)
from tallystick.metering import Meter, UsageQuery, UsageRow

ROWS_MAX = 10_000
COVER_SECONDS_MAX = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageQuestion:
    """
    What is asked for.

    Attributes:
        meter: key of the meter.
        start: first instant, UTC.
        end: first instant no longer looked at.
        size: how the time is cut into windows.
        zone: IANA zone whose hours, days and months count; empty for the account's, else UTC.
        account: whose usage; None for any.
        subject: which resource's; None for any.
        group_by: dimensions of the meter, or ``subject``.
        evidence: whether rows carry the digest of their events.
        position: log position that the answer must cover, as an ingest answered; 0 for none.
        as_of: look at events up to this log position only; None for all there are.
    """

    meter: MeterKey
    start: datetime
    end: datetime
    size: WindowSize = WindowSize.TOTAL
    zone: str = ""
    account: AccountKey | None = None
    subject: str | None = None
    group_by: tuple[str, ...] = ()
    evidence: bool = False
    position: int = 0
    as_of: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageLine:
    """One row of the answer; the quantity and the seconds are exact texts."""

    start: datetime
    end: datetime
    group: dict[str, str]
    quantity: str
    events: int
    unmeterable: int
    gap_seconds: str
    gaps: int
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAnswer:
    """Rows in order of window and group, all of events up to the same log position."""

    meter: MeterKey
    unit: str
    zone: str
    position: int
    lines: tuple[UsageLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What the catalog and the accounts say about a question."""

    meter: Meter
    asked: AskedSubjects
    zone: str


def query_usage(
    question: UsageQuestion, *, caller: Caller, uow: UnitOfWork, usage: UsageReader, clock: Clock
) -> Outcome[UsageAnswer]:
    """
    Return the quantities of a meter.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
        not_found: no such meter, or no such account for this caller.
        wrong_value: an empty stretch of time, an unknown zone, a group the meter does not declare.
        too_many_windows, too_many_rows: ask for less, or for longer windows.
        usage_removed: it reaches into a time of which events were removed.
        not_covered: the position is not readable yet; ask again.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    known = _look_up(question, caller, uow)
    if isinstance(known, Refused):
        return known
    query = _query(question, known.value, caller, clock)
    if isinstance(query, Refused):
        return query
    position = position_asked(question.position, question.as_of, usage)
    if isinstance(position, Refused):
        return position
    return _answer(replace(query.value, through=position.value), known.value.zone, usage)


def _look_up(question: UsageQuestion, caller: Caller, uow: UnitOfWork) -> Outcome[_Known]:
    subjects = None if question.subject is None else frozenset({question.subject})
    with uow:
        meter = uow.catalog.load_meter(question.meter)
        if meter is None:
            return refuse("not_found", f"no meter {question.meter!r}", "meter")
        asked = subjects_of(question.account, subjects, caller=caller, uow=uow)
        removed = removed_problem(uow, [meter], start=question.start)
    if removed is not None:
        return Refused((removed,))
    if isinstance(asked, Refused):
        return asked
    return Done(_Known(meter=meter, asked=asked.value, zone=question.zone or asked.value.zone))


def _query(
    question: UsageQuestion, known: _Known, caller: Caller, clock: Clock
) -> Outcome[UsageQuery]:
    if question.end <= question.start:
        return refuse("wrong_value", "end must lie after start", "end")
    span = Period(start=question.start, end=question.end)
    try:
        windows = windows_of(span, question.size, known.zone or "UTC")
    except Misuse as error:
        return refuse("wrong_value", str(error), "zone")
    if windows is None:
        message = f"more than {WINDOWS_MAX} windows; ask for longer ones or for less time"
        return refuse("too_many_windows", message, "size")
    try:
        query = UsageQuery(
            workspace=caller.workspace,
            meter=known.meter,
            windows=windows,
            spans=known.asked.spans,
            others=known.asked.others,
            group_by=question.group_by,
            evidence=question.evidence,
            until=clock.now(),
            zones=(known.zone or "UTC",),
        )
    except Misuse as error:
        return refuse("wrong_value", str(error), "group_by")
    return Done(query)


def position_asked(least: int, as_of: int | None, usage: UsageReader) -> Outcome[int]:
    """
    Return the log position up to which a question looks, once the projection covers it.

    Args:
        least: that the answer must cover; 0 for none.
        as_of: exactly this one; None for the last that is covered.
        usage: is waited for, 5 seconds at most.

    Problems:
        not_covered: the position is not readable yet; ask again.
    """
    for asked, path in ((least, "position"), (as_of or 0, "as_of")):
        if asked and not usage.wait_covered(asked, COVER_SECONDS_MAX):
            return refuse("not_covered", "these events are being loaded; ask again", path)
    return Done(usage.covered_position() if as_of is None else as_of)


def _answer(query: UsageQuery, zone: str, usage: UsageReader) -> Outcome[UsageAnswer]:
    position = query.through or 0
    rows = usage.usage(replace(query, rows_max=ROWS_MAX))
    if len(rows) > ROWS_MAX:
        message = f"more than {ROWS_MAX} rows; ask for less time, longer windows or fewer groups"
        return refuse("too_many_rows", message, "group_by")
    return Done(
        UsageAnswer(
            meter=query.meter.key,
            unit=query.meter.quantity_unit,
            zone=zone or "UTC",
            position=position,
            lines=tuple(_line(row, query.group_by) for row in rows),
        )
    )


def _line(row: UsageRow, group_by: tuple[str, ...]) -> UsageLine:
    return UsageLine(
        start=row.window.start,
        end=row.window.end,
        group=dict(zip(group_by, row.group, strict=True)),
        quantity=plain(row.fold.quantity),
        events=row.fold.events,
        unmeterable=row.fold.unmeterable,
        gap_seconds=plain(row.fold.gap_seconds),
        gaps=row.fold.gaps,
        digest="" if row.evidence is None else row.evidence.digest,
    )
