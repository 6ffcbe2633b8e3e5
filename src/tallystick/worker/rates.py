"""Fetches exchange rates and imports them into every workspace, by schedule."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

import httpx

from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.currency import BATCH_MAX, ImportRates, import_rates
from tallystick.app.unit_of_work import RunnerUnitOfWork, UnitOfWork
from tallystick.bootstrap.engines import every_workspace
from tallystick.currency import PublishedRate
from tallystick.integrations.exchange_rates import FILE_BYTES_MAX, rates_in
from tallystick.kernel import Misuse, Refused, WorkspaceId
from tallystick.worker.repeat import Say

SECONDS_MAX = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRates:
    """
    Fetches rates; what stands already is left as it is.

    Attributes:
        url: where from; ``{yesterday}`` in it is replaced. It may hold a secret and is never told.
        units: opens a unit of work in a workspace.
        runner: opens one across workspaces.
        clock: says which day was yesterday, and when rates were imported.
        say: tells what was imported, and why not.
    """

    url: str
    units: Callable[[WorkspaceId], UnitOfWork]
    runner: Callable[[], RunnerUnitOfWork]
    clock: Clock
    say: Say

    def run(self) -> bool:
        """Fetch and import once; a source that is away is asked again at the next round."""
        try:
            rates = tuple(rates_in(self._fetched()))
        except (httpx.HTTPError, Misuse) as error:
            told = str(error) if isinstance(error, Misuse) else type(error).__name__
            self.say("rates not fetched", {"why": told})
            return False
        for workspace in every_workspace(self.runner):
            for first in range(0, len(rates), BATCH_MAX):
                self._import(workspace, rates[first : first + BATCH_MAX])
        return False

    def _import(self, workspace: WorkspaceId, rates: tuple[PublishedRate, ...]) -> None:
        caller = Caller(workspace=workspace, actor="worker", scopes=frozenset({"billing"}))
        command, uow = ImportRates(rates=rates), self.units(workspace)
        done = import_rates(command, caller=caller, uow=uow, clock=self.clock)
        if isinstance(done, Refused):
            self.say("rates refused", {"workspace": workspace, "why": str(done)})
        elif done.value.added or done.value.conflicts:
            imported = {"added": done.value.added, "conflicts": done.value.described}
            self.say("rates imported", {"workspace": workspace, **imported})

    def _fetched(self) -> bytes:
        yesterday = (self.clock.now().astimezone(UTC) - timedelta(days=1)).date()
        url = self.url.replace("{yesterday}", yesterday.isoformat())
        with httpx.stream("GET", url, timeout=SECONDS_MAX, follow_redirects=True) as answer:
            answer.raise_for_status()
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > FILE_BYTES_MAX:
                    raise Misuse("the answer is too large for a file of rates")
        return content
