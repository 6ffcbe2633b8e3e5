"""
Windows as numbers: which of many windows an instant falls into, as SQL.

Windows that are ordered and disjoint can be searched by halving: ``roundDown`` finds the greatest
boundary not after an instant. Overlapping windows are first parted into runs of disjoint ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tallystick.kernel import Period, micros
from tallystick.storage.clickhouse.bindings import Bindings

FOREVER = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRun:
    """
    Disjoint windows in order, numbered from 1.

    Attributes:
        windows: the windows.
        indices: where each stands in the query.
        has_past: whether readings may stand before the first window, where that matters.
    """

    windows: tuple[Period, ...]
    indices: tuple[int, ...]
    has_past: bool = True

    @property
    def first(self) -> int:
        """Microsecond at which the first window starts."""
        return micros(self.windows[0].start)

    @property
    def last(self) -> int:
        """Microsecond at which the last window ends."""
        return micros(self.windows[-1].end)

    def starts(self) -> list[int]:
        """Return the starts in microseconds."""
        return [micros(window.start) for window in self.windows]

    def ends(self) -> list[int]:
        """Return the ends in microseconds."""
        return [micros(window.end) for window in self.windows]


def window_runs(windows: Sequence[Period]) -> list[WindowRun]:
    """
    Return the fewest runs of disjoint windows, each in order of time.

    A window goes to the first run that ends before it starts, which is optimal for intervals.
    """
    runs: list[list[int]] = []
    for index in sorted(range(len(windows)), key=lambda each: windows[each].start):
        free = (run for run in runs if windows[run[-1]].end <= windows[index].start)
        run = next(free, None)
        if run is None:
            runs.append([index])
        else:
            run.append(index)
    return [
        WindowRun(windows=tuple(windows[index] for index in run), indices=tuple(run))
        for run in runs
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowSql:
    """
    Expressions over the windows of a run.

    Attributes:
        starts: placeholder of the array of starts.
        ends: placeholder of the array of ends.
        count: number of windows.
    """

    starts: str
    ends: str
    start_marks: str
    end_marks: str
    numbers: str
    count: int

    def started(self, instant: str) -> str:
        """Return how many windows start at or before an instant."""
        return self._passed(instant, self.start_marks)

    def ended(self, instant: str) -> str:
        """Return how many windows end at or before an instant."""
        return self._passed(instant, self.end_marks)

    def _passed(self, instant: str, marks: str) -> str:
        return f"transform(roundDown({instant}, {marks}), {marks}, {self.numbers}, toInt64(0))"


def bind_windows(run: WindowRun, bind: Bindings) -> WindowSql:
    """Bind a run's boundaries and return the expressions over them."""
    starts, ends = run.starts(), run.ends()
    return WindowSql(
        starts=bind.wholes(starts),
        ends=bind.wholes(ends),
        # Before the first boundary none has passed.
        start_marks=bind.wholes([-FOREVER, *starts]),
        end_marks=bind.wholes([-FOREVER, *ends]),
        numbers=bind.wholes(range(len(starts) + 1)),
        count=len(starts),
    )
