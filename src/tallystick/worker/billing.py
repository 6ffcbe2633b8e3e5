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
from tallystick.client import Client, Endpoint, RequestRefused, Retry
from tallystick.kernel import EngineUnavailable, WorkspaceId, derived_id, instant_text
from tallystick.worker.repeat import Say

RUN_SECONDS_MAX = 3600.0
RETRY = Retry(attempts_max=2)
"""One workspace that cannot be billed must not keep others waiting; it is asked each minute."""


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
        """
        Bill everything that is due now; there is never more at once.

        A workspace that cannot be billed keeps no other waiting.

        Raises:
            EngineUnavailable: the owner gave no usable answer for any workspace.
        """
        minute = instant_text(self.now().replace(second=0, microsecond=0))
        key = derived_id("run", minute)
        away: EngineUnavailable | None = None
        is_answered = False
        for workspace in every_workspace(self.runner):
            with self.runner() as uow:
                found = uow.directory.find(workspace)
            if found is None or found.time is not None:
                continue
            try:
                self._bill(workspace, key)
                is_answered = True
            except EngineUnavailable as error:
                away = error
                self._told("billing failed", workspace, error)
            except RequestRefused as error:
                is_answered = True
                self._told("billing refused", workspace, error)
            except Exception as error:  # noqa: BLE001 - of one workspace; the others are billed
                self._told("billing failed", workspace, error)
        if away is not None and not is_answered:
            raise away
        return False

    def _told(self, event: str, workspace: WorkspaceId, error: Exception) -> None:
        why = f"{type(error).__name__}: {error}"
        self.say(event, {"workspace": workspace, "why": why})

    def _bill(self, workspace: WorkspaceId, key: str) -> None:
        endpoint = self.endpoint(workspace)
        with Client(endpoint, retry=RETRY, timeout_seconds=RUN_SECONDS_MAX) as client:
            answer = client.post("/v1/invoices/run", {}, idempotency_key=key)
            bought = cast(dict[str, object], client.post("/v1/credits/top-ups/due", {}))
        report = cast(dict[str, object], answer)
        if report.get("issued") or report.get("parked"):
            self.say("billed", {"workspace": workspace, **report})
        if any(bought.values()):
            self.say("topped up", {"workspace": workspace, **bought})
