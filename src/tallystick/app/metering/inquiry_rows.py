"""
From the folds of a store to the rows of an answer: others, running totals, comparison, filling.

A grid holds a fold for each window (by its place) and group. All arithmetic is exact; the one
quotient is the change per hundred.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from tallystick.app.metering.inquiry import EarlierLine, InquiryLine, UsageInquiry
from tallystick.kernel import EXACT, Period, plain
from tallystick.metering import Fold, Meter, UsageRow, add_folds, fold, remaining_fold

Group: TypeAlias = tuple[str, ...]
OTHERS: Group = ()
"""Stands for the groups behind the top; a group that is asked for has at least one text."""

PERCENT_PLACE = Decimal("0.000001")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """
    What one meter came to in one period.

    Attributes:
        windows: in order of time.
        folds: by place of the window and group; what is absent is nothing.
        others: the rest behind the groups, by place of the window.
    """

    windows: Sequence[Period]
    folds: Mapping[tuple[int, Group], Fold]
    others: Mapping[int, Fold] = field(default_factory=dict)

    def at(self, place: int, group: Group, *, others: bool) -> Fold | None:
        """Return the fold at a place, None where there is nothing."""
        return self.others.get(place) if others else self.folds.get((place, group))


def grid_of(
    windows: Sequence[Period],
    rows: Sequence[UsageRow],
    *,
    wholes: Sequence[UsageRow] = (),
    meter: Meter,
) -> Grid:
    """
    Return the grid of a store's rows.

    Args:
        windows: as asked, each once.
        rows: those of the groups.
        wholes: one for each window; what the groups leave of it are the others.
        meter: adds, if there are wholes.
    """
    places = {window: place for place, window in enumerate(windows)}
    folds = {(places[row.window], row.group): row.fold for row in rows}
    parts: dict[int, list[Fold]] = {}
    for (place, _), part in folds.items():
        parts.setdefault(place, []).append(part)
    rests = {
        places[whole.window]: remaining_fold(whole.fold, parts.get(places[whole.window], ()), meter)
        for whole in wholes
    }
    others = {place: rest for place, rest in rests.items() if not rest.is_empty}
    return Grid(windows=windows, folds=folds, others=others)


def inquiry_lines(
    inquiry: UsageInquiry,
    meter: Meter,
    *,
    now: Grid,
    earlier: Grid | None = None,
    ranked: Sequence[Group] = (),
) -> Iterator[InquiryLine]:
    """
    Yield the rows of one meter by window and group, others last.

    Args:
        inquiry: what was asked.
        meter: which meter.
        now: what it came to.
        earlier: and in the earlier period; windows are matched by their place.
        ranked: the top groups in their order; else groups stand in the order of their texts.
    """
    rows = _Rows(inquiry=inquiry, meter=meter, now=now, earlier=earlier)
    keys = [(group, False) for group in ranked or _groups(now, earlier)]
    if now.others or (earlier is not None and earlier.others):
        keys.append((OTHERS, True))
    totals: dict[tuple[Group, bool], Fold] = {}
    for place in range(len(now.windows)):
        for group, others in keys:
            own = now.at(place, group, others=others)
            if inquiry.running:
                parts = [part for part in (totals.get((group, others)), own) if part is not None]
                if parts:
                    totals[group, others] = add_folds(parts, meter)
            if rows.is_shown(place, group, others=others):
                yield rows.line(place, group, others=others, total=totals.get((group, others)))


def _groups(*grids: Grid | None) -> list[Group]:
    return sorted({group for grid in grids if grid is not None for _, group in grid.folds})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Makes the rows of one meter."""

    inquiry: UsageInquiry
    meter: Meter
    now: Grid
    earlier: Grid | None

    def is_shown(self, place: int, group: Group, *, others: bool) -> bool:
        """Tell whether a row is left in: something was used, then or now, or rows are filled."""
        grids = [self.now] if self.earlier is None else [self.now, self.earlier]
        return self.inquiry.fill or any(
            (found := grid.at(place, group, others=others)) is not None
            and not (found.is_empty and self.inquiry.group_by)
            for grid in grids
        )

    def line(self, place: int, group: Group, *, others: bool, total: Fold | None) -> InquiryLine:
        """Return the row of a window and group."""
        window = self.now.windows[place]
        own = self.now.at(place, group, others=others) or self._nothing(window)
        texts = [""] * len(self.inquiry.group_by) if others else group
        running = None
        if self.inquiry.running:
            running = "0" if total is None else plain(total.quantity)
        return InquiryLine(
            meter=self.meter.key,
            unit=self.meter.quantity_unit,
            start=window.start,
            end=window.end,
            group=dict(zip(self.inquiry.group_by, texts, strict=True)),
            others=others,
            quantity=plain(own.quantity),
            events=own.events,
            unmeterable=own.unmeterable,
            gap_seconds=plain(own.gap_seconds),
            gaps=own.gaps,
            running_total=running,
            earlier=self._earlier(place, group, others=others, now=own.quantity),
        )

    def _earlier(
        self, place: int, group: Group, *, others: bool, now: Decimal
    ) -> EarlierLine | None:
        if self.earlier is None or place >= len(self.earlier.windows):
            return None
        window = self.earlier.windows[place]
        then = (self.earlier.at(place, group, others=others) or self._nothing(window)).quantity
        change = EXACT.subtract(now, then)
        return EarlierLine(
            start=window.start,
            end=window.end,
            quantity=plain(then),
            change=plain(change),
            change_percent=_percent(change, then),
        )

    def _nothing(self, window: Period) -> Fold:
        return fold((), meter=self.meter, window=window)


def _percent(change: Decimal, of: Decimal) -> str | None:
    if not of:
        return None
    quotient = EXACT.divide(EXACT.multiply(change, _HUNDRED), abs(of))
    return plain(quotient.quantize(PERCENT_PLACE, context=EXACT))
