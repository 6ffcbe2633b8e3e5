"""Reads what some contracts will ask of usage, all at once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tallystick.app.invoicing.ahead.usage_ahead import UsageAhead
from tallystick.app.invoicing.load_basis import load_basis
from tallystick.app.invoicing.measure import DraftOrder, load_books, questions_of
from tallystick.app.invoicing.ports import BillingSources
from tallystick.app.metering import UsageReader
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.catalog import Catalog, Subscription
from tallystick.invoicing import issued_from, missing_documents
from tallystick.kernel import EngineUnavailable, Refused
from tallystick.metering import UsageQuery


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """
    What is read ahead: what falls due by an instant, as known at a position of the log.

    Attributes:
        definitions: the catalog's, as for `load_basis`.
        hold: whether days of grace are not waited for.
    """

    definitions: Catalog
    through: datetime
    position: int
    hold: bool = False


def read_ahead(
    subscriptions: Iterable[Subscription],
    wanted: Ahead,
    *,
    uow: UnitOfWork,
    sources: BillingSources,
) -> UsageReader:
    """
    Return a reader that holds what is due of these contracts.

    Nothing is decided here: a contract that is drafted asks again for what it needs, and what it
    asks beyond that is read then.
    """
    ahead = UsageAhead(sources.usage)
    queries: list[UsageQuery] = []
    with uow:
        for subscription in subscriptions:
            try:
                queries += _queries(subscription, wanted, uow)
            except EngineUnavailable:
                raise
            except Exception:  # noqa: BLE001, S112 - billing parks it, with the reason
                continue
    ahead.fill(queries)
    return ahead


def _queries(subscription: Subscription, wanted: Ahead, uow: UnitOfWork) -> Iterator[UsageQuery]:
    basis = load_basis(uow, wanted.definitions, subscription)
    if isinstance(basis, Refused):
        return
    books = load_books(uow, basis.value)
    for due in missing_documents(basis.value, books.billed, through=wanted.through):
        if not wanted.hold and issued_from(basis.value, due) > wanted.through:
            continue
        order = DraftOrder(
            basis=basis.value,
            due=due,
            billed=books.billed,
            position=wanted.position,
            reaches=books.reaches,
            kept=books.kept,
        )
        for question in questions_of(order)[1]:
            yield question.query
