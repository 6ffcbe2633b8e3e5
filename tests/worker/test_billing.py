"""The schedule bills every workspace that goes by the computer's clock, each on its own."""

from collections.abc import Callable
from datetime import datetime

import pytest

from tallystick.client import Endpoint
from tallystick.kernel import EngineUnavailable, WorkspaceId
from tallystick.storage.postgres import PostgresRunnerUnitOfWork, open_pool
from tallystick.worker.billing import DueBilling
from tests.api.test_clocks import CATALOG, trial_of
from tests.clock import HandClock
from tests.databases import Database
from tests.serving import Served, Tenant

NOW = datetime.fromisoformat("2024-03-01T00:00:30+00:00")
NOWHERE = Endpoint(url="http://127.0.0.1:9", key="none")
Told = list[tuple[str, dict[str, object]]]
Where = Callable[[WorkspaceId], Endpoint]


def issued(tenant: Tenant) -> int:
    """Return how many documents stand in a workspace."""
    return len(tenant.ask("GET", "/v1/invoices").json()["items"])


def runner_of(served: Served) -> str:
    """Return the address at which the runner sees all workspaces of a server."""
    return served.cluster.address("tallystick_runner", served.database)


def bill(uri: str, endpoint: Where, told: Told, *, rounds: int = 1) -> None:
    """Bill all workspaces of a database, and keep what is told."""
    with open_pool(uri, connections_max=1) as pool:
        due = DueBilling(
            endpoint=endpoint,
            runner=lambda: PostgresRunnerUnitOfWork(pool),
            now=HandClock(NOW).now,
            say=lambda event, fields: told.append((event, fields)),
        )
        for _ in range(rounds):
            assert due.run() is False


def test_each_workspace_is_billed_by_schedule(served: Served) -> None:
    """A refusal in one keeps no other waiting; one with a clock of its own is left to that."""
    first, second = (trial_of(served, clock_at=None, kind="live") for _ in range(2))
    apart = trial_of(served)
    for tenant in (first, second, apart):
        tenant.apply(CATALOG)
    ours = {tenant.workspace for tenant in (first, second, apart)}
    broken = min(first.workspace, second.workspace)
    told: Told = []

    def endpoint(workspace: WorkspaceId) -> Endpoint:
        secret = served.access.secret if workspace in ours else "0" * 64
        key = "wrong" if workspace == broken else f"ts_{workspace}_local_{secret}"
        return Endpoint(url=served.url, key=key)

    bill(runner_of(served), endpoint, told, rounds=2)
    billed = {str(fields["workspace"]) for event, fields in told if event == "billed"}
    refused = {str(fields["workspace"]) for event, fields in told if event == "billing refused"}
    assert billed == {first.workspace, second.workspace} - {broken}
    assert broken in refused
    assert apart.workspace not in billed | refused
    (good,) = (one for one in (first, second) if one.workspace != broken)
    assert (issued(good) > 1, issued(apart)) == (True, 0)


@pytest.mark.parametrize("reason", ["no answer", "no address"])
def test_what_breaks_in_one_workspace_is_told_and_the_next_is_billed(
    served: Served, reason: str
) -> None:
    """Without an answer, or with an error of ours: neither hides, nor keeps others waiting."""
    tenants = sorted(
        (trial_of(served, clock_at=None, kind="live") for _ in range(2)), key=lambda t: t.workspace
    )
    for tenant in tenants:
        tenant.apply(CATALOG)
    broken, fine = (tenant.workspace for tenant in tenants)
    told: Told = []

    def endpoint(workspace: WorkspaceId) -> Endpoint:
        if workspace == broken and reason == "no address":
            raise LookupError(workspace)
        key = f"ts_{workspace}_local_{served.access.secret}" if workspace == fine else "wrong"
        return NOWHERE if workspace == broken else Endpoint(url=served.url, key=key)

    bill(runner_of(served), endpoint, told)
    failed = {str(fields["workspace"]) for event, fields in told if event == "billing failed"}
    billed = {str(fields["workspace"]) for event, fields in told if event == "billed"}
    assert (failed, billed) == ({broken}, {fine})
    text = tenants[1].ask("GET", "/metrics", token="").text
    found = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(found['tallystick_billing_runs_total{outcome="done"}']) >= 1
    assert float(found["tallystick_billing_finished_timestamp_seconds"]) > 0
    assert float(found["tallystick_accounts_parked"]) >= 0


def test_an_owner_that_is_away_is_waited_for(database: Database) -> None:
    """Where no workspace got an answer, the worker rests longer, as for any engine that is away."""
    told: Told = []
    with pytest.raises(EngineUnavailable):
        bill(database.uri("tallystick_runner"), lambda _: NOWHERE, told)
    assert [(event, fields["workspace"]) for event, fields in told] == [
        ("billing failed", "other"),
        ("billing failed", "test"),
    ]
