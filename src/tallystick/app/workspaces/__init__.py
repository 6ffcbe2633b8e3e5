"""Workspaces: the boundary of isolation."""

from tallystick.app.workspaces.ports import (
    Workspace,
    WorkspaceDirectory,
    WorkspaceKind,
    Workspaces,
)

__all__ = ["Workspace", "WorkspaceDirectory", "WorkspaceKind", "Workspaces"]
