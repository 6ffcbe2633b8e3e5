"""Documents, runs and their verification over the wire."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

import msgspec

from tallystick.app.invoicing import (
    ApprovalReport,
    BillingReport,
    DraftInReview,
    Explanation,
    InvoiceSummary,
    Preview,
    Voided,
)
from tallystick.invoicing import (
    CreditedLine,
    CreditKind,
    Disposition,
    DocumentType,
    ExplainedEvent,
    ExplainedLine,
    InvoiceDocument,
    Purpose,
    SoldLine,
    Status,
    VerificationReport,
    wire_from_invoice,
)
from tallystick.kernel import AccountKey, plain

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class PreviewOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which account to preview, and as of when (null: now)."""

    account: AccountKey
    at: Instant | None = None


class SendOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a document is sent; without `to` the payer's own address is meant."""

    to: Annotated[str, msgspec.Meta(max_length=320, examples=["billing@example.com"])] = ""


class RunOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What to bill: everything due by `through`, of one account's payer or of all.

    Without `through`: by now. Events count up to `position`, without it up to the last durable one.
    With `hold` all is drafted and nothing issued; it waits for a review, whatever run comes next.
    """

    through: Instant | None = None
    position: Annotated[int, msgspec.Meta(ge=0)] | None = None
    account: AccountKey | None = None
    hold: bool = False


class DraftItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    A draft beside the last document of its subscription; amounts in major units.

    `change` is the part of the last total by which it differs, in percent, to a tenth; null without
    one.
    """

    id: str
    digest: str
    purpose: Purpose
    document_type: DocumentType
    account: str
    subscription: str
    period_start: datetime
    period_end: datetime
    total: str
    currency: str
    before: str | None
    number_before: str | None
    change: str | None


class ApprovedItem(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A draft, and its digest as it was seen; without one whatever stands is approved."""

    id: str
    digest: str = ""


class ApprovalOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which drafts are issued, in this order."""

    drafts: Annotated[tuple[ApprovedItem, ...], msgspec.Meta(max_length=10_000)]


class RefusedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A draft that was not issued, and why."""

    id: str
    code: str
    message: str


class ApprovalAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What was issued, and what was not."""

    issued: tuple[str, ...]
    refused: tuple[RefusedItem, ...]


class RejectionOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a draft is thrown away; it stands in the audit."""

    reason: str


class VoidOrderBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a document is taken back; `reason` stands on the credit note."""

    disposition: Disposition
    reason: str
    regenerate: bool = False
    dry_run: bool = False


class CreditOrderBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What is given back: `amount` of the document, or `lines`; with neither all that is left.

    Amounts are plain decimal text in major units.
    """

    kind: CreditKind
    reason: str
    amount: str = ""
    lines: Annotated[tuple[CreditedLine, ...], msgspec.Meta(max_length=10_000)] = ()
    dry_run: bool = False


class OneOffOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What is sold once to an account; the document goes to its payer, in the payer's currency.

    `start` and `end` of the service: income is earned over its days. Without them it is done now.
    """

    account: AccountKey
    legal_entity: str
    lines: tuple[SoldLine, ...]
    start: Instant | None = None
    end: Instant | None = None
    prices_include_tax: bool = False
    reason: str = ""
    dry_run: bool = False


class WriteOffOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why what is left of a document is given up; it stands in the audit."""

    reason: str


class VoidedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The credit note that takes a document back, and what was issued in its place."""

    note: InvoiceDocument
    anew: tuple[InvoiceDocument, ...]


class PreviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    The documents that the running periods come to.

    One for each subscription, or as they come together for a payer; `waiting` are those that come
    to less than the least invoice.
    """

    at: datetime | None
    documents: tuple[InvoiceDocument, ...]
    waiting: tuple[InvoiceDocument, ...] = ()


class ParkedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An account that was not billed, and why."""

    account: str
    code: str
    message: str


class RunAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a run did; `issued` are the ids of the documents, in order.

    `held` drafts wait for a review, `waiting` ones came to less than the least that is invoiced.
    """

    through: datetime
    position: int
    accounts: int
    issued: tuple[str, ...]
    parked: tuple[ParkedAnswer, ...]
    held: int
    waiting: int


class InvoiceItem(msgspec.Struct, frozen=True, kw_only=True):
    """A document in the list, with what is `due` for an issued invoice now; in major units."""

    id: str
    number: str | None
    status: Status
    document_type: DocumentType
    purpose: Purpose
    account: str
    subscription: str
    period_start: datetime
    period_end: datetime
    total: str
    currency: str
    issued_on: date | None
    due_on: date | None
    due: str


class ExplanationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The tree of each line; with `line`, also a page of the events behind that one."""

    lines: tuple[ExplainedLine, ...]
    events: tuple[ExplainedEvent, ...]
    next_position: int | None
    proof_level: str


class VerificationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A document made again from the log, or from what was sealed of it, and found equal."""

    equal: bool
    document: str
    number: str | None
    digest: str
    total: str
    currency: str
    lines: int
    events: int
    proof_level: str


def wire_from_previews(previews: tuple[Preview, ...]) -> PreviewAnswer:
    """Return previews as they go over the wire."""
    return PreviewAnswer(
        at=previews[0].at if previews else None,
        documents=tuple(wire_from_invoice(one.invoice) for one in previews if not one.waits),
        waiting=tuple(wire_from_invoice(one.invoice) for one in previews if one.waits),
    )


def wire_from_run(report: BillingReport) -> RunAnswer:
    """Return what a run did as it goes over the wire."""
    return RunAnswer(
        through=report.through,
        position=report.position,
        accounts=report.accounts,
        issued=report.issued,
        parked=tuple(
            ParkedAnswer(account=account, code=problem.code, message=problem.message)
            for account, problem in report.parked
        ),
        held=report.held,
        waiting=report.waiting,
    )


def wire_from_review(drafts: list[DraftInReview]) -> list[DraftItem]:
    """Return drafts in review as they go over the wire."""
    return [
        DraftItem(
            id=one.summary.id,
            digest=one.digest,
            purpose=one.summary.purpose,
            document_type=one.summary.document_type,
            account=one.summary.account,
            subscription=one.summary.subscription,
            period_start=one.summary.period.start,
            period_end=one.summary.period.end,
            total=f"{one.summary.total.decimal:f}",
            currency=one.summary.total.currency.code,
            before=None if one.before is None else f"{one.before[1].decimal:f}",
            number_before=None if one.before is None else one.before[0],
            change=None if one.change is None else percent_text(one.change),
        )
        for one in drafts
    ]


def wire_from_approval(report: ApprovalReport) -> ApprovalAnswer:
    """Return what an approval issued as it goes over the wire."""
    return ApprovalAnswer(
        issued=report.issued,
        refused=tuple(
            RefusedItem(id=id_, code=problem.code, message=problem.message)
            for id_, problem in report.refused
        ),
    )


def percent_text(part: Fraction) -> str:
    """
    Return a part of a whole in percent, cut to a tenth.

    >>> percent_text(Fraction(1, 3)), percent_text(Fraction(-1, 2))
    ('33.3', '-50')
    """
    tenths = int(part * 1000)
    return plain(Decimal(tenths).scaleb(-1))


def wire_from_voided(voided: Voided) -> VoidedAnswer:
    """Return what a void issued as it goes over the wire."""
    return VoidedAnswer(
        note=wire_from_invoice(voided.note),
        anew=tuple(wire_from_invoice(one) for one in voided.anew),
    )


def wire_from_summary(summary: InvoiceSummary) -> InvoiceItem:
    """Return a line of the list as it goes over the wire."""
    return InvoiceItem(
        id=summary.id,
        number=summary.number,
        status=summary.status,
        document_type=summary.document_type,
        purpose=summary.purpose,
        account=summary.account,
        subscription=summary.subscription,
        period_start=summary.period.start,
        period_end=summary.period.end,
        total=f"{summary.total.decimal:f}",
        currency=summary.total.currency.code,
        issued_on=summary.issued_on,
        due_on=summary.due_on,
        due=f"{summary.due.decimal:f}",
    )


def wire_from_explanation(explanation: Explanation) -> ExplanationAnswer:
    """Return an explanation as it goes over the wire."""
    return ExplanationAnswer(
        lines=explanation.lines,
        events=explanation.events,
        next_position=explanation.next_position,
        proof_level=explanation.level.value,
    )


def wire_from_verification(report: VerificationReport) -> VerificationAnswer:
    """Return a verification as it goes over the wire."""
    return VerificationAnswer(
        equal=True,
        document=report.document,
        number=report.number,
        digest=report.digest,
        total=f"{report.total.decimal:f}",
        currency=report.total.currency.code,
        lines=report.lines,
        events=report.events,
        proof_level=report.level.value,
    )
