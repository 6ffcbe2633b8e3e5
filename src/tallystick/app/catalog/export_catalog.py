"""Exports the catalog as documents that apply unchanged."""

from tallystick.app.catalog.load_catalog import load_catalog
from tallystick.app.command import Caller, missing_scope
from tallystick.app.keys import Scope
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Documents, catalog_documents
from tallystick.kernel import Done, Outcome, Refused


def export_catalog(caller: Caller, *, uow: UnitOfWork) -> Outcome[Documents]:
    """
    Return documents of everything declared.

    Problems:
        forbidden: the caller does not hold the scope ``admin``.
    """
    unpermitted = missing_scope(caller, Scope.ADMIN)
    if unpermitted is not None:
        return Refused((unpermitted,))
    with uow:
        return Done(catalog_documents(load_catalog(uow)))
