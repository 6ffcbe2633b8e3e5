"""
Cutting a period where its price changes: at bands of the local day, a series' instants, windows.

    power, January 1, Berlin:  night to 06:00, otherwise to 08:00, peak to 20:00, otherwise to
                               22:00, night to midnight

The pieces tile the period in order; neighbours of one name are one piece. A band follows the local
clock: where summer time begins, the hour left out shortens whatever band it lies in, and where it
ends, the hour that comes twice is in the same band both times.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC as _UTC
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tallystick.kernel import Period, from_micros, instant_text, time_zone
from tallystick.metering import PeakPer, cuts_of
from tallystick.pricing.models import (
    OUTSIDE,
    CommittedPrice,
    DynamicPrice,
    EachWindow,
    Model,
    TimeBand,
    TimeOfUsePrice,
)
from tallystick.pricing.models.dynamic import BEFORE
from tallystick.pricing.models.time_of_use import OTHERWISE, WEEKDAYS, minutes_of

_MINUTES_PER_DAY = 1440
_ONE_DAY = timedelta(days=1)

Piece = tuple[Period, str]


def pieces_of(model: Model, period: Period, *, zone: str) -> tuple[Piece, ...]:
    """
    Return the pieces of a period, each with the name of its part; one unnamed for other models.

    Args:
        model: of the price.
        period: half-open.
        zone: IANA name of the zone whose clock the bands follow.

    Raises:
        Misuse: unknown zone.

    Example:
        >>> from decimal import Decimal
        >>> from tallystick.kernel import instant
        >>> peak = TimeBand(name="peak", unit_price=Decimal(1), begin="08:00", end="20:00")
        >>> model = TimeOfUsePrice(bands=(peak,), otherwise=Decimal(0))
        >>> day = Period(start=instant("2026-01-01T00:00:00Z"), end=instant("2026-01-02T00:00:00Z"))
        >>> [(str(piece.start.time()), name) for piece, name in pieces_of(model, day, zone="UTC")]
        [('00:00:00', 'otherwise'), ('08:00:00', 'peak'), ('20:00:00', 'otherwise')]
    """
    if isinstance(model, TimeOfUsePrice):
        place = time_zone(zone)
        pieces = _tiled(period, _band_cuts(model, period, place))
        return _joined((piece, _band(model, piece.start, place)) for piece in pieces)
    if isinstance(model, DynamicPrice) and (model.series or model.price_series):
        cuts = [rate.at for rate in model.series]
        return tuple((piece, _rate(model, piece.start)) for piece in _tiled(period, cuts))
    if isinstance(model, CommittedPrice) and model.each is not None:
        pieces = _tiled(period, _window_cuts(model.each, period, zone))
        place = time_zone(zone)
        return _joined((piece, _window(model.each, piece.start, place)) for piece in pieces)
    return ((period, ""),)


def windows_of(model: Model, period: Period, *, zone: str) -> int:
    """Return how many windows of a period a model commits to; 0 for other models."""
    if not isinstance(model, CommittedPrice) or model.each is None:
        return 0
    return sum(name != OUTSIDE for _, name in pieces_of(model, period, zone=zone))


def _window_cuts(each: EachWindow, period: Period, zone: str) -> Iterator[datetime]:
    """Yield where windows begin."""
    yield from map(from_micros, cuts_of(period, PeakPer(each.window), zone))


def _window(each: EachWindow, at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    held = each.is_always or _holds(each.band, local.hour * 60 + local.minute, local.weekday())
    return instant_text(at) if held else OUTSIDE


def _tiled(period: Period, cuts: Iterable[datetime]) -> Iterator[Period]:
    inside = sorted({cut for cut in cuts if period.start < cut < period.end})
    starts = [period.start, *inside]
    for start, end in zip(starts, [*inside, period.end], strict=True):
        yield Period(start=start, end=end)


def _joined(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    joined: list[Piece] = []
    for piece, name in pieces:
        if joined and joined[-1][1] == name:
            piece = Period(start=joined.pop()[0].start, end=piece.end)  # noqa: PLW2901 - it grows
        joined.append((piece, name))
    return tuple(joined)


def _rate(model: DynamicPrice, at: datetime) -> str:
    begun = bisect_right(model.series, at, key=lambda rate: rate.at)
    return instant_text(model.series[begun - 1].at) if begun else BEFORE


def _band(model: TimeOfUsePrice, at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    for band in model.bands:
        if _holds(band, minute, local.weekday()):
            return band.name
    return OTHERWISE


def _holds(band: TimeBand, minute: int, weekday: int) -> bool:
    begin, end = minutes_of(band.begin), minutes_of(band.end)
    if begin < end:
        return begin <= minute < end and _is_on(band, weekday)
    if minute >= begin:
        return _is_on(band, weekday)
    return minute < end and _is_on(band, weekday - 1)


def _is_on(band: TimeBand, weekday: int) -> bool:
    return not band.days or WEEKDAYS[weekday % len(WEEKDAYS)] in band.days


def _band_cuts(model: TimeOfUsePrice, period: Period, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield every instant at which the local clock may pass from one band into another."""
    minutes = {minutes_of(clock) for band in model.bands for clock in (band.begin, band.end)}
    minutes = {minute % _MINUTES_PER_DAY for minute in minutes} | {0}
    day = period.start.astimezone(zone).date() - _ONE_DAY
    last = period.end.astimezone(zone).date() + _ONE_DAY
    while day <= last:
        for minute in minutes:
            wall = time(minute // 60, minute % 60)
            # A wall time that comes twice passes twice; one left out is passed with the jump.
            yield from (_instant(day, wall, zone, fold=fold) for fold in (0, 1))
        yield from _jumps(day, zone)
        day += _ONE_DAY


def _instant(day: date, wall: time, zone: ZoneInfo, *, fold: int) -> datetime:
    return datetime.combine(day, wall.replace(fold=fold), tzinfo=zone).astimezone(_UTC)


def _jumps(day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the instant at which the clock is put forward or back on a local day, if it is."""
    low = _instant(day, time(0), zone, fold=0)
    high = _instant(day + _ONE_DAY, time(0), zone, fold=1)
    if low.astimezone(zone).utcoffset() == high.astimezone(zone).utcoffset():
        return
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    yield high
