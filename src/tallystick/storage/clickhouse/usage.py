"""
Usage answered by ClickHouse: one query for each run of disjoint windows.

A row that comes back holds sums only; quantities are divided in Python. What a meter means is
defined by the folds in `tallystick.metering`; tests compare the two row by row.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol

from tallystick.metering import (
    RULES,
    SUBJECT,
    Event,
    Evidence,
    Fold,
    UsageQuery,
    UsageRow,
    answered,
    digest_text,
    is_simple,
    measure_usage,
    simple_queries,
)
from tallystick.storage.clickhouse.answer_parts import (
    AnswerParts,
    parts_of_events,
    parts_of_rollups,
)
from tallystick.storage.clickhouse.bindings import Bindings, bindings_of
from tallystick.storage.clickhouse.client import ClickHouse
from tallystick.storage.clickhouse.folding import FoldedUsage, greatest_groups, is_compilable
from tallystick.storage.clickhouse.matching import dimension_column
from tallystick.storage.clickhouse.noted import CorrectedWorkspaces
from tallystick.storage.clickhouse.parts import EVENT_COLUMNS, compile_past, event_of, placed_events
from tallystick.storage.clickhouse.rolled import RolledFinder, RollUps
from tallystick.storage.clickhouse.schema import EXTENT
from tallystick.storage.clickhouse.windows import WindowRun, window_runs

POLL_SECONDS = 0.02
ZERO = Decimal(0)
_FOLD_COLUMNS = 6

Cells = tuple[Any, ...]
Answers = dict[tuple[int, tuple[str, ...]], tuple[Fold, Evidence | None]]


class Covering(Protocol):
    """Who knows how far the projection is without asking it: its only writer."""

    @property
    def covered_position(self) -> int:
        """The position through which the projection holds every event."""
        ...

    def wait_covered(self, position: int, timeout_seconds: float) -> bool:
        """Return whether the projection covers a position, waiting for it if need be."""
        ...


class ClickHouseUsage:
    """
    Reads usage and events from the projection; implements ``UsageReader``.

    With the writer's note of corrected workspaces it asks the others for no corrections; with
    roll-ups it answers from them what they hold; with `covering` it need not ask the engine how far
    the projection is.
    """

    def __init__(
        self,
        clickhouse: ClickHouse,
        corrected: CorrectedWorkspaces | None = None,
        rollups: RollUps | None = None,
        *,
        covering: Covering | None = None,
    ) -> None:
        self._clickhouse = clickhouse
        self._corrected = corrected
        self._rollups = rollups
        self._covering = covering
        self._folded = FoldedUsage(clickhouse)

    def usage(self, query: UsageQuery) -> list[UsageRow]:
        return answered(self._as_known(query), self._usage)

    def leaders(self, query: UsageQuery, *, count: int) -> list[tuple[str, ...]]:
        first = replace(self._as_known(query), windows=query.windows[:1], zones=(query.zone_of(0),))
        if not is_simple(query.meter) or not is_compilable(query.meter):
            return greatest_groups(self.usage(first), count)
        (run,) = self._runs(first)
        bind = self._bindings(first)
        statement = compile_leaders(first, self._parts(first, run, bind), bind, count=count)
        found = self._clickhouse.read(statement, bind.parameters)
        return [_group(cells, query) for cells in found]

    def events(self, query: UsageQuery, *, after_position: int, limit: int) -> list[Event]:
        found: dict[int, Event] = {}
        for simple in simple_queries(self._as_known(query)):
            for event in self._events(simple, after_position, limit):
                found[event.position] = event
        return [found[position] for position in sorted(found)[:limit]]

    def _usage(self, query: UsageQuery) -> list[UsageRow]:
        if not is_compilable(query.meter):
            return self._folded.usage(query)
        answers: Answers = {}
        for run in self._runs(query):
            bind = self._bindings(query)
            statement = compile_usage(query, self._parts(query, run, bind), bind)
            for cells in self._clickhouse.read(statement, bind.parameters):
                window, group, answer = _answer(cells, query)
                answers[run.indices[window - 1], group] = answer
        return list(_rows(query, answers))

    def _events(self, query: UsageQuery, after_position: int, limit: int) -> Iterator[Event]:
        if not is_compilable(query.meter):
            yield from self._folded.events(query, after_position=after_position, limit=limit)
            return
        for run in self._runs(query):
            bind = self._bindings(query)
            statement = compile_events(query, run, bind, after_position=after_position, limit=limit)
            for cells in self._clickhouse.read(statement, bind.parameters):
                yield event_of(cells, workspace=query.workspace, event_type=query.meter.event_type)

    def covered_position(self) -> int:
        if self._covering is not None:
            return self._covering.covered_position
        return int(self._clickhouse.read(EXTENT, {})[0][0])

    def _as_known(self, query: UsageQuery) -> UsageQuery:
        """Return the query as of what is covered now where it does not say what is known."""
        known = query.through is not None
        return query if known else replace(query, through=self.covered_position())

    def _bindings(self, query: UsageQuery) -> Bindings:
        return bindings_of(query, corrected=self._may_hold_corrections(query))

    def _may_hold_corrections(self, query: UsageQuery) -> bool:
        return self._corrected is None or self._corrected.holds(query.workspace)

    def _parts(self, query: UsageQuery, run: WindowRun, bind: Bindings) -> AnswerParts:
        """Return the parts of a run of windows: from roll-ups where they help, else from events."""
        if self._rollups is not None:
            corrected = self._may_hold_corrections(query)
            found = RolledFinder(self._clickhouse, self._rollups, corrected=corrected)
            rolled = found.find(query, run)
            if rolled is not None:
                return parts_of_rollups(query, run, rolled, bind)
        return parts_of_events(query, run, bind)

    def _runs(self, query: UsageQuery) -> Iterator[WindowRun]:
        """Yield the runs of windows, each with whether anything stands before it."""
        for run in window_runs(query.windows):
            if RULES[query.meter.aggregation].carries:
                bind = self._bindings(query)
                statement = compile_past(query, run, bind)
                past = bool(self._clickhouse.read(statement, bind.parameters))
                yield replace(run, has_past=past)
            else:
                yield run

    def wait_covered(self, position: int, timeout: float) -> bool:
        if self._covering is not None:
            return self._covering.wait_covered(position, timeout)
        deadline = time.monotonic() + timeout
        while self.covered_position() < position:
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True


def compile_usage(query: UsageQuery, parts: AnswerParts, bind: Bindings) -> str:
    """Return the statement that answers a query from its parts."""
    keys = ["w", *_group_columns(query)]
    columns = [*keys, *_fold_columns(parts)]
    if query.evidence:
        columns += _evidence_columns(query, bind)
    statement = f"SELECT {', '.join(columns)} FROM ({parts.source}) GROUP BY {', '.join(keys)}"
    if query.rows_max is not None:
        statement += f" LIMIT {bind.position(query.rows_max + 1)}"
    return statement


def compile_leaders(query: UsageQuery, parts: AnswerParts, bind: Bindings, *, count: int) -> str:
    """
    Return the statement that finds a query's greatest groups.

    Here alone a quotient is taken in SQL: it decides an order and is never shown.
    """
    totals = parts.totals
    keys = ", ".join(["w", *_group_columns(query)])
    quantity = f"toDecimal256({totals.numerator}, 18) / greatest({totals.denominator}, 1)"
    return (
        f"SELECT {keys} FROM ({parts.source}) GROUP BY {keys} "
        f"HAVING {totals.numerator} != 0 OR {parts.any_at_all} > 0 "
        f"ORDER BY {quantity} DESC, {keys} LIMIT {bind.position(count)}"
    )


def compile_events(
    query: UsageQuery, run: WindowRun, bind: Bindings, *, after_position: int, limit: int
) -> str:
    """Return the statement that lists the events behind a query's rows."""
    placed = placed_events(query, run, bind)
    return (
        f"SELECT {EVENT_COLUMNS} FROM ({placed}) "
        f"WHERE position > {bind.position(after_position)} "
        f"ORDER BY position LIMIT 1 BY position LIMIT {bind.position(limit)}"
    )


def _group_columns(query: UsageQuery) -> list[str]:
    names = [part.name for part in query.meter.dimensions]
    return [
        SUBJECT if name == SUBJECT else dimension_column(names.index(name))
        for name in dict.fromkeys(query.group_by)
    ]


def _fold_columns(parts: AnswerParts) -> list[str]:
    totals = parts.totals
    return [
        f"toString({totals.numerator})",
        f"toString({totals.denominator})",
        parts.readable,
        parts.unreadable,
        f"toInt64({totals.gap_micros})",
        f"toUInt64({totals.gaps})",
    ]


def _evidence_columns(query: UsageQuery, bind: Bindings) -> list[str]:
    parts = [
        "{workspace:String}",
        "source",
        "id",
        bind.text(query.meter.event_type),
        "subject",
        "toString(at)",
        "sequence",
        "data",
    ]
    netstrings = ", ".join(f"toString(length({part})), ':', {part}, ','" for part in parts)
    digest = f"reinterpretAsUInt256(SHA256(concat({netstrings})))"
    return [
        "countIf(first_use)",
        f"toString(sumIf({digest}, first_use))",
        "min(position)",
        "max(position)",
    ]


def _answer(
    cells: Sequence[Any], query: UsageQuery
) -> tuple[int, tuple[str, ...], tuple[Fold, Evidence | None]]:
    values = cells[1 + len(set(query.group_by)) :]
    numerator, denominator, events, unmeterable, gap_micros, gaps = values[:_FOLD_COLUMNS]
    folded = Fold(
        numerator=Decimal(numerator),
        denominator=Decimal(denominator),
        events=int(events),
        unmeterable=int(unmeterable),
        gap_seconds=Decimal(gap_micros).scaleb(-6),
        gaps=int(gaps),
    )
    return int(cells[0]), _group(cells, query), (folded, _evidence(values[_FOLD_COLUMNS:]))


def _group(cells: Sequence[Any], query: UsageQuery) -> tuple[str, ...]:
    """Return the group of a row, which stands behind the number of its window."""
    texts = dict(zip(dict.fromkeys(query.group_by), cells[1:], strict=False))
    return tuple(str(texts[name]) for name in query.group_by)


def _evidence(cells: Sequence[Any]) -> Evidence | None:
    if not cells:
        return None
    events, digest, first, last = cells
    return Evidence(
        events=int(events),
        digest=digest_text(int(digest)),
        first_position=int(first),
        last_position=int(last),
    )


def _rows(query: UsageQuery, answers: Answers) -> Iterator[UsageRow]:
    groups: dict[int, list[tuple[str, ...]]] = {}
    for index, group in answers:
        groups.setdefault(index, []).append(group)
    for index, window in enumerate(query.windows):
        for group in sorted(groups.get(index, [])) if query.group_by else [()]:
            folded, evidence = answers.get((index, group)) or _nothing(query, index)
            if not query.group_by or query.silent or not folded.is_empty:
                yield UsageRow(window=window, group=group, fold=folded, evidence=evidence)


def _nothing(query: UsageQuery, index: int) -> tuple[Fold, Evidence | None]:
    """Return what the reference gives for an empty window."""
    zone, window = query.zone_of(index), query.windows[index]
    alone = replace(query, windows=(window,), zones=(zone,), group_by=())
    (row,) = measure_usage(alone, ())
    return row.fold, row.evidence
