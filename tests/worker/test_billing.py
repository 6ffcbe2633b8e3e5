"""The schedule bills every workspace that goes by the computer's clock, each on its own."""

from datetime import datetime

from tallystick.client import Endpoint
from tallystick.kernel import WorkspaceId
from tallystick.storage.postgres import PostgresRunnerUnitOfWork, open_pool
from tallystick.worker.billing import DueBilling
from tests.api.test_clocks import CATALOG, trial_of
from tests.clock import HandClock
from tests.serving import Served, Tenant

NOW = datetime.fromisoformat("2024-03-01T00:00:30+00:00")


def issued(tenant: Tenant) -> int:
    """Return how many documents stand in a workspace."""
    return len(tenant.ask("GET", "/v1/invoices").json()["items"])


def test_each_workspace_is_billed_by_schedule(served: Served) -> None:
    """A refusal in one keeps no other waiting; one with a clock of its own is left to that."""
    first, second = (trial_of(served, clock_at=None, kind="live") for _ in range(2))
    apart = trial_of(served)
    for tenant in (first, second, apart):
        tenant.apply(CATALOG)
    ours = {tenant.workspace for tenant in (first, second, apart)}
    broken = min(first.workspace, second.workspace)
    told: list[tuple[str, dict[str, object]]] = []

    def endpoint(workspace: WorkspaceId) -> Endpoint:
        secret = served.access.secret if workspace in ours else "0" * 64
        key = "wrong" if workspace == broken else f"ts_{workspace}_local_{secret}"
        return Endpoint(url=served.url, key=key)

    uri = served.cluster.address("tallystick_runner", served.database)
    with open_pool(uri, connections_max=1) as pool:
        due = DueBilling(
            endpoint=endpoint,
            runner=lambda: PostgresRunnerUnitOfWork(pool),
            now=HandClock(NOW).now,
            say=lambda event, fields: told.append((event, fields)),
        )
        assert due.run() is False
        assert due.run() is False
    billed = {str(fields["workspace"]) for event, fields in told if event == "billed"}
    refused = {str(fields["workspace"]) for event, fields in told if event == "billing refused"}
    assert billed == {first.workspace, second.workspace} - {broken}
    assert broken in refused
    assert apart.workspace not in billed | refused
    (good,) = (one for one in (first, second) if one.workspace != broken)
    assert (issued(good) > 1, issued(apart)) == (True, 0)
