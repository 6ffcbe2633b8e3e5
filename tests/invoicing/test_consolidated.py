"""Consolidated documents: what comes together, in which order, its taxes, and its verification."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tallystick.accounts import Account, Consolidation, LeastInvoice
from tallystick.invoicing import (
    Basis,
    Billed,
    Claim,
    CreditKind,
    CreditOrder,
    Disposition,
    DocumentType,
    Drafted,
    Facts,
    Gathered,
    GatheringFacts,
    Invoice,
    NoteFacts,
    Purpose,
    VoidOrder,
    as_billed,
    basis_document,
    basis_from_document,
    document_of,
    documents_before,
    draft_invoice,
    draft_note,
    gather,
    invoice_from_document,
    issued,
    missing_documents,
    verify_document,
)
from tallystick.kernel import AccountKey, Done, Refused, SubscriptionKey, digest
from tests.invoicing.contract import day, fee, plan, subscribed, to_plan
from tests.invoicing.test_taxed import FACTS

CORP = Account(
    key=AccountKey("corp"),
    name="Corp",
    zone="UTC",
    currency="USD",
    invoiced=True,
    consolidated=(Consolidation(start=day("2026-01-01")),),
)
PENNIES = replace(CORP, least_invoice=LeastInvoice(amount=Decimal("5.00"), periods_max=3))
JANUARY_10, FEBRUARY_1, MARCH_1 = day("2026-01-10"), day("2026-02-01"), day("2026-03-01")


def contract(name: str, amount: str, *, arrears: bool = False, taxed: bool = True) -> Basis:
    """Return a contract of one monthly fee from January 10, of an account below corp."""
    basis = subscribed(plan("flat", fee(amount, arrears=arrears)), JANUARY_10).basis
    key = SubscriptionKey(name)
    return replace(
        basis,
        payer=CORP.key,
        buyer=CORP,
        subscription=replace(basis.subscription, key=key, account=AccountKey(f"team-{name}")),
        tax=FACTS if taxed else None,
    )


@dataclass(kw_only=True)
class Payer:
    """Contracts of one payer, and what was issued of them; every document is verified."""

    account: Account = CORP
    bases: list[Basis] = field(default_factory=list)
    documents: list[Drafted] = field(default_factory=list)

    @property
    def billed(self) -> tuple[Billed, ...]:
        return as_billed(one.invoice for one in self.documents)

    def bill(self, through: datetime) -> list[Invoice]:
        """Issue what is due by an instant, and see that nothing more is due."""
        gathered = self.gathered(through)
        made = [self.issue(one, through.date()) for one in gathered.documents]
        again = self.gathered(through)
        assert (again.documents, again.waiting) == ((), gathered.waiting)
        return made

    def gathered(self, through: datetime) -> Gathered:
        """Return what is due by an instant."""
        drafts: list[Drafted] = []
        for basis in self.bases:
            drafts += self._drafted(basis, through)
        facts = GatheringFacts(payer=self.account, billed=self.billed, through=through)
        outcome = gather(drafts, facts)
        assert isinstance(outcome, Done), outcome
        return outcome.value

    def issue(self, one: Drafted, on: date) -> Invoice:
        """Issue a draft and verify it."""
        document = issued(
            one.invoice,
            number=f"T-{len(self.documents) + 1}",
            issued_on=on,
            due_on=on + timedelta(days=14),
        )
        assert self.problems(document, one.basis) == []
        assert invoice_from_document(document_of(document)) == Done(document)
        assert basis_from_document(basis_document(one.basis)) == Done(one.basis)
        self.documents.append(Drafted(invoice=document, basis=one.basis))
        return document

    def problems(self, document: Invoice, basis: Basis) -> list[str]:
        """Return what a verification finds in a document."""
        needed = documents_before(document, self.billed)
        claim = Claim(
            invoice=document,
            digest=digest(document_of(document)),
            basis=basis,
            basis_digest=digest(basis_document(basis)),
            previous=tuple(one.invoice for one in self.documents if one.invoice.id in needed),
        )
        outcome = verify_document(claim, ())
        return [str(one) for one in outcome.problems] if isinstance(outcome, Refused) else []

    def note(self, order: VoidOrder | CreditOrder, on: date) -> Invoice:
        """Issue a note that is ordered on a document."""
        of = next(one for one in self.documents if one.invoice.id == order.document)
        outcome = draft_note(
            NoteFacts(
                original=of.invoice,
                basis=of.basis,
                order=order,
                history=[one.invoice for one in self.documents],
                billed=self.billed,
                issue_on=on,
            )
        )
        assert isinstance(outcome, Done), outcome
        return self.issue(Drafted(invoice=outcome.value, basis=replace(of.basis, order=order)), on)

    def _drafted(self, basis: Basis, through: datetime) -> list[Drafted]:
        made: list[Invoice] = []
        own = tuple(line for line in self.billed if line.key.subscription == basis.subscription.key)
        for due in missing_documents(basis, own, through=through):
            outcome = draft_invoice(
                Facts(
                    basis=basis,
                    period=due.period,
                    purpose=due.purpose,
                    position=1,
                    measured=(),
                    billed=(*own, *as_billed(made)),
                    tzdata_version="2026a",
                    issue_on=through.date(),
                )
            )
            assert isinstance(outcome, Done), outcome
            made += outcome.value.documents
        return [Drafted(invoice=one, basis=basis) for one in made]


def shown(documents: Sequence[Invoice]) -> list[str]:
    """Return of each document its sections and its total with taxes."""
    return [
        f"{', '.join(f'{one.subscription} {one.purpose.value}' for one in document.sections)}: "
        f"{document.total.decimal}"
        for document in documents
    ]


def test_what_falls_due_together_is_one_document_taxed_as_a_whole() -> None:
    """Twice 7.10 (22 of 31 days of 10.00) at 19 %: 2.698 is 2.70, alone it were 1.35 each."""
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    made = payer.bill(JANUARY_10)
    assert shown(made) == ["mail opening, web opening: 16.90"]
    (document,) = made
    assert [str(one.money.decimal) for one in document.taxes] == ["2.70"]
    assert [section.account for section in document.sections] == ["team-mail", "team-web"]
    assert (document.number, document.purpose) == ("T-1", Purpose.CONSOLIDATED)


def test_odd_cents_of_tax_are_of_the_whole() -> None:
    """Three of 0.13 at 19 % are 0.0741, 0.07; alone each were 0.0247, 0.02, and 0.06 together."""
    payer = Payer(bases=[contract(name, "0.13", arrears=True) for name in ("a", "b", "c")])
    payer.bases = [
        replace(one, subscription=replace(one.subscription, start=day("2026-01-01")))
        for one in payer.bases
    ]
    (document,) = payer.bill(FEBRUARY_1)
    assert [line.taxes[0].money.minor for line in document.lines] == [3, 2, 2]


def test_each_instant_has_a_document() -> None:
    """A run that comes late issues an opening, then January, then February."""
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    made = payer.bill(MARCH_1)
    assert [line.split(":")[0] for line in shown(made)] == [
        "mail opening, web opening",
        "mail period, web period",
        "mail period, web period",
    ]


def test_one_contract_alone_keeps_its_own_document() -> None:
    """A payer with one contract gets what it would get without consolidating, to the byte."""
    alone = Payer(bases=[contract("web", "10.00")])
    usual = Payer(account=replace(CORP, consolidated=()), bases=[contract("web", "10.00")])
    (one,), (other,) = alone.bill(JANUARY_10), usual.bill(JANUARY_10)
    assert document_of(one) == document_of(other)
    assert one.sections == ()


def test_consolidating_is_dated() -> None:
    """Openings of January 10 come apart, as it begins later; January's documents come together."""
    later = (Consolidation(start=day("2026-01-20"), end=day("2026-02-02")),)
    payer = Payer(
        account=replace(CORP, consolidated=later),
        bases=[contract("web", "10.00"), contract("mail", "10.00")],
    )
    assert [len(one.sections) for one in payer.bill(MARCH_1)] == [0, 0, 2, 0, 0]


def test_currencies_and_issuers_come_apart() -> None:
    """A contract in another currency, or of another issuer, has documents of its own."""
    euros = contract("mail", "10.00")
    own_currency = replace(euros.subscription, currency="EUR")
    prices = tuple(replace(one, currency="EUR") for one in euros.plan.prices)
    euros = replace(
        euros,
        subscription=own_currency,
        plan=replace(euros.plan, currency="EUR", prices=prices),
    )
    other = contract("disk", "10.00")
    sold_by = replace(other.subscription, legal_entity="other")
    other = replace(other, legal_entity="other", subscription=sold_by)
    payer = Payer(bases=[contract("web", "10.00"), euros, other])
    assert [one.sections for one in payer.bill(JANUARY_10)] == [(), (), ()]


def test_a_contract_that_ended_early_is_corrected_by_a_note_on_the_whole() -> None:
    """
    The end of one contract gives back on a note that names the consolidated document.

    7.10 for 22 days come to 3.23 for 10: 3.87 back; the tax of the whole falls from 2.70 to
    settle(10.33 x 0.19) = 1.96.
    """
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    (opening,) = payer.bill(JANUARY_10)
    payer.bases[0] = replace(
        payer.bases[0], subscription=replace(payer.bases[0].subscription, end=day("2026-01-20"))
    )
    (note,) = payer.bill(day("2026-01-20"))
    assert note.document_type is DocumentType.CREDIT_NOTE
    assert note.reference is not None
    assert note.reference.invoice == opening.id
    assert (str(note.net.decimal), str(note.tax.decimal)) == ("-3.87", "-0.74")


def test_the_next_correction_counts_what_another_contract_gave_back() -> None:
    """Both end on the same day, one told later: what both bear is the tax of what is left."""
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    payer.bill(JANUARY_10)
    for index in (0, 1):
        basis = payer.bases[index]
        payer.bases[index] = replace(
            basis, subscription=replace(basis.subscription, end=day("2026-01-20"))
        )
        payer.bill(day("2026-01-20"))
    total = sum(one.invoice.tax.minor for one in payer.documents)
    assert total == 123  # 6.46 x 0.19 = 1.2274


def test_a_voided_document_is_billed_anew_as_one() -> None:
    """Void with rebill: the sections are due again together, and the new document names the old."""
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    (opening,) = payer.bill(JANUARY_10)
    order = VoidOrder(document=opening.id, disposition=Disposition.REBILL, reason="wrong address")
    void = payer.note(order, date(2026, 1, 11))
    assert void.total == -opening.total
    made = payer.bill(day("2026-01-12"))
    assert shown(made) == ["mail opening, web opening: 16.90"]
    assert made[0].replaces is not None
    assert made[0].replaces.invoice == opening.id
    assert made[0].id != opening.id


def test_what_is_billed_anew_joins_nothing_else() -> None:
    """A contract that is told of late is due at the same instant, and has its own document."""
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    (opening,) = payer.bill(JANUARY_10)
    order = VoidOrder(document=opening.id, disposition=Disposition.REBILL, reason="wrong address")
    payer.note(order, date(2026, 1, 11))
    payer.bases.append(contract("disk", "10.00"))
    made = payer.bill(day("2026-01-12"))
    assert sorted(len(one.sections) for one in made) == [0, 2]
    assert [one.replaces is not None for one in made if one.sections] == [True]


def test_a_waived_document_stays_at_nothing() -> None:
    """Void with waive: nothing is due again."""
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    (opening,) = payer.bill(JANUARY_10)
    order = VoidOrder(document=opening.id, disposition=Disposition.WAIVE, reason="as promised")
    payer.note(order, date(2026, 1, 11))
    assert payer.bill(day("2026-01-12")) == []


def test_a_credit_is_spread_over_the_sections() -> None:
    """3.00 off a document of twice 7.10: 1.50 each, and a note of both sections."""
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    (opening,) = payer.bill(JANUARY_10)
    order = CreditOrder(
        document=opening.id, kind=CreditKind.GOODWILL, reason="sorry", amount="3.00"
    )
    note = payer.note(order, date(2026, 1, 11))
    assert [str(line.money.decimal) for line in note.lines] == ["-1.50", "-1.50"]
    assert [one.lines for one in note.sections] == [1, 1]
    assert payer.bill(day("2026-01-12")) == []


def test_a_change_of_one_contract_joins_what_falls_due() -> None:
    """An upgrade of one contract is charged on the next document of all."""
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    payer.bill(JANUARY_10)
    dear = plan("dear", fee("20.00"))
    basis = payer.bases[0]
    change = to_plan(day("2026-01-20"), dear)
    payer.bases[0] = replace(
        basis,
        subscription=replace(basis.subscription, changes=(change,)),
        later_plans=(dear,),
    )
    made = payer.bill(FEBRUARY_1)
    assert [one.document_type for one in made] == [DocumentType.INVOICE, DocumentType.CREDIT_NOTE]
    assert [one.subscription for one in made[0].sections] == ["mail", "web"]


def test_too_little_waits_for_the_next_document() -> None:
    """2.00 a month and 5.00 at least: nothing for January and February, three months in March."""
    payer = Payer(account=PENNIES, bases=[contract("web", "2.00", arrears=True, taxed=False)])
    assert payer.bill(FEBRUARY_1) == []
    assert payer.bill(MARCH_1) == []
    made = payer.bill(day("2026-04-01"))
    assert shown(made) == ["web period, web period, web period: 5.42"]


def test_what_waits_too_long_is_issued() -> None:
    """Three periods may wait: the fourth is issued with them, whatever it comes to."""
    payer = Payer(account=PENNIES, bases=[contract("web", "0.10", arrears=True, taxed=False)])
    assert payer.bill(day("2026-04-01")) == []
    (document,) = payer.bill(day("2026-05-01"))
    assert len(document.sections) == 4


def test_what_waits_is_issued_when_the_contract_ends() -> None:
    """The last document of a contract waits for nothing."""
    payer = Payer(account=PENNIES, bases=[contract("web", "2.00", arrears=True, taxed=False)])
    basis = payer.bases[0]
    payer.bases[0] = replace(basis, subscription=replace(basis.subscription, end=day("2026-02-10")))
    assert payer.bill(FEBRUARY_1) == []
    assert shown(payer.bill(day("2026-02-10"))) == ["web period, web period: 2.06"]


@pytest.mark.parametrize("amount", ["0", "5.00"])
def test_nothing_and_enough_do_not_wait(amount: str) -> None:
    """A document of nothing is issued as ever, and so is one of just the least invoice."""
    basis = contract("web", amount, arrears=True, taxed=False)
    basis = replace(basis, subscription=replace(basis.subscription, start=day("2026-01-01")))
    assert len(Payer(account=PENNIES, bases=[basis]).bill(FEBRUARY_1)) == 1


def test_the_least_invoice_is_of_its_currency() -> None:
    """A payer in another currency declares nothing about a document in dollars."""
    account = replace(PENNIES, currency="EUR")
    payer = Payer(account=account, bases=[contract("web", "2.00", arrears=True)])
    assert len(payer.bill(FEBRUARY_1)) == 1


def test_contracts_wait_together() -> None:
    """Two contracts of 3.00 a month come to more than 5.00 together, and to less alone."""
    bases = [contract(one, "4.00", arrears=True, taxed=False) for one in ("web", "mail")]
    together = Payer(account=PENNIES, bases=list(bases))
    assert shown(together.bill(FEBRUARY_1)) == ["mail period, web period: 5.68"]
    apart = Payer(account=replace(PENNIES, consolidated=()), bases=list(bases))
    assert apart.bill(FEBRUARY_1) == []
    assert shown(apart.bill(MARCH_1)) == [
        "mail period, mail period: 6.84",
        "web period, web period: 6.84",
    ]


def test_what_is_given_back_does_not_wait() -> None:
    """A cheaper plan gives back at once; the little that it charges waits, as a run later."""
    apart = replace(PENNIES, consolidated=())
    payer = Payer(account=apart, bases=[contract("web", "10.00", taxed=False)])
    payer.bill(JANUARY_10)
    cheap = plan("cheap", fee("1.00"))
    basis = payer.bases[0]
    change = to_plan(day("2026-01-20"), cheap)
    payer.bases[0] = replace(
        basis, subscription=replace(basis.subscription, changes=(change,)), later_plans=(cheap,)
    )
    (note,) = payer.bill(day("2026-01-20"))
    assert note.document_type is DocumentType.CREDIT_NOTE
    assert payer.gathered(day("2026-01-20")).waiting == 1
    assert payer.bill(FEBRUARY_1) == []


def test_what_waits_apart_is_issued_before_all_come_together() -> None:
    """Consolidating begins in February: January, which waited alone, is issued by itself."""
    later = (Consolidation(start=day("2026-02-15")),)
    bases = [contract(one, "2.00", arrears=True, taxed=False) for one in ("web", "mail")]
    payer = Payer(account=replace(PENNIES, consolidated=later), bases=bases)
    made = payer.bill(MARCH_1)
    assert [(one.subscription, str(one.total.decimal)) for one in made] == [
        ("mail", "1.42"), ("web", "1.42"),
    ]  # fmt: skip


def test_the_longest_term_counts_for_all() -> None:
    """Plans that give 7 and 30 days: 30; a changed term does not verify."""
    bases = [contract("web", "10.00"), contract("mail", "10.00")]
    given = [
        replace(basis, plan=replace(basis.plan, payment_days=days))
        for basis, days in zip(bases, (7, 30), strict=True)
    ]
    payer = Payer(bases=given)
    (document,) = payer.bill(JANUARY_10)
    assert document.payment_days == 30
    wrong = replace(document, payment_days=7)
    assert payer.problems(wrong, payer.documents[0].basis) != []


def test_a_changed_section_is_found() -> None:
    """A section of another contract, period or number of lines does not verify."""
    payer = Payer(bases=[contract("web", "10.00"), contract("mail", "10.00")])
    (one,) = payer.gathered(JANUARY_10).documents
    mail, web = one.invoice.sections
    for sections in (
        (web, mail),
        (replace(mail, account=AccountKey("team-web")), web),
        (replace(mail, revision=1), web),
        (replace(mail, basis="0" * 64), web),
        (replace(mail, lines=2),),
    ):
        document = replace(one.invoice, sections=sections)
        assert payer.problems(document, one.basis) != [], sections
