"""
Which drafts of a payer are issued together, which of them wait, and in which order.

    team-web and team-mail of corp, both monthly, from January 10

    January 10    opening of each                       one document, two sections
    February 1    January of each                       one document, two sections
    February 9    a correction that fell due            with the run's last document, or alone

What falls due at one instant comes together: invoices of one legal entity and currency, of all
contracts where the payer has them billed together, else of one.  Credit notes come together by the
document that they correct.  Corrections and what a threshold makes due, which wait for no end of a
period, go with the last document of the run.  What takes the place of a voided document comes
together with nothing else, so that the two are linked.

What comes to more than nothing and to less than the least invoice waits for the next instant:

    least invoice 5.00      January 0.80     waits
                            February 3.90    waits, both 4.70
                            March 0.40       one document of 5.10, three sections

It waits no more when a contract of it has ended, or when one has more periods in it than may wait.
Nothing is remembered of what waits: it is drafted anew, with all facts known then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import NamedTuple

from tallystick.accounts import Account, LeastInvoice
from tallystick.catalog import LegalEntity
from tallystick.credits import Movement
from tallystick.invoicing.credited import credit_movements
from tallystick.invoicing.gathered.consolidating import Drafted
from tallystick.invoicing.gathered.covering import covered_together
from tallystick.invoicing.invoice import DocumentType, Invoice, Purpose
from tallystick.invoicing.replay import Billed
from tallystick.invoicing.schedule import as_billed
from tallystick.invoicing.taxed import taxed
from tallystick.kernel import Amount, Done, Money, Outcome, Refused, settle


class Stream(NamedTuple):
    """
    What comes together, or waits, with what.

    ``contract``: empty where all come together; ``named``: the document corrected or replaced.
    """

    legal_entity: str
    currency: str
    contract: str
    document_type: DocumentType
    named: str


_AT_THE_END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringFacts:
    """
    What decides how drafts come together.

    Attributes:
        payer: of all of them.
        billed: issued lines of their contracts, and of those with which they shared documents.
        through: the instant by which all of them are due.
    """

    payer: Account
    billed: tuple[Billed, ...] = ()
    through: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """
    Documents in the order in which they are issued, and what waits.

    Attributes:
        waiting: how many drafts wait.
        too_little: what they come to together so far, each a document that is not issued.
    """

    documents: tuple[Drafted, ...] = ()
    waiting: int = 0
    too_little: tuple[Drafted, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Making:
    """
    What was made so far.

    ``spent``: what it takes of credit; ``waits``: by stream, what came to too little yet, and
    ``little``: the document that it would be.
    """

    facts: GatheringFacts
    made: list[Drafted] = field(default_factory=list)
    spent: list[Movement] = field(default_factory=list)
    waits: dict[Stream, list[Drafted]] = field(default_factory=dict)
    little: dict[Stream, Drafted] = field(default_factory=dict)


def gather(drafts: Sequence[Drafted], facts: GatheringFacts) -> Outcome[Gathered]:
    """
    Return the documents that drafts of one payer come to, with their taxes.

    Args:
        drafts: each contract's in the order in which they were drafted.
        facts: of the payer.

    Problems:
        no_country, no_tax_rule: see `taxed`.
    """
    making = _Making(facts=facts)
    for stream, bundle in _bundles(drafts, facts):
        for other in _overtaken(making, stream, bundle):
            refused = _issue(making, making.waits.pop(other))
            if refused is not None:
                return refused
        waited = [*making.waits.pop(stream, []), *bundle]
        document = _taxed(waited, making)
        if isinstance(document, Refused):
            return document
        if _waits(document.value.invoice, waited, facts):
            making.waits[stream], making.little[stream] = waited, document.value
        else:
            _add(making, document.value)
    return Done(
        Gathered(
            documents=tuple(making.made),
            waiting=sum(len(one) for one in making.waits.values()),
            too_little=tuple(making.little[stream] for stream in making.waits),
        )
    )


def falls_due_at(invoice: Invoice) -> datetime | None:
    """Return the instant at which a draft falls due by time alone; None: it goes with others."""
    if invoice.document_type is DocumentType.CREDIT_NOTE:
        return None
    if invoice.purpose is Purpose.OPENING:
        return invoice.period.start
    return invoice.period.end if invoice.purpose is Purpose.PERIOD else None


def _bundles(
    drafts: Sequence[Drafted], facts: GatheringFacts
) -> list[tuple[Stream, list[Drafted]]]:
    """Return what comes together before anything waits, in the order of falling due."""
    found: dict[tuple[datetime, Stream], list[Drafted]] = {}
    last: dict[Stream, datetime] = {}
    for one in drafts:
        at, stream = falls_due_at(one.invoice), _stream(one, facts)
        if at is not None:
            last[stream] = max(last.get(stream, at), at)
    drafted: dict[str, datetime] = {}
    for one in drafts:
        contract, stream = one.invoice.subscription, _stream(one, facts)
        at = falls_due_at(one.invoice)
        if at is not None:
            drafted[contract] = at
        elif one.invoice.document_type is DocumentType.CREDIT_NOTE:
            at = drafted.get(contract, _AT_THE_END)
        found.setdefault((at or last.get(stream, _AT_THE_END), stream), []).append(one)
    in_order = sorted(found, key=lambda place: (place[0], _notes_last(place[1])))
    return [(place[1], found[place]) for place in in_order]


def _notes_last(stream: Stream) -> tuple[bool, Stream]:
    return (stream.document_type is DocumentType.CREDIT_NOTE, stream)


def _stream(draft: Drafted, facts: GatheringFacts) -> Stream:
    invoice = draft.invoice
    at = falls_due_at(invoice) or facts.through
    together = any(one.covers(at) for one in facts.payer.consolidated)
    named = invoice.reference or invoice.replaces
    return Stream(
        legal_entity=invoice.legal_entity,
        currency=invoice.currency.code,
        contract="" if together else invoice.subscription,
        document_type=invoice.document_type,
        named="" if named is None else named.invoice,
    )


def _overtaken(making: _Making, stream: Stream, bundle: list[Drafted]) -> list[Stream]:
    """Return what waits of the same contracts in another stream: consolidating began or ended."""
    if stream.named or stream.document_type is DocumentType.CREDIT_NOTE:
        return []
    contracts = {one.invoice.subscription for one in bundle}
    return [
        other
        for other, drafts in making.waits.items()
        if other != stream and contracts & {one.invoice.subscription for one in drafts}
    ]


def _issue(making: _Making, drafts: list[Drafted]) -> Refused | None:
    document = _taxed(drafts, making)
    if isinstance(document, Refused):
        return document
    _add(making, document.value)
    return None


def _taxed(drafts: list[Drafted], making: _Making) -> Outcome[Drafted]:
    """Return the document of some drafts with credit and taxes, behind those made before it."""
    before = _before(making)
    whole = covered_together(drafts, billed=before, spent=making.spent)
    outcome = taxed(whole.invoice, whole.basis, billed=before, on=_issue_day(drafts))
    if isinstance(outcome, Refused):
        return outcome
    return Done(Drafted(invoice=outcome.value, basis=whole.basis))


def _add(making: _Making, one: Drafted) -> None:
    """Issue a document; those behind it know what it takes of credit."""
    making.spent += credit_movements(one.invoice, one.basis, billed=_before(making))
    making.made.append(one)


def _before(making: _Making) -> tuple[Billed, ...]:
    return (*making.facts.billed, *as_billed(one.invoice for one in making.made))


def _issue_day(drafts: Iterable[Drafted]) -> date | None:
    days = [one.invoice.taxed_on for one in drafts if one.invoice.taxed_on is not None]
    return max(days, default=None)


def _waits(document: Invoice, drafts: list[Drafted], facts: GatheringFacts) -> bool:
    """Tell whether a document comes to too little to be issued yet."""
    least = least_invoice(facts.payer, drafts[0].basis.issuer, document)
    is_free = document.reference is None and document.replaces is None
    if least is None or not is_free or not is_too_little(document.total, least):
        return False
    if any(_has_ended(one, facts) for one in drafts):
        return False
    periods: dict[str, set[datetime]] = {}
    for one in drafts:
        at = falls_due_at(one.invoice)
        if at is not None:
            periods.setdefault(one.invoice.subscription, set()).add(at)
    return max(map(len, periods.values()), default=0) <= least.periods_max


def is_too_little(total: Money, least: LeastInvoice) -> bool:
    """Tell whether a document, taxes included, comes to something and to less than the least."""
    wanted = settle(Amount(value=least.amount, currency=total.currency))
    return 0 < total.minor < wanted.minor


def least_invoice(
    payer: Account, issuer: LegalEntity | None, document: Invoice
) -> LeastInvoice | None:
    """Return the least that is invoiced: the payer's own, else the issuer's; in that currency."""
    own, unit = payer.least_invoice, payer.currency
    if own is None and issuer is not None:
        own, unit = issuer.issuing.least_invoice, issuer.currency
    return own if own is not None and unit == document.currency.code else None


def _has_ended(draft: Drafted, facts: GatheringFacts) -> bool:
    """Tell whether nothing of a contract can fall due behind a draft by time alone."""
    end = draft.basis.subscription.end
    at = falls_due_at(draft.invoice) or facts.through
    return end is not None and end <= at
