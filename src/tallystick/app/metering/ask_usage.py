"""
The use case behind POST /v1/usage/query: several meters, windows, groups, top, comparison.

The store answers with sums for windows given as instants; what is made of them (the rest behind the
top, running totals, changes) is made here. All pages of an answer, and all parts of one, look at
events up to one log position, so that they agree with one another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from tallystick.app.clock import Clock
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.metering.earlier import Earlier, previous_period, year_before
from tallystick.app.metering.inquiry import (
    InquiryAnswer,
    InquiryLine,
    UsageInquiry,
    inquiry_problems,
    meter_fit_problems,
)
from tallystick.app.metering.inquiry_rows import Grid, Group, grid_of, inquiry_lines
from tallystick.app.metering.ports import UsageReader
from tallystick.app.metering.query_usage import position_asked
from tallystick.app.metering.removed_time import removed_problem
from tallystick.app.metering.subjects import AskedSubjects, subjects_of
from tallystick.app.metering.windows import WINDOWS_MAX, windows_of
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import (
    Done,
    Misuse,
    Outcome,
    Period,
    Problem,
    Refused,
    SubjectSpan,
    refuse,
)
from tallystick.metering import SUBJECT, Filter, Meter, UsageQuery, UsageRow, narrow

ROWS_MAX = 100_000
"""Rows behind one question, over all of its pages and for each of its meters and periods."""


class _TooManyRows(Exception):
    """A meter has more rows than an answer may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """A question with all that the catalog, the accounts and the calendar say about it."""

    inquiry: UsageInquiry
    meters: Sequence[Meter]
    asked: AskedSubjects
    zone: str
    windows: Sequence[Period]
    earlier: Period | None
    earlier_windows: Sequence[Period]


def ask_usage(
    inquiry: UsageInquiry, *, caller: Caller, uow: UnitOfWork, usage: UsageReader, clock: Clock
) -> Outcome[InquiryAnswer]:
    """
    Return a page of the quantities of several meters.

    Problems:
        forbidden: the caller does not hold the scope ``read``.
        not_found: no such meter, or no such account for this caller.
        wrong_value: an empty stretch of time, an unknown zone, group or filter, too long a list.
        does_not_add: others or running totals of a meter whose quantities do not add.
        too_many_windows, too_many_rows: ask for less, or for longer windows.
        usage_removed: it reaches into a time of which events were removed.
        not_covered: the position is not readable yet; ask again.
    """
    unpermitted = missing_scope(caller, Scope.READ)
    if unpermitted is not None:
        return Refused((unpermitted,))
    plan = _plan(inquiry, caller, uow)
    if isinstance(plan, Refused):
        return plan
    position = position_asked(inquiry.position, inquiry.as_of, usage)
    if isinstance(position, Refused):
        return position
    asked = _Asked(
        plan=plan.value,
        template=UsageQuery(
            workspace=caller.workspace,
            meter=plan.value.meters[0],
            windows=tuple(plan.value.windows),
            spans=plan.value.asked.spans,
            others=plan.value.asked.others,
            through=position.value,
            until=inquiry.present or clock.now(),
            zones=(plan.value.zone,),
            rows_max=ROWS_MAX,
        ),
        usage=usage,
    )
    try:
        return Done(asked.page())
    except _TooManyRows:
        message = f"more than {ROWS_MAX} rows; ask for less time, longer windows, or top groups"
        return refuse("too_many_rows", message, "group_by")


def _plan(inquiry: UsageInquiry, caller: Caller, uow: UnitOfWork) -> Outcome[_Plan]:
    problems = inquiry_problems(inquiry)
    if problems:
        return Refused(tuple(problems))
    chosen = inquiry.filters.get(SUBJECT)
    with uow:
        meters = {key: uow.catalog.load_meter(key) for key in inquiry.meters}
        asked = subjects_of(
            inquiry.account,
            None if chosen is None else frozenset(chosen),
            caller=caller,
            uow=uow,
        )
        known = [meter for meter in meters.values() if meter is not None]
        removed = removed_problem(uow, known, start=_first_instant(inquiry))
    if isinstance(asked, Refused):
        return asked
    problems += [] if removed is None else [removed]
    for index, key in enumerate(inquiry.meters):
        meter = meters[key]
        if meter is None:
            message = f"no meter {key!r}"
            problems.append(Problem(code="not_found", message=message, field=f"meters[{index}]"))
        else:
            problems += meter_fit_problems(inquiry, index, meter)
    if problems:
        return Refused(tuple(problems))
    return _timed(inquiry, known, asked.value)


def _timed(inquiry: UsageInquiry, meters: Sequence[Meter], asked: AskedSubjects) -> Outcome[_Plan]:
    zone = inquiry.zone or asked.zone or "UTC"
    span = Period(start=inquiry.start, end=inquiry.end)
    try:
        earlier = _earlier(inquiry, span, zone)
        windows = windows_of(span, inquiry.size, zone)
        before = () if earlier is None else windows_of(earlier, inquiry.size, zone)
    except Misuse as error:
        return refuse("wrong_value", str(error), "zone")
    if windows is None or before is None:
        message = f"more than {WINDOWS_MAX} windows; ask for longer ones or for less time"
        return refuse("too_many_windows", message, "window")
    return Done(
        _Plan(
            inquiry=inquiry,
            meters=meters,
            asked=asked,
            zone=zone,
            windows=windows,
            earlier=earlier,
            earlier_windows=before[: len(windows)],
        )
    )


def _first_instant(inquiry: UsageInquiry) -> datetime:
    """Return the first instant that a question looks at, in whatever zone its days are."""
    if inquiry.compare is None:
        return inquiry.start
    if inquiry.compare.start is not None:
        return min(inquiry.start, inquiry.compare.start)
    span = Period(start=inquiry.start, end=inquiry.end)
    before = previous_period if inquiry.compare.to is Earlier.PREVIOUS else year_before
    return min(inquiry.start, before(span, inquiry.zone or "UTC").start)


def _earlier(inquiry: UsageInquiry, span: Period, zone: str) -> Period | None:
    compare = inquiry.compare
    if compare is None:
        return None
    if compare.start is not None and compare.end is not None:
        return Period(start=compare.start, end=compare.end)
    return (previous_period if compare.to is Earlier.PREVIOUS else year_before)(span, zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A planned question at one position, with whom to ask."""

    plan: _Plan
    template: UsageQuery
    usage: UsageReader

    def page(self) -> InquiryAnswer:
        """Return the page that is asked for."""
        inquiry = self.plan.inquiry
        behind = inquiry.skip + inquiry.limit
        lines = list(islice(self._lines(), inquiry.skip, behind + 1))
        return InquiryAnswer(
            zone=self.plan.zone,
            position=self.template.through or 0,
            present=self.template.until or inquiry.end,
            compared=self.plan.earlier,
            lines=tuple(lines[: inquiry.limit]),
            more=len(lines) > inquiry.limit,
        )

    def _lines(self) -> Iterator[InquiryLine]:
        inquiry = self.plan.inquiry
        for meter in self.plan.meters:
            query = self._query(meter)
            ranked = self._ranked(query)
            now = self._grid(query, self.plan.windows, ranked)
            earlier = None
            if self.plan.earlier is not None:
                earlier = self._grid(query, self.plan.earlier_windows, ranked)
            order = ranked or ()
            yield from inquiry_lines(inquiry, meter, now=now, earlier=earlier, ranked=order)

    def _query(self, meter: Meter) -> UsageQuery:
        return replace(
            self.template,
            meter=narrowed(meter, self.plan.inquiry.filters),
            group_by=self.plan.inquiry.group_by,
        )

    def _ranked(self, query: UsageQuery) -> list[Group] | None:
        """Return the top groups of the whole time; None where all groups are asked for."""
        inquiry = self.plan.inquiry
        if inquiry.top is None:
            return None
        whole = (Period(start=inquiry.start, end=inquiry.end),)
        return self.usage.leaders(replace(query, windows=whole), count=inquiry.top.count)

    def _grid(
        self, query: UsageQuery, windows: Sequence[Period], ranked: Sequence[Group] | None
    ) -> Grid:
        top = self.plan.inquiry.top
        query = replace(query, windows=tuple(windows))
        wholes: list[UsageRow] = []
        if top is not None and top.others:
            wholes = self._rows(replace(query, group_by=()))
        rows = self._rows(query) if ranked is None else self._rows_of(query, ranked)
        return grid_of(windows, rows, wholes=wholes, meter=query.meter)

    def _rows_of(self, query: UsageQuery, ranked: Sequence[Group]) -> list[UsageRow]:
        """Return the rows of the top groups; the store is asked for little more than these."""
        if not ranked:
            return []
        by_name = {
            name: tuple(sorted({group[place] for group in ranked}))
            for place, name in enumerate(query.group_by)
        }
        wanted = set(ranked)
        query = replace(query, meter=narrowed(query.meter, by_name))
        if SUBJECT in by_name:
            query = replace(query, spans=_spans_of(query, by_name[SUBJECT]), others=False)
        return [row for row in self._rows(query) if row.group in wanted]

    def _rows(self, query: UsageQuery) -> list[UsageRow]:
        rows = self.usage.usage(query)
        if len(rows) > ROWS_MAX:
            raise _TooManyRows
        return rows


def narrowed(meter: Meter, filters: Mapping[str, tuple[str, ...]]) -> Meter:
    """Return the meter with accepted texts for dimensions; the subject is no dimension."""
    paths = {dimension.name: dimension.path for dimension in meter.dimensions}
    more = tuple(
        Filter(path=paths[name], op="in", values=values)
        for name, values in filters.items()
        if name != SUBJECT
    )
    return narrow(meter, more)


def _spans_of(query: UsageQuery, subjects: Sequence[str]) -> tuple[SubjectSpan, ...]:
    """Return the spans of these subjects; one without a span counts always, if others do."""
    named = {span.subject for span in query.spans or ()}
    kept = [span for span in query.spans or () if span.subject in subjects]
    free = [subject for subject in subjects if subject not in named] if query.others else []
    always = [SubjectSpan(subject=subject, start=None, end=None) for subject in free]
    return (*kept, *always)
