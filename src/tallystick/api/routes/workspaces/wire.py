"""Workspaces and their clocks, as they are written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from tallystick.api.schemas.catalog import AppliedAnswer, wire_from_applied
from tallystick.api.schemas.documents.invoice import ParkedAnswer
from tallystick.app.advancing import AdvanceReport, ClockStanding
from tallystick.app.catalog import CopiedCatalog
from tallystick.app.workspaces import Workspace, WorkspaceKind


class NewWorkspace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A workspace to create."""

    id: str
    name: str
    kind: WorkspaceKind = WorkspaceKind.TEST
    clock_at: datetime | None = None


class WorkspaceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace; ``clock_at``: where its own clock stands, if it has one."""

    id: str
    kind: WorkspaceKind
    name: str
    created_at: datetime
    clock_at: datetime | None


class ClockAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where a clock stands.

    ``is_set``: whether the workspace goes by a clock of its own; ``target``: where an advance is
    going that has not ended.
    """

    kind: WorkspaceKind
    now: datetime
    is_set: bool
    target: datetime | None


class AdvanceOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the clock goes: to an instant, or by an interval such as ``1M``."""

    to: datetime | None = None
    by: Annotated[str, msgspec.Meta(pattern="^([1-9][0-9]{0,2}[hdwMqy])?$")] = ""


class AdvanceAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an advance did on its way; ``recognized``: journal entries of revenue earned."""

    started_at: datetime
    now: datetime
    issued: tuple[str, ...]
    recognized: tuple[str, ...]
    parked: tuple[ParkedAnswer, ...]


class CopyOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    From where to copy.

    ``contracts``: subscriptions too; ``reviewed``: the digest of the difference that was looked at.
    """

    source: str
    contracts: bool = False
    dry_run: bool = False
    reviewed: str = ""


class CopiedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was copied, or would be; ``digest`` names this difference and no other."""

    applied: AppliedAnswer
    digest: str


def wire_from_copied(copied: CopiedCatalog) -> CopiedAnswer:
    """Return what was copied as it is written."""
    return CopiedAnswer(applied=wire_from_applied(copied.applied), digest=copied.digest)


def wire_from_workspace(workspace: Workspace) -> WorkspaceAnswer:
    """Return a workspace as it is written."""
    return WorkspaceAnswer(
        id=workspace.id,
        kind=workspace.kind,
        name=workspace.name,
        created_at=workspace.created_at,
        clock_at=None if workspace.time is None else workspace.time.at,
    )


def wire_from_standing(standing: ClockStanding) -> ClockAnswer:
    """Return where a clock stands as it is written."""
    return ClockAnswer(
        kind=standing.kind, now=standing.now, is_set=standing.is_set, target=standing.target
    )


def wire_from_advance(report: AdvanceReport) -> AdvanceAnswer:
    """Return what an advance did as it is written."""
    return AdvanceAnswer(
        started_at=report.started_at,
        now=report.now,
        issued=report.issued,
        recognized=report.recognized,
        parked=tuple(
            ParkedAnswer(account=account, code=problem.code, message=problem.message)
            for account, problem in report.parked
        ),
    )
