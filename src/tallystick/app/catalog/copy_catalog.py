"""Copies what one workspace declares into another: from live to test, and reviewed back again."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tallystick.app.catalog.apply_catalog import AppliedCatalog, ApplyCatalog, apply_catalog
from tallystick.app.catalog.export_catalog import export_catalog
from tallystick.app.clock import Clock
from tallystick.app.command import Caller, not_operator
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import WorkspaceKind
from tallystick.catalog import Action, Documents
from tallystick.kernel import (
    Done,
    Outcome,
    Problem,
    Refused,
    WorkspaceId,
    canonical_json,
    digest,
    refuse,
)

CONTRACTS = "subscriptions"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyCatalog:
    """
    Copy catalog and accounts into the caller's workspace; what it has besides stays.

    Attributes:
        source: the workspace that is copied from.
        contracts: whether subscriptions come too; never into a live workspace.
        dry_run: tell the difference and write nothing.
        reviewed: the digest that the dry run told; a live workspace takes nothing without it.
    """

    source: WorkspaceId
    contracts: bool = False
    dry_run: bool = False
    reviewed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedCatalog:
    """What was copied, or would be; ``digest`` names this difference and no other."""

    applied: AppliedCatalog
    digest: str


def copy_catalog(
    command: CopyCatalog,
    *,
    caller: Caller,
    units: Callable[[WorkspaceId], UnitOfWork],
    clock: Clock,
) -> Outcome[CopiedCatalog]:
    """
    Copy in one transaction; a second time everything is unchanged, and needs no review.

    Args:
        command: what to copy, and whether its difference was looked at.
        caller: the operator of the installation, in the workspace that is copied into.
        units: gives a fresh unit of work in either workspace.
        clock: of the workspace that is copied into.

    Problems:
        forbidden: the caller is not the operator.
        unknown_workspace: one of the two was not created.
        same_workspace: they are one.
        contracts_stay: subscriptions do not come into a live workspace by copying.
        not_reviewed: the workspace is live, and the digest is not that of this difference.
        Those of `apply_catalog`.
    """
    unpermitted = not_operator(caller)
    if unpermitted is not None:
        return Refused((unpermitted,))
    chosen = _chosen(command, caller, units)
    if isinstance(chosen, Refused):
        return chosen
    documents = chosen.value.documents
    applied = apply_catalog(
        ApplyCatalog(documents=documents, dry_run=command.dry_run),
        caller=caller,
        uow=units(caller.workspace),
        clock=clock,
        objection=partial(_unseen, command, chosen.value),
    )
    if isinstance(applied, Refused):
        return applied
    return Done(CopiedCatalog(applied=applied.value, digest=_digest(documents, applied.value)))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What is copied, into which kind of workspace."""

    documents: Documents
    into: WorkspaceKind


def _chosen(
    command: CopyCatalog, caller: Caller, units: Callable[[WorkspaceId], UnitOfWork]
) -> Outcome[_Chosen]:
    """Return what is copied, if both workspaces may take part."""
    if command.source == caller.workspace:
        return refuse("same_workspace", "a workspace is not copied into itself", "source")
    kinds = []
    for key in (command.source, caller.workspace):
        with units(key) as uow:
            found = uow.workspaces.current()
        if found is None:
            return refuse("unknown_workspace", f"there is no workspace {key}", "source")
        kinds.append(found.kind)
    if kinds[1] is WorkspaceKind.LIVE and command.contracts:
        message = "contracts are not copied into a live workspace: agree on them there"
        return refuse("contracts_stay", message, "contracts")
    reader = Caller(
        workspace=command.source, actor=caller.actor, scopes=caller.scopes, operator=True
    )
    exported = export_catalog(reader, uow=units(command.source))
    if isinstance(exported, Refused):
        return exported
    lists = exported.value.lists.items()
    kept = {name: of for name, of in lists if command.contracts or name != CONTRACTS}
    return Done(_Chosen(documents=Documents(lists=kept), into=kinds[1]))


def _unseen(command: CopyCatalog, chosen: _Chosen, applied: AppliedCatalog) -> Problem | None:
    """Return that a difference was not looked at, where it has to be; None: it may be written."""
    is_open = chosen.into is WorkspaceKind.TEST or not (applied.created or applied.changed)
    if is_open or command.reviewed == _digest(chosen.documents, applied):
        return None
    message = "look at the difference with a dry run first, and send the digest that it tells"
    return Problem(code="not_reviewed", message=message, field="reviewed")


def _digest(documents: Documents, applied: AppliedCatalog) -> str:
    """Return what names a difference: what is copied, and what becomes of each object."""
    changes = [change for change in applied.changes if change.action is not Action.UNCHANGED]
    return digest(canonical_json({"documents": documents.lists, "changes": changes}))
