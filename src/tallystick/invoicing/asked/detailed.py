"""
Usage in the detail that a price asks for: parts of the time, transactions, or what a level did.

The detail is rows beside the rows of a question. A row of a part has one text more in its group
than the price has dimensions: the name of the part, the number of the transaction, the instant of
a change of a level, or a run of one with what is known of it.

    power, January                        group ()            9 kWh, on these events
    power, January, by bands              group ("peak",)     4
                                          group ("night",)    5

    seats, January, by changes            group ("2026-01-01T00:00:00Z",)   5 x 31 days
                                          group ("2026-01-10T00:00:00Z",)   2 x 22 days

So whatever keeps or compares the rows of a question keeps and compares these as well. They carry no
evidence; that of the whole stands for them, and they add up to it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from tallystick.invoicing.charging import name_of_run
from tallystick.kernel import EXACT, Misuse, Period, check, instant_text, micros
from tallystick.metering import (
    Event,
    Fold,
    LevelRun,
    UsageQuery,
    UsageRow,
    add_folds,
    exact_sum,
    level_changes,
    level_runs,
    measure_usage,
    transactions,
)
from tallystick.pricing import Need, Price, pieces_of

TRANSACTIONS_MAX = 1_000_000
_NUMBER_DIGITS = 7
_MICROS_PER_SECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """
    Whom to ask for usage: a store, or the reference folds.

    Attributes:
        rows: answers a query.
        events: gives the events that a query's rows rest on, in any order.
    """

    rows: Callable[[UsageQuery], Sequence[UsageRow]]
    events: Callable[[UsageQuery], Iterable[Event]]


def folding(events: Sequence[Event]) -> Asking:
    """Return the reference folds over some events as whom to ask."""
    return Asking(rows=lambda query: measure_usage(query, events), events=lambda _query: events)


def detailed_rows(price: Price, query: UsageQuery, asking: Asking) -> tuple[UsageRow, ...]:
    """
    Return the rows of a price's query, and behind them those of its detail.

    Args:
        price: whose model asks for detail.
        query: for the quantities; its windows do not overlap.
        asking: whom to ask.

    Raises:
        InvariantBroken: the parts do not add up to the whole.
        Misuse: the meter does not tell what is asked, or there are more than a million
            transactions.
    """
    rows = tuple(asking.rows(query))
    if price.need is Need.PARTS:
        found = tuple(_parts(price, query, asking))
    elif price.need is Need.TRANSACTIONS:
        found = tuple(_transactions(query, asking))
    elif price.need is Need.CHANGES:
        found = tuple(_changes(query, asking))
    elif price.need is Need.RUNS:
        found = tuple(_runs(price, query, asking))
    else:
        return rows
    _check_sums(rows, found)
    return rows + found


def whole_rows(price: Price, rows: Iterable[UsageRow]) -> tuple[UsageRow, ...]:
    """Return the rows of the groups themselves, without those of their detail."""
    return tuple(row for row in rows if len(row.group) == len(price.group_by))


def parts_by_group(
    price: Price, rows: Iterable[UsageRow]
) -> Mapping[tuple[str, ...], tuple[UsageRow, ...]]:
    """Return the rows of the detail by the group that they are parts of, in their order."""
    found: dict[tuple[str, ...], list[UsageRow]] = {}
    for row in rows:
        if len(row.group) > len(price.group_by):
            found.setdefault(row.group[:-1], []).append(row)
    return {group: tuple(own) for group, own in found.items()}


def _parts(price: Price, query: UsageQuery, asking: Asking) -> Iterator[UsageRow]:
    places: dict[Period, tuple[Period, str]] = {}
    zones: list[str] = []
    for index, window in enumerate(query.windows):
        zone = query.zone_of(index)
        for piece, name in pieces_of(price.model, window, zone=zone):
            places[piece] = (window, name)
            zones.append(zone)
    # With evidence as the whole: what is billed is read from events, not from roll-ups.
    asked = replace(query, windows=tuple(places), zones=tuple(zones), silent=False)
    folds: dict[tuple[Period, tuple[str, ...]], list[Fold]] = {}
    for row in asking.rows(asked):
        window, name = places[row.window]
        if not row.fold.is_empty:
            folds.setdefault((window, (*row.group, name)), []).append(row.fold)
    for (window, group), parts in folds.items():
        fold = add_folds(parts, query.meter)
        yield UsageRow(window=window, group=group, fold=fold, evidence=None)


def _transactions(query: UsageQuery, asking: Asking) -> Iterator[UsageRow]:
    found = transactions(query, asking.events(query))
    if sum(map(len, found.values())) > TRANSACTIONS_MAX:
        raise Misuse(f"more than {TRANSACTIONS_MAX} transactions are priced one by one")
    for (window, group), values in found.items():
        for number, value in enumerate(values, start=1):
            yield UsageRow(
                window=window,
                group=(*group, f"{number:0{_NUMBER_DIGITS}}"),
                fold=Fold(
                    numerator=value,
                    denominator=Decimal(1),
                    events=1,
                    unmeterable=0,
                    gap_seconds=Decimal(0),
                ),
                evidence=None,
            )


def _changes(query: UsageQuery, asking: Asking) -> Iterator[UsageRow]:
    for (window, group), changes in level_changes(query, asking.events(query)).items():
        end = micros(window.end)
        for one in changes:
            left = Decimal(end - micros(one.at))
            fold = _of_level(EXACT.multiply(one.change, left))
            name = instant_text(one.at)
            yield UsageRow(window=window, group=(*group, name), fold=fold, evidence=None)


def _runs(price: Price, query: UsageQuery, asking: Asking) -> Iterator[UsageRow]:
    for (window, group), runs in _runs_by_group(price, query, asking):
        lasting = (run for run in runs if run.micros or (run.ends and run.before))
        for number, run in enumerate(lasting, start=1):
            name = name_of_run(number, run)
            fold = _of_level(run.integral)
            yield UsageRow(window=window, group=(*group, name), fold=fold, evidence=None)


def _runs_by_group(
    price: Price, query: UsageQuery, asking: Asking
) -> Iterator[tuple[tuple[Period, tuple[str, ...]], tuple[LevelRun, ...]]]:
    """Yield the runs of each window and group; one carried in knows how long it lasted before."""
    found = level_runs(query, asking.events(query))
    back = looked_back(price)
    entered = {
        window
        for (window, _), runs in found.items()
        if any(run.ends and not run.begins for run in runs)
    }
    for index, window in enumerate(query.windows):
        own = {place: runs for place, runs in found.items() if place[0] == window}
        if back and window in entered:
            zones = (query.zone_of(index),)
            around = Period(start=window.start - back, end=window.end)
            events = asking.events(replace(query, windows=(around,), zones=zones))
            alone = replace(query, windows=(window,), zones=zones)
            own = dict(level_runs(alone, events, look_back=back // timedelta(microseconds=1)))
        yield from own.items()


def looked_back(price: Price) -> timedelta:
    """Return how long before a service period its charge looks for runs that go on into it."""
    seconds = Decimal(0) if price.each_run is None else price.each_run.look_back_seconds
    return timedelta(microseconds=int(EXACT.multiply(seconds, Decimal(_MICROS_PER_SECOND))))


def _of_level(integral: Decimal) -> Fold:
    """Return a fold of a level's microseconds."""
    return Fold(
        numerator=integral,
        denominator=Decimal(_MICROS_PER_SECOND),
        events=0,
        unmeterable=0,
        gap_seconds=Decimal(0),
    )


def _check_sums(rows: Iterable[UsageRow], parts: Iterable[UsageRow]) -> None:
    sums: dict[tuple[Period, tuple[str, ...]], list[Decimal]] = {}
    for part in parts:
        sums.setdefault((part.window, part.group[:-1]), []).append(part.fold.numerator)
    for row in rows:
        total = exact_sum(sums.get((row.window, row.group), ()))
        check(
            total == row.fold.numerator,
            f"the parts of {row.group} in {row.window} come to {total}, not {row.fold.numerator}",
        )
