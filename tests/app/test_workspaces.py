"""Workspaces are created by the operator, once."""

from dataclasses import replace

import pytest

from tallystick.app import Caller
from tallystick.app.workspaces import CreateWorkspace, Workspace, WorkspaceKind, create_workspace
from tallystick.kernel import Done, Refused, WorkspaceId
from tests.clock import NEW_YEAR, HandClock
from tests.databases import Database

OPERATOR = Caller(workspace=WorkspaceId("live"), actor="local:owner", scopes=frozenset({"admin"}))
LIVE = CreateWorkspace(kind=WorkspaceKind.LIVE, name="Live")


def test_workspace_is_created_once(database: Database) -> None:
    """A new workspace stands with its audit record; creating it again returns it unchanged."""
    clock = HandClock()
    made = Workspace(id=OPERATOR.workspace, kind=LIVE.kind, name="Live", created_at=NEW_YEAR)
    for _ in range(2):
        uow = database.unit(OPERATOR.workspace)
        assert create_workspace(LIVE, caller=OPERATOR, uow=uow, clock=clock) == Done(made)
        clock.forward(days=1)
    with database.unit(OPERATOR.workspace) as uow:
        assert uow.audit.waiting() == 1


@pytest.mark.parametrize(
    ("command", "caller", "code"),
    [
        (LIVE, replace(OPERATOR, scopes=frozenset({"read"})), "forbidden"),
        (LIVE, replace(OPERATOR, workspace=WorkspaceId("No_Underscore")), "workspace_invalid"),
        (LIVE, replace(OPERATOR, workspace=WorkspaceId("x" * 40)), "workspace_invalid"),
        (LIVE, replace(OPERATOR, workspace=WorkspaceId("test")), "workspace_exists"),
    ],
)
def test_workspace_is_refused(
    database: Database, command: CreateWorkspace, caller: Caller, code: str
) -> None:
    """A caller without `admin`, an unfit id, and one that stands otherwise are refused."""
    uow = database.unit(caller.workspace)
    refused = create_workspace(command, caller=caller, uow=uow, clock=HandClock())
    assert isinstance(refused, Refused)
    assert [problem.code for problem in refused.problems] == [code]
