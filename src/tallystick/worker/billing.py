"""
Bills what is due, by asking the owner.

The embedded ClickHouse lives in the owner process, so the run itself does too; the worker decides
when. Each run has an idempotency key made of its minute, so two workers do not start it twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from tallystick.app.unit_of_work import RunnerUnitOfWork
from tallystick.bootstrap.engines import every_workspace
from tallystick.client import Client, Endpoint, RequestRefused
from tallystick.kernel import WorkspaceId, derived_id, instant_text
from tallystick.worker.repeat import Say

RUN_SECONDS_MAX = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DueBilling:
    """
    Asks for billing runs, workspace after workspace.

    A test workspace whose clock was set is left alone: it is billed when its clock is advanced.

    Attributes:
        endpoint: finds the owner, for a workspace; asked for each run, since its token changes with
            each start.
        runner: opens a unit of work across workspaces.
        now: the computer's clock.
        say: tells what a run issued.
    """

    endpoint: Callable[[WorkspaceId], Endpoint]
    runner: Callable[[], RunnerUnitOfWork]
    now: Callable[[], datetime]
    say: Say

    def run(self) -> bool:
        """Bill everything that is due now; there is never more at once."""
        minute = instant_text(self.now().replace(second=0, microsecond=0))
        key = derived_id("run", minute)
        for workspace in every_workspace(self.runner):
            with self.runner() as uow:
                found = uow.directory.find(workspace)
            if found is not None and found.time is None:
                self._bill(workspace, key)
        return False

    def _bill(self, workspace: WorkspaceId, key: str) -> None:
        """Bill one workspace; one that refuses keeps no other from being billed."""
        with Client(self.endpoint(workspace), timeout_seconds=RUN_SECONDS_MAX) as client:
            try:
                answer = client.post("/v1/invoices/run", {}, idempotency_key=key)
            except RequestRefused as error:
                self.say("billing refused", {"workspace": workspace, "why": str(error)})
                return
        report = cast(dict[str, object], answer)
        if report.get("issued") or report.get("parked"):
            self.say("billed", {"workspace": workspace, **report})
