"""Sells something once: a document of its own, outside any contract."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tallystick.app.accounts import payer_of_account
from tallystick.app.carrying_out import Decided, Effect, Kept, Preview, carried_out
from tallystick.app.command import Caller, missing_scope
from tallystick.app.invoicing.issuing import Issuing
from tallystick.app.invoicing.load_basis import legal_entity_of, tax_facts_of
from tallystick.app.invoicing.notes import issue_notes
from tallystick.app.invoicing.ports import BillingSources, NumberedDocument
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.invoicing import (
    CREDIT_CODE,
    Invoice,
    Parties,
    SaleFacts,
    SaleOrder,
    SoldLine,
    basis_document,
    document_of,
    draft_sale,
    invoice_from_document,
    issue_date,
    one_off_basis,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    Outcome,
    Problem,
    Refused,
    SubscriptionKey,
    instant_text,
    refuse,
)

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillOneOff:
    """
    Sell something once.

    Attributes:
        account: who gets it; the document goes to its payer, in the payer's currency.
        legal_entity: who sells it.
        start, end: of the service, half-open; None: it is done now.
        prices_include_tax: whether the unit prices hold their taxes.
        reason: stands in the document; empty for none.
        dry_run: tell what would be issued, and issue nothing.
    """

    account: AccountKey
    legal_entity: str
    lines: tuple[SoldLine, ...]
    start: datetime | None = None
    end: datetime | None = None
    prices_include_tax: bool = False
    reason: str = ""
    dry_run: bool = False


def bill_one_off(
    command: BillOneOff, *, caller: Caller, uow: UnitOfWork, sources: BillingSources
) -> Outcome[Invoice]:
    """
    Issue a document over what was sold; a dry run returns the draft.

    Problems:
        forbidden: the caller lacks the scope ``billing``.
        malformed: a line sells credit, which is for a top-up.
        unknown_account: there is no such account; no_payer: nobody is invoiced for it.
        unknown_legal_entity: there is none of this key.
        Those of `draft_sale` and `issue_drafts`.
    """
    unpermitted = missing_scope(caller, "billing") or _credit_problem(command)
    if unpermitted is not None:
        return Refused((unpermitted,))
    now = sources.clock.now()
    sender = replace(caller, idempotency_key=None) if command.dry_run else caller

    def decide() -> Decided[Invoice]:
        facts = sale_facts(command, uow, sources)
        if isinstance(facts, Refused):
            return facts
        draft = draft_sale(facts.value)
        if isinstance(draft, Refused):
            return draft
        if command.dry_run:
            return Preview(answer=draft.value)
        issued = issue_sale(uow, draft.value, facts.value, sources=sources, caller=caller)
        if isinstance(issued, Refused):
            return issued
        done = issued.value
        details = {"issued": {done.invoice.id: done.digest}}
        subject = f"account:{command.account}"
        return Effect(answer=done.invoice, subject=subject, at=now, details=details)

    kept = Kept(write=document_of, read=invoice_from_document)
    return carried_out(command, decide, caller=sender, uow=uow, kept=kept)


def issue_sale(
    uow: UnitOfWork,
    draft: Invoice,
    facts: SaleFacts,
    *,
    sources: BillingSources,
    caller: Caller,
) -> Outcome[NumberedDocument]:
    """Issue the draft of a sale."""
    uow.invoices.save_drafts([draft], basis=basis_document(facts.basis))
    how = Issuing(at=sources.clock.now(), writer=sources.writer, trace_id=caller.trace_id)
    issued = issue_notes(uow, [draft], how)
    return issued if isinstance(issued, Refused) else Done(issued.value[0])


def _credit_problem(command: BillOneOff) -> Problem | None:
    """Return the problem of a line that would sell credit without a grant."""
    if any(line.code.startswith(f"{CREDIT_CODE} ") for line in command.lines):
        message = "credit is sold by a top-up"
        return Problem(code="malformed", message=message, field="lines.code")
    return None


def sale_facts(command: BillOneOff, uow: UnitOfWork, sources: BillingSources) -> Outcome[SaleFacts]:
    """Return everything that the document of a sale follows from; the payer's sales are locked."""
    now = sources.clock.now()
    definitions = uow.catalog.load_definitions()
    entity = legal_entity_of(definitions, command.legal_entity)
    if isinstance(entity, Refused):
        return entity
    account = uow.accounts.load_account(command.account)
    if account is None:
        return refuse("unknown_account", f"there is no account {command.account}", "account")
    payer = payer_of_account(uow, account, at=now)
    if payer is None:
        message = f"no account at or above {command.account} is invoiced"
        return refuse("no_payer", message, "account")
    # One sale after the other, so that each has a number of its own.
    uow.invoices.lock(SubscriptionKey(f"one-off {payer.key}"))
    number = 1 + uow.receivables.count_one_off(payer.key)
    tax = tax_facts_of(uow, definitions, entity.value, payer, inclusive=command.prices_include_tax)
    parties = Parties(workspace=uow.workspace, issuer=entity.value, buyer=payer, tax=tax)
    order = SaleOrder(
        lines=command.lines,
        start=instant_text(command.start or (command.end or now) - _MOMENT),
        end=instant_text(command.end or command.start or now),
        reason=command.reason,
    )
    return Done(
        SaleFacts(
            basis=one_off_basis(parties, order, number=number, at=now),
            order=order,
            number=number,
            position=sources.usage.covered_position(),
            tzdata_version=sources.tzdata_version,
            issue_on=issue_date(now, entity.value),
        )
    )
