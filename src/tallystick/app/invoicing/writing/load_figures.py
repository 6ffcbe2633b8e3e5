"""Reads what a document's charts show, as of the document's position."""

from dataclasses import replace

from tallystick.app.invoicing.document_writer import DocumentToWrite
from tallystick.app.metering import UsageReader, WindowSize, windows_of
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    DAYS_MAX,
    PAST_MAX,
    Basis,
    Figures,
    Line,
    UsageByDay,
    charted_lines,
    line_query,
    usage_by_day,
)
from tallystick.kernel import EngineUnavailable
from tallystick.metering import UsageQuery, event_types

COVER_SECONDS_MAX = 5.0
_DAYS_MIN = 2


def with_figures(
    document: DocumentToWrite, *, uow: UnitOfWork, usage: UsageReader
) -> DocumentToWrite:
    """
    Return a document with what its charts show, within a unit of work that is open.

    As it is where its issuer wants no charts.

    Raises:
        EngineUnavailable: the projection does not reach the document's position yet. A document
            without its charts would not be the same document.
    """
    invoice, basis = document.invoice, document.basis
    if basis.issuer is None or not basis.issuer.branding.charts:
        return document
    found = []
    for line in charted_lines(invoice):
        if not usage.wait_covered(line.position, COVER_SECONDS_MAX):
            message = f"the charts are drawn when events up to position {line.position} are loaded"
            raise EngineUnavailable(message)
        day_by_day = _by_day(line, document, uow, usage)
        found += [] if day_by_day is None else [day_by_day]
    past = uow.history.before(invoice, limit=PAST_MAX - 1)
    return replace(document, figures=Figures(usage=tuple(found), past=past))


def measured_by_day(line: Line, basis: Basis, usage: UsageReader) -> UsageByDay | None:
    """
    Return a line's usage day by day as the events say; None where there is nothing to look at.

    That is usage of one day, of more than 366, or none.
    """
    query = line_query(basis, line)
    if query is None:
        return None
    (window,), zone = query.windows, query.zone_of(0)
    days = windows_of(window, WindowSize.DAY, zone)
    if days is None or not _DAYS_MIN <= len(days) <= DAYS_MAX:
        return None
    asked = replace(query, windows=days, zones=(zone,), evidence=False)
    return usage_by_day(line, basis.of(line.key.subscription), usage.usage(asked), zone=zone)


def _by_day(
    line: Line, document: DocumentToWrite, uow: UnitOfWork, usage: UsageReader
) -> UsageByDay | None:
    """Return a line's usage by day as the events say, or as it was sealed if some are gone."""
    query = line_query(document.basis, line)
    if query is not None and _is_removed(query, uow):
        return uow.sealed.load_days(document.invoice).get(line.id)
    return measured_by_day(line, document.basis, usage)


def _is_removed(query: UsageQuery, uow: UnitOfWork) -> bool:
    removed = {floor.event_type: floor.removed_before for floor in uow.retention.floors()}
    return any(
        before is not None and query.windows[0].start < before
        for before in (removed.get(each) for each in event_types(query.meter))
    )
