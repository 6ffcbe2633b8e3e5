"""
A question for the usage of several meters, and its answer: values, and what contradicts itself.

    meters       1 to 10, each with the groups and filters asked for
    windows      hours, days ... of a zone; without groups each has a row, zero where it is empty
    compare      the same windows of an earlier period, matched by their place
    top          the greatest groups of the whole time, the rest of each window as *others*
    running      what came up to the end of each window since the start

*Others* and running totals are sums, so that meters that do not add are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tallystick.app.metering.earlier import Earlier
from tallystick.app.metering.windows import WindowSize
from tallystick.kernel import AccountKey, MeterKey, Period, Problem
from tallystick.metering import RULES, SUBJECT, Meter

METERS_MAX = 10
GROUPS_MAX = 8
FILTER_VALUES_MAX = 1000
TOP_MAX = 100
PAGE_ROWS_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Which earlier period to set beside; ``start`` and ``end`` only where it is explicit."""

    to: Earlier
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """How many of the greatest groups to show, and whether the rest of them as one group."""

    count: int
    others: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageInquiry:
    """
    What is asked for.

    Attributes:
        meters: keys, in the order of the answer.
        start: first instant, UTC.
        end: first instant no longer looked at.
        size: how the time is cut into windows.
        zone: IANA zone whose hours, days and months count; empty for the account's, else UTC.
        account: whose usage; None for any.
        group_by: dimensions that every meter declares, or ``subject``.
        filters: accepted texts by dimension, or ``subject``; empty stands for missing.
        compare: the earlier period to set beside.
        top: the greatest groups only.
        running: whether rows carry the total since the start.
        fill: whether a group has a row in every window, zero where it used nothing.
        position: log position that the answer must cover; 0 for none.
        as_of: look at events up to this log position only; None for all there are.
        present: the instant up to which levels are carried; None for now.
        skip: rows to leave out at the beginning, as pages before had them.
        limit: rows to return at most.
    """

    meters: tuple[MeterKey, ...]
    start: datetime
    end: datetime
    size: WindowSize = WindowSize.TOTAL
    zone: str = ""
    account: AccountKey | None = None
    group_by: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    compare: Comparison | None = None
    top: Top | None = None
    running: bool = False
    fill: bool = False
    position: int = 0
    as_of: int | None = None
    present: datetime | None = None
    skip: int = 0
    limit: int = PAGE_ROWS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierLine:
    """
    The same window and group in the earlier period.

    Attributes:
        start, end: that window.
        quantity: exact text.
        change: quantity now less quantity then, exact text.
        change_percent: change per hundred of then, 6 fraction digits, half to even; None where
            then was nothing.
    """

    start: datetime
    end: datetime
    quantity: str
    change: str
    change_percent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryLine:
    """
    One row; numbers that may have a fraction are exact texts.

    Attributes:
        others: whether this row is the rest behind the top groups.
        running_total: since the start; None where it was not asked for.
        earlier: None where nothing is compared, or the earlier period has no such window.
    """

    meter: MeterKey
    unit: str
    start: datetime
    end: datetime
    group: Mapping[str, str]
    others: bool
    quantity: str
    events: int
    unmeterable: int
    gap_seconds: str
    gaps: int
    running_total: str | None = None
    earlier: EarlierLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InquiryAnswer:
    """
    A page of rows by meter, window and group (the greatest first with ``top``), others last.

    Attributes:
        zone: whose windows they are.
        position: log position up to which events were looked at.
        present: instant up to which levels were carried.
        compared: the earlier period; None where nothing is compared.
        more: whether rows follow behind this page.
    """

    zone: str
    position: int
    present: datetime
    compared: Period | None
    lines: tuple[InquiryLine, ...]
    more: bool


def inquiry_problems(inquiry: UsageInquiry) -> list[Problem]:
    """
    Return what is wrong with a question by itself, each with its path.

    Problems:
        wrong_value: empty or too long lists, an end not behind its start, or a comparison without
            its period.
    """
    compare = inquiry.compare
    counted = (
        (len(inquiry.meters), METERS_MAX, "meters", 1),
        (len(inquiry.group_by), GROUPS_MAX, "group_by", 0),
        *((len(v), FILTER_VALUES_MAX, f"filters.{n}", 1) for n, v in inquiry.filters.items()),
    )
    problems = [
        Problem(code="wrong_value", message=f"name {least} to {most}, not {count}", field=path)
        for count, most, path, least in counted
        if not least <= count <= most
    ]
    if inquiry.end <= inquiry.start:
        problems.append(_wrong("end must lie after start", "end"))
    if inquiry.top is not None and not inquiry.group_by:
        problems.append(_wrong("top needs group_by: it ranks groups", "top"))
    if compare is not None and compare.to is Earlier.EXPLICIT:
        if compare.start is None or compare.end is None:
            problems.append(_wrong("explicit needs start and end", "compare"))
        elif compare.end <= compare.start:
            problems.append(_wrong("end must lie after start", "compare.end"))
    elif compare is not None and (compare.start or compare.end):
        message = f"start and end belong to explicit, not to {compare.to}"
        problems.append(_wrong(message, "compare"))
    return problems


def meter_fit_problems(inquiry: UsageInquiry, index: int, meter: Meter) -> list[Problem]:
    """
    Return what one meter of a question cannot do.

    Problems:
        wrong_value: a group or a filter that the meter does not declare.
        does_not_add: others or running totals of a meter whose quantities do not add.
    """
    known = [SUBJECT, *(dimension.name for dimension in meter.dimensions)]
    message = f"meter {meter.key} has no dimension {{name!r}}; known are {', '.join(known)}"
    asked = [(f"group_by[{place}]", name) for place, name in enumerate(inquiry.group_by)]
    asked += [(f"filters.{name}", name) for name in inquiry.filters]
    problems = [
        _wrong(message.format(name=name), path) for path, name in asked if name not in known
    ]
    if RULES[meter.aggregation].adds:
        return problems
    sums = (
        (inquiry.running, "running_total", "leave it out"),
        (inquiry.top is not None and inquiry.top.others, "top.others", "say false"),
    )
    return problems + [
        Problem(
            code="does_not_add",
            message=f"quantities of {meter.aggregation.value} (meters[{index}], {meter.key}) do "
            f"not add; {advice}",
            field=path,
        )
        for is_asked, path, advice in sums
        if is_asked
    ]


def _wrong(message: str, path: str) -> Problem:
    return Problem(code="wrong_value", message=message, field=path)
