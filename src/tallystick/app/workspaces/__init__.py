"""Workspaces: the boundary of isolation."""

from tallystick.app.workspaces.create_workspace import CreateWorkspace, create_workspace
from tallystick.app.workspaces.ports import (
    Workspace,
    WorkspaceDirectory,
    WorkspaceKind,
    Workspaces,
)

__all__ = [
    "CreateWorkspace",
    "Workspace",
    "WorkspaceDirectory",
    "WorkspaceKind",
    "Workspaces",
    "create_workspace",
]
