"""Workspaces: the boundary of isolation."""

from tallystick.app.workspaces.clocks import WorkspaceClocks
from tallystick.app.workspaces.create_workspace import CreateWorkspace, create_workspace
from tallystick.app.workspaces.list_workspaces import list_workspaces
from tallystick.app.workspaces.ports import (
    Workspace,
    WorkspaceDirectory,
    WorkspaceKind,
    Workspaces,
    WorkspaceTime,
)

__all__ = [
    "CreateWorkspace",
    "Workspace",
    "WorkspaceClocks",
    "WorkspaceDirectory",
    "WorkspaceKind",
    "WorkspaceTime",
    "Workspaces",
    "create_workspace",
    "list_workspaces",
]
