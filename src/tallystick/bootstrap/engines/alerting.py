"""Watches the pipeline of every workspace for what crosses a threshold."""

from collections.abc import Callable
from dataclasses import replace

from tallystick.app.keeping import Keeper, each_in_turn
from tallystick.app.pipeline import (
    DEFAULT_THRESHOLDS,
    Condition,
    Flow,
    PipelineSources,
    Thresholds,
    Watching,
    watch_pipeline,
)
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.app.workspaces import WorkspaceClocks
from tallystick.bootstrap.engines.every_meter import every_workspace
from tallystick.kernel import Misuse, WorkspaceId


def thresholds_of(text: str) -> Thresholds:
    """
    Return the thresholds of alerts, changed by a text such as `lag_seconds=30 dead_letters=off`.

    Raises:
        Misuse: a condition that is not known, or a threshold that cannot be.
    """
    thresholds = dict(DEFAULT_THRESHOLDS)
    for pair in text.replace(",", " ").split():
        name, _, value = pair.partition("=")
        if name not in set(Condition):
            known = ", ".join(Condition)
            message = f"TALLYSTICK_ALERTS: {name!r} is no condition; known are {known}"
            raise Misuse(message)
        if value == "off":
            thresholds.pop(Condition(name), None)
        elif value.isascii() and value.isdigit() and int(value) > 0:
            thresholds[Condition(name)] = int(value)
        else:
            message = f"TALLYSTICK_ALERTS: {pair!r}; a threshold is a whole number above 0, or off"
            raise Misuse(message)
    return thresholds


class AlertWatch:
    """One look at all workspaces after the other; keeps the flow of the look before."""

    def __init__(
        self,
        sources: Callable[[], PipelineSources],
        *,
        units: Callable[[WorkspaceId], UnitOfWork],
        runner: Callable[[], RunnerUnitOfWork],
        thresholds: Thresholds,
        clocks: WorkspaceClocks,
    ) -> None:
        self._sources = sources
        self._units = units
        self._runner = runner
        self._thresholds = thresholds
        self._clocks = clocks
        self._earlier: Flow | None = None

    def look(self, going: Callable[[], bool]) -> None:
        """Look at each workspace once, while `going`."""
        sources = self._sources()
        watching = Watching(thresholds=self._thresholds, earlier=self._earlier)

        def watch(workspace: WorkspaceId) -> None:
            clock = self._clocks.of(workspace)
            uncounted = replace(sources.uncounted, clock=clock)
            seen = replace(sources, clock=clock, uncounted=uncounted)
            watch_pipeline(workspace, uow=self._units(workspace), sources=seen, watching=watching)

        each_in_turn(every_workspace(self._runner), watch, going=going)
        self._earlier = sources.flow

    def keeper(self, *, pause_seconds: float) -> Keeper:
        """Return what looks over and over, not started."""
        return Keeper("alerts", self.look, pause_seconds=pause_seconds)
