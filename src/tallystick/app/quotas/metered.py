"""
What the projection says of metered counters, many in one question.

Counters of one meter and window whose subjects are theirs for all time are asked together, by
subject: 500 of them cost one question, where one by one each would cost its own.  All others are
asked alone: those that roll, whose subjects changed hands, or whose parts do not make the whole.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from tallystick.accounts import Ownership, spans_of
from tallystick.app.metering import UsageReader
from tallystick.app.quotas.limits import KnownLimit, KnownLimits
from tallystick.app.quotas.ports import CounterKey
from tallystick.app.quotas.use_event import is_consumable
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.kernel import EXACT, AccountKey, Period, SubjectSpan, from_micros, micros
from tallystick.metering import SUBJECT, Meter, UsageQuery
from tallystick.quotas import SLICES, Limit, Tally

TOGETHER_MAX = 500
_AHEAD = timedelta(hours=1)

Spans = tuple[SubjectSpan, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """
    What is known when counters are counted.

    Attributes:
        at: the workspace's present.
        through: up to where in the log events count; the projection covers it.
        usage: reads the projection.
        known: the limits of accounts.
    """

    at: datetime
    through: int
    uow: UnitOfWork
    usage: UsageReader
    known: KnownLimits


def metered_tallies(wanted: Mapping[CounterKey, KnownLimit], seen: Seen) -> dict[CounterKey, Tally]:
    """Return what events make of counters; nothing of one that no meter counts."""
    keys = sorted(wanted)
    found: dict[CounterKey, Tally] = {}
    for first in range(0, len(keys), TOGETHER_MAX):
        page = {key: wanted[key] for key in keys[first : first + TOGETHER_MAX]}
        found |= _tallies(page, seen)
    return found


def with_use(tally: Tally, limit: Limit, quantity: Decimal, at: datetime) -> Tally:
    """Return a tally with more use at an instant; of a rolling window in its slice."""
    if not quantity:
        return tally
    if limit.rolling is None:
        return replace(tally, used=EXACT.add(tally.used, quantity))
    return replace(tally, recent=tally.recent.add(at, limit.rolling, quantity))


def _tallies(page: Mapping[CounterKey, KnownLimit], seen: Seen) -> dict[CounterKey, Tally]:
    spans = _holder_spans({key: known.limit for key, known in page.items()}, seen)
    together: dict[tuple[str, Period], dict[CounterKey, Meter]] = defaultdict(dict)
    found: dict[CounterKey, Tally] = {}
    for key, known in page.items():
        if known.meter is None:
            found[key] = Tally()
        elif _adds_up(known.limit, known.meter, spans[key]):
            (window,) = _windows(known.limit, seen.at)
            together[str(known.meter.key), window][key] = known.meter
        else:
            found[key] = _alone(known.limit, known.meter, spans[key], seen)
    for (_, window), meters in together.items():
        meter = next(iter(meters.values()))
        found |= _by_subject(meter, window, {key: spans[key] for key in meters}, seen)
    return found


def _adds_up(limit: Limit, meter: Meter, spans: Spans) -> bool:
    """Tell whether a count is the sum over subjects of all that they used in one window."""
    plain = limit.rolling is None and is_consumable(meter) and not meter.later
    return plain and all(span.start is None and span.end is None for span in spans)


def _by_subject(
    meter: Meter, window: Period, wanted: Mapping[CounterKey, Spans], seen: Seen
) -> dict[CounterKey, Tally]:
    asked = tuple({span.subject: span for spans in wanted.values() for span in spans}.values())
    rows = seen.usage.usage(
        replace(_query(meter, (window,), asked, seen), group_by=(SUBJECT,)),
    )
    used = {row.group[0]: row.fold.quantity for row in rows}
    return {
        key: Tally(used=_sum(used.get(span.subject, Decimal(0)) for span in spans))
        for key, spans in wanted.items()
    }


def _alone(limit: Limit, meter: Meter, spans: Spans, seen: Seen) -> Tally:
    rows = seen.usage.usage(_query(meter, tuple(_windows(limit, seen.at)), spans, seen))
    if limit.rolling is None:
        return Tally(used=rows[0].fold.quantity)
    tally = Tally()
    for row in rows:
        tally = with_use(tally, limit, row.fold.quantity, row.window.start)
    return tally


def _query(meter: Meter, windows: tuple[Period, ...], spans: Spans, seen: Seen) -> UsageQuery:
    return UsageQuery(
        workspace=seen.uow.workspace,
        meter=meter,
        windows=windows,
        spans=spans,
        through=seen.through,
        until=seen.at,
    )


def _windows(limit: Limit, at: datetime) -> Iterator[Period]:
    """Yield the window of a limit, or of a rolling one each slice that counts at an instant."""
    if limit.rolling is None:
        yield Period(start=limit.start, end=limit.end or at + _AHEAD)
        return
    size = limit.rolling // timedelta(microseconds=SLICES)
    newest = micros(at) // size
    for number in range(newest - SLICES, newest + 1):
        yield Period(start=from_micros(number * size), end=from_micros((number + 1) * size))


def _holder_spans(limits: Mapping[CounterKey, Limit], seen: Seen) -> dict[CounterKey, Spans]:
    """Return the subjects whose usage limits count: the holder's, and of accounts below it."""
    below = seen.uow.quotas.below({limit.holder for limit in limits.values()})
    others = {account for each in below.values() for account in each}
    standings = seen.known.look_up(others, at=seen.at, uow=seen.uow) if others else {}
    counted: dict[CounterKey, list[AccountKey]] = {}
    for key, limit in limits.items():
        counted[key] = [limit.holder]
        for account in below.get(limit.holder, ()):
            own = standings[account].limits.get(limit.feature)
            if own is not None and own.limit.holder == limit.holder:
                counted[key].append(account)
    spans = _account_spans({account for each in counted.values() for account in each}, seen)
    return {
        key: tuple(span for account in accounts for span in spans[account])
        for key, accounts in counted.items()
    }


def _account_spans(accounts: set[AccountKey], seen: Seen) -> dict[AccountKey, Spans]:
    """Return the subjects of accounts; each exists, since something is granted to it."""
    if not accounts:
        return {}
    owned: dict[str, list[Ownership]] = defaultdict(list)
    for one in seen.uow.accounts.load_ownerships(*sorted(accounts)):
        for name in {str(one.account), str(one.resource)}:
            owned[name].append(one)
    return {account: spans_of(account, accounts, owned[str(account)]) for account in accounts}


def _sum(quantities: Iterable[Decimal]) -> Decimal:
    total = Decimal(0)
    for quantity in quantities:
        total = EXACT.add(total, quantity)
    return total
