"""
What a person with a list would count: no code of the product, no cleverness.

An event here is (source, id, subject, second, sequence, value); a day has 86,400 seconds and a
window is (first second, second behind the last). Quantities are fractions.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

Listed = tuple[str, str, str, int, str, int]
Window = tuple[int, int]


class List:
    """Every event that was ever sent, with what stands for it now; None for one that was voided."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.stands: dict[tuple[str, str], Listed | None] = {}

    def send(self, event: Listed) -> None:
        """The first wins, whatever comes later under its name."""
        self.stands.setdefault(event[:2], event)

    def void(self, name: tuple[str, str]) -> None:
        """It never happened."""
        if name in self.stands:
            self.stands[name] = None

    def amend(self, event: Listed) -> None:
        """It was as said here."""
        if event[:2] in self.stands:
            self.stands[event[:2]] = event

    def events(self) -> list[Listed]:
        """Return what counts, in the order of events."""
        standing = [event for event in self.stands.values() if event is not None]
        return sorted(standing, key=lambda one: (one[3], one[4], one[0], one[1]))


def _values(events: Sequence[Listed], window: Window) -> list[int]:
    return [one[5] for one in events if window[0] <= one[3] < window[1]]


def _subjects(events: Sequence[Listed]) -> list[list[Listed]]:
    names = sorted({one[2] for one in events})
    return [[one for one in events if one[2] == name] for name in names]


def _average(events: Sequence[Listed], window: Window) -> Fraction:
    values = _values(events, window)
    return Fraction(sum(values), len(values)) if values else Fraction(0)


def _level_seconds(events: Sequence[Listed], window: Window) -> Fraction:
    total = 0
    for series in _subjects(events):
        for second in range(*window):
            before = [one[5] for one in series if one[3] <= second]
            total += before[-1] if before else 0
    return Fraction(total)


def _increase(events: Sequence[Listed], window: Window) -> Fraction:
    total = 0
    for series in _subjects(events):
        for number, one in enumerate(series):
            if number and window[0] <= one[3] < window[1]:
                last = series[number - 1][5]
                total += one[5] - last if one[5] >= last else one[5]
    return Fraction(total)


def _median(events: Sequence[Listed], window: Window) -> Fraction:
    values = sorted(_values(events, window))
    return Fraction(values[(len(values) + 1) // 2 - 1] if values else 0)


def _hourly_peaks(events: Sequence[Listed], window: Window) -> Fraction:
    hours = {one[3] // 3600 for one in events if window[0] <= one[3] < window[1]}
    return Fraction(
        sum(
            max(one[5] for one in events if one[3] // 3600 == hour and one in _in(events, window))
            for hour in hours
        )
    )


def _in(events: Sequence[Listed], window: Window) -> list[Listed]:
    return [one for one in events if window[0] <= one[3] < window[1]]


QUANTITIES: dict[str, Callable[[Sequence[Listed], Window], Fraction]] = {
    "count": lambda events, window: Fraction(len(_values(events, window))),
    "sum": lambda events, window: Fraction(sum(_values(events, window))),
    "max": lambda events, window: Fraction(max(_values(events, window), default=0)),
    "min": lambda events, window: Fraction(min(_values(events, window), default=0)),
    "latest": lambda events, window: Fraction(([0, *_values(events, window)])[-1]),
    "unique": lambda events, window: Fraction(len(set(_values(events, window)))),
    "avg": _average,
    "time_weighted": _level_seconds,
    "counter": _increase,
    "percentile": _median,
    "peak": _hourly_peaks,
}
