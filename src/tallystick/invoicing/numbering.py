"""
Numbers of issued documents: gapless within a series.

A series belongs to one legal entity, one type of document and one year of issue in the entity's
zone; test workspaces count apart and say so in the number.

    INV-2026-000001, INV-2026-000002, ...      invoices of an entity with prefix INV
    INV-CN-2026-000001                         its credit notes
    TEST-INV-2026-000001                       the same in a test workspace

The store takes numbers by locking the series' row, last in the transaction that issues: a
transaction that fails gives its numbers back, and dates of issue never decrease.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tallystick.catalog import CREDIT_NOTE_MARK, DocumentDate, LegalEntity
from tallystick.invoicing.basis import Basis
from tallystick.invoicing.invoice import DocumentType, Invoice, Purpose
from tallystick.kernel import Period, check, time_zone

_TICK = timedelta(microseconds=1)
_MARK = {DocumentType.INVOICE: "", DocumentType.CREDIT_NOTE: CREDIT_NOTE_MARK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One run of numbers; ``prefix`` begins each of them."""

    legal_entity: str
    document_type: DocumentType
    year: int
    prefix: str


def issue_date(now: datetime, entity: LegalEntity) -> date:
    """
    Return the date of issue: the local date in the legal entity's zone.

    Raises:
        Misuse: the entity's zone is not known.
    """
    return now.astimezone(time_zone(entity.zone)).date()


def document_date(entity: LegalEntity, invoice: Invoice, *, today: date, zone: str) -> date:
    """
    Return the day that stands on a document as its date of issue, today at the latest.

    Args:
        entity: who issues it; `IssueRules.dated` decides for what closes a period.
        invoice: the document; of a consolidated one the last period decides. Others are dated
            today.
        today: the day of issue, see `issue_date`.
        zone: the payer's, in which the period lies.
    """
    rule = entity.issuing.dated
    ends = [period.end for period, purpose in invoice.places if purpose is Purpose.PERIOD]
    if rule is DocumentDate.ISSUE or not ends:
        return today
    back = timedelta() if rule is DocumentDate.NEXT_PERIOD else _TICK
    return min(today, (max(ends) - back).astimezone(time_zone(zone)).date())


def due_date(issued_on: date, *, payment_days: int) -> date:
    """
    Return the date by which a document is to be paid, counted in days from its date of issue.

    Example:
        >>> due_date(date(2026, 1, 25), payment_days=14).isoformat()
        '2026-02-08'
    """
    return issued_on + timedelta(days=payment_days)


def plan_payment_days(basis: Basis, period: Period, purpose: Purpose) -> int | None:
    """
    Return how long the plan of a document gives to pay, None if it says nothing.

    It is the plan in force at the end of a period that is closed, else at its beginning.
    """
    at = period.end if purpose is Purpose.PERIOD else period.start
    return basis.terms_at(at).plan.payment_days


def longest_term(given: Sequence[int | None], issuer: LegalEntity | None) -> int | None:
    """
    Return how long a document of several plans gives to pay, None if no plan says anything.

    It is the longest of them, so that none is due sooner than it says; a plan that says nothing
    gives as long as the issuer does.

    Example:
        >>> entity = LegalEntity(key="m", name="M", zone="UTC", currency="EUR", series_prefix="M")
        >>> longest_term([7, None], entity), longest_term([7, 30], entity)
        (14, 30)
    """
    if all(days is None for days in given):
        return None
    usual = 0 if issuer is None else issuer.issuing.payment_days
    return max(usual if days is None else days for days in given)


def series_of(
    entity: LegalEntity, document_type: DocumentType, issued_on: date, *, test: bool = False
) -> Series:
    """Return the series from which a document issued on a date takes its number."""
    return Series(
        legal_entity=entity.key,
        document_type=document_type,
        year=issued_on.year,
        prefix=f"{'TEST-' if test else ''}{entity.series_prefix}{_MARK[document_type]}",
    )


def unused_number(series: Series) -> str:
    """
    Return a number of a series that no document gets, for drafts that are tried.

    Example:
        >>> unused_number(Series(
        ...     legal_entity="main", document_type=DocumentType.INVOICE, year=2026, prefix="INV"))
        'INV-2026-000000'
    """
    return f"{series.prefix}-{series.year}-{0:06d}"


def number_text(series: Series, number: int) -> str:
    """
    Return the number as it stands on the document: at least six digits, counted from 1.

    Raises:
        InvariantBroken: below 1.

    Example:
        >>> entity = LegalEntity(
        ...     key="main", name="Main", zone="UTC", currency="EUR", series_prefix="INV"
        ... )
        >>> number_text(series_of(entity, DocumentType.CREDIT_NOTE, date(2026, 3, 1)), 7)
        'INV-CN-2026-000007'
    """
    check(number >= 1, f"numbers of a series count from 1, not {number}")
    return f"{series.prefix}-{series.year}-{number:06d}"
