"""Reads usage: the quantities of a meter by window, for an account, a resource or all."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from tallystick.accounts import spans_of
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.metering.ports import UsageQuery, UsageReader, UsageRow
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    AccountKey,
    Done,
    Interval,
    MeterKey,
    Misuse,
    Outcome,
    Period,
    Refused,
    ResourceKey,
    SubjectSpan,
    calendar_anchor,
    period_at,
    refuse,
    time_zone,
)
from tallystick.metering import Meter

WINDOWS_MAX = 2000
COVERED_SECONDS_MAX = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUsage:
    """
    A question for usage.

    Attributes:
        meter: key of the meter.
        period: half-open; the whole that is asked about.
        window: cuts the period at calendar boundaries of `zone`; None: one window.
        zone: IANA name; None: the account's, or UTC without an account.
        account: only usage that belongs to it; None: all that the caller may see.
        resource: only usage of this subject.
        group_by: names of the meter's dimensions, or ``subject``.
        position: wait until the answer includes this log position; 0: whatever is covered.
    """

    meter: MeterKey
    period: Period
    window: Interval | None = None
    zone: str | None = None
    account: AccountKey | None = None
    resource: ResourceKey | None = None
    group_by: tuple[str, ...] = ()
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageRead:
    """The rows of an answer, the meter they are of, and the log position up to which it holds."""

    meter: Meter
    rows: tuple[UsageRow, ...]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The meter, whose usage counts (None: everybody's), and the zone of the windows."""

    meter: Meter
    spans: tuple[SubjectSpan, ...] | None
    zone: str


def read_usage(
    question: ReadUsage, *, caller: Caller, uow: UnitOfWork, usage: UsageReader, clock: Clock
) -> Outcome[UsageRead]:
    """
    Answer a question for usage.

    For an account, a resource counts for as long as the account owned it. Without an account or a
    resource every event of the meter's type counts, unattributed ones too, and a level goes on for
    as long as the meter holds it, whether or not a resource has ended.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
        unknown_meter, unknown_account: there is none, or it is not the caller's.
        zone_invalid, group_invalid, windows_invalid: as the message says.
        not_covered: the position asked for was not reached in time.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    asked = _asked(question, caller, uow)
    if isinstance(asked, Refused):
        return asked
    query = _query(question, asked.value, until=clock.now(), caller=caller)
    if isinstance(query, Refused):
        return query
    if not usage.wait_covered(question.position, COVERED_SECONDS_MAX):
        message = f"position {question.position} is not in the answer yet; ask again"
        return refuse("not_covered", message, "position")
    position = usage.covered_position()
    return Done(
        UsageRead(meter=asked.value.meter, rows=tuple(usage.usage(query.value)), position=position)
    )


def _asked(question: ReadUsage, caller: Caller, uow: UnitOfWork) -> Outcome[_Asked]:
    with uow:
        meter = uow.catalog.load_meter(question.meter)
        if meter is None:
            return refuse("unknown_meter", f"there is no meter {question.meter!r}", "meter")
        if caller.account is not None and question.account not in (None, caller.account):
            return refuse("unknown_account", f"no account {question.account!r}", "account")
        key = question.account if caller.account is None else caller.account
        account = None if key is None else uow.accounts.load_account(key)
        if key is not None and account is None:
            return refuse("unknown_account", f"no account {key!r}", "account")
        spans: tuple[SubjectSpan, ...] | None = None
        if account is not None:
            owned = uow.accounts.load_ownerships(account.key)
            spans = spans_of(account.key, {account.key: account}, owned)
        if question.resource is not None:
            spans = _of_resource(question.resource, spans, uow)
    zone = question.zone or ("UTC" if account is None else account.zone)
    return Done(_Asked(meter=meter, spans=spans, zone=zone))


def _of_resource(
    key: ResourceKey, spans: tuple[SubjectSpan, ...] | None, uow: UnitOfWork
) -> tuple[SubjectSpan, ...]:
    if spans is not None:
        return tuple(span for span in spans if span.subject == key)
    resource = uow.accounts.load_resource(key)
    if resource is None:
        return (SubjectSpan(subject=key, start=None, end=None),)
    return (SubjectSpan(subject=key, start=resource.started_at, end=resource.ended_at),)


def _query(
    question: ReadUsage, asked: _Asked, *, until: datetime, caller: Caller
) -> Outcome[UsageQuery]:
    try:
        time_zone(asked.zone)
    except Misuse as error:
        return refuse("zone_invalid", str(error), "zone")
    windows = tuple(islice(_windows(question, asked.zone), WINDOWS_MAX + 1))
    if len(windows) > WINDOWS_MAX:
        message = f"that makes more than {WINDOWS_MAX} windows; ask for longer ones"
        return refuse("windows_invalid", message, "window")
    try:
        query = UsageQuery(
            workspace=caller.workspace,
            meter=asked.meter,
            windows=windows,
            spans=asked.spans,
            group_by=question.group_by,
            until=until if asked.meter.is_level else None,
        )
    except Misuse as error:
        return refuse("group_invalid", str(error), "group_by")
    return Done(query)


def _windows(question: ReadUsage, zone: str) -> Iterator[Period]:
    """Yield the parts of the period, cut at calendar boundaries; they tile it."""
    if question.window is None:
        yield question.period
        return
    start = question.period.start
    day = start.astimezone(time_zone(zone)).date()
    anchor = calendar_anchor(day, question.window)
    while start < question.period.end:
        whole = period_at(start, anchor=anchor, interval=question.window, zone=zone)
        end = min(whole.end, question.period.end).astimezone(UTC)
        yield Period(start=start, end=end)
        start = end
