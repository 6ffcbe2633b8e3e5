"""What is copied into a live workspace is what was looked at, whoever changes it meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from tallystick.app import Caller
from tallystick.app.catalog import (
    ApplyCatalog,
    CopiedCatalog,
    CopyCatalog,
    apply_catalog,
    copy_catalog,
    load_catalog,
)
from tallystick.app.workspaces import CreateWorkspace, WorkspaceKind, create_workspace
from tallystick.catalog import Documents
from tallystick.kernel import AccountKey, Done, Outcome, Refused, WorkspaceId
from tests.catalogs import catalog, documents
from tests.clock import HandClock
from tests.databases import WORKSPACE, Database, is_waiting
from tests.waiting import wait_until

LIVE = WorkspaceId("live")
OPERATOR = Caller(workspace=LIVE, actor="local:owner", scopes=frozenset({"admin"}), operator=True)
CLOCK = HandClock()


def copy(database: Database, command: CopyCatalog) -> Outcome[CopiedCatalog]:
    """Copy into the live workspace."""
    return copy_catalog(command, caller=OPERATOR, units=database.unit, clock=CLOCK)


def apply(database: Database, workspace: WorkspaceId, declared: Documents) -> None:
    """Apply documents to a workspace."""
    caller = replace(OPERATOR, workspace=workspace)
    command = ApplyCatalog(documents=declared)
    done = apply_catalog(command, caller=caller, uow=database.unit(workspace), clock=CLOCK)
    assert isinstance(done, Done), done


def test_a_difference_that_moved_before_it_is_written_is_refused(database: Database) -> None:
    """The digest is compared under the lock under which is written, not before it."""
    command = CreateWorkspace(kind=WorkspaceKind.LIVE, name="Live")
    made = create_workspace(command, caller=OPERATOR, uow=database.unit(LIVE), clock=CLOCK)
    assert isinstance(made, Done), made
    apply(database, WORKSPACE, documents())
    order = CopyCatalog(source=WORKSPACE)
    looked = copy(database, replace(order, dry_run=True))
    assert isinstance(looked, Done), looked
    agreed = replace(order, reviewed=looked.value.digest)
    with ThreadPoolExecutor(1) as threads, database.unit(LIVE) as uow:
        uow.catalog.lock()
        late = threads.submit(copy, database, agreed)
        wait_until(lambda: is_waiting(database), seconds_max=30, waiting_for="the copy")
        acme = catalog().accounts[AccountKey("acme")]
        uow.accounts.save_accounts([replace(acme, name="Acme, signed meanwhile")])
        uow.commit()
        refused = late.result()
    assert isinstance(refused, Refused), refused
    assert [problem.code for problem in refused.problems] == ["not_reviewed"]
    with database.unit(LIVE) as uow:
        assert not load_catalog(uow).plan_versions
