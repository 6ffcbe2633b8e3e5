"""Consolidated documents through the stores: late usage, transfers, voids, disputes, proofs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tallystick.accounts import Account, Consolidation, LeastInvoice, Resource, Transfer
from tallystick.app.credits import GrantCredit, grant_credit
from tallystick.app.invoicing import (
    ApprovedDraft,
    ApproveDrafts,
    CreditInvoice,
    ExplainInvoice,
    RunBilling,
    StoredDocument,
    Voided,
    VoidInvoice,
    approve_drafts,
    credit_invoice,
    explain_invoice,
    export_proof,
    run_billing,
    verify_invoice,
    void_invoice,
)
from tallystick.credits import GrantOrder, balance
from tallystick.invoicing import (
    CreditKind,
    Disposition,
    DocumentType,
    Invoice,
    Purpose,
    verify_bundle,
)
from tallystick.kernel import (
    AccountKey,
    Done,
    InvoiceId,
    ResourceKey,
    currency,
    instant,
    plain,
)
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing, new_billing
from tests.app.invoicing.test_taxed_billing import HOME, declare
from tests.clickhouse import UsageStore
from tests.databases import Database
from tests.invoicing.world import cpu

CORP = AccountKey("corp")
SINCE_JANUARY = (Consolidation(start=instant("2026-01-01T00:00:00Z")),)


@pytest.fixture
def corp(database: Database, usage_store: UsageStore) -> Billing:
    """Lend a workspace with a payer of two accounts, whose contracts are billed together."""
    billing = new_billing(database, usage_store, accounts=2)
    declare(billing, HOME)
    settle_on(billing, Account(
        key=CORP, name="Corp", zone="UTC", currency="USD", invoiced=True, country="DE",
        consolidated=SINCE_JANUARY,
    ))  # fmt: skip
    return billing


def settle_on(billing: Billing, payer: Account) -> None:
    """Store a payer, and both accounts below it."""
    with billing.unit() as uow:
        accounts = [uow.accounts.load_account(AccountKey(key)) for key in ("acme", "acme-2")]
        below = [replace(one, parent=payer.key, invoiced=False) for one in accounts if one]
        uow.accounts.save_accounts([payer, *below])
        uow.commit()


def issued(billing: Billing, through: datetime) -> list[Invoice]:
    """Run, verify all that was issued, and see that a second run finds nothing."""
    ahead = through - billing.clock.now()
    billing.clock.forward(seconds=max(0, int(ahead.total_seconds())))
    documents = billing.documents(billing.run(through=through))
    assert all(verified(billing, documents))
    assert billing.run(through=through).issued == ()
    return [one.invoice for one in documents]


def verified(billing: Billing, documents: list[StoredDocument]) -> Iterator[bool]:
    """Say for each document whether it verifies, from the log and from its proof."""
    for document in documents:
        of = document.invoice.id
        told = verify_invoice(billing.caller, of, uow=billing.unit(), sources=billing.sources)
        proof = export_proof(billing.caller, of, uow=billing.unit(), sources=billing.sources)
        assert isinstance(proof, Done), proof
        assert isinstance(told, Done), told
        again = verify_bundle(proof.value)
        yield isinstance(again, Done) and again.value.digest == told.value.digest


def void(billing: Billing, of: InvoiceId, *, regenerate: bool = False) -> Voided:
    """Take a document back, to be billed anew."""
    command = VoidInvoice(
        invoice=of, disposition=Disposition.REBILL, reason="wrong", regenerate=regenerate
    )
    outcome = void_invoice(
        command, caller=billing.caller, uow=billing.unit(), sources=billing.sources
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def shown(documents: list[Invoice]) -> list[tuple[str, str]]:
    """Return of each document what it is of, and its total."""
    return [
        (", ".join(f"{one.subscription} {one.purpose}" for one in document.sections)
         or f"{document.subscription} {document.purpose}", str(document.total.decimal))
        for document in documents
    ]  # fmt: skip


JANUARY = [
    cpu(1, "2026-01-10T00:00:00Z", "43200"),
    cpu(2, "2026-01-10T00:00:00Z", "43200", subject="vm-2"),
]


def test_a_payer_gets_one_document_of_all_its_contracts(corp: Billing) -> None:
    """Openings come together, and so do January's documents: one number, one entry, one total."""
    corp.record(JANUARY)
    opening, january = issued(corp, FEBRUARY_2)
    assert shown([opening, january]) == [
        ("acme-compute opening, acme-2-compute opening", "23.80"),
        ("acme-compute period, acme-2-compute period", "25.09"),
    ]
    assert [one.number for one in (opening, january)] == ["INV-2026-000001", "INV-2026-000002"]
    assert january.account == CORP
    with corp.unit() as uow:
        posted = [one.entry.source for one in uow.journal.page(after=None, limit=10)]
    assert sorted(posted) == sorted([opening.id, january.id])


def test_late_usage_is_corrected_on_the_next_document(corp: Billing) -> None:
    """An hour more in January is an adjustment line in its contract's section for February."""
    corp.record(JANUARY)
    issued(corp, FEBRUARY_2)
    corp.record([cpu(3, "2026-01-11T00:00:00Z", "36000", subject="vm-2")])
    (february,) = issued(corp, MARCH_2)
    late = [line for line in february.lines if line.settled_before.minor]
    assert [line.key.subscription for line in late] == ["acme-2-compute"]
    assert late[0].money.decimal == Decimal("0.40")


def test_a_machine_that_changed_hands_is_taken_off_one_section_and_charged_in_the_other(
    corp: Billing,
) -> None:
    """vm-1 was acme-2's all January: a credit note names the document, the other pays more."""
    corp.record(JANUARY)
    _, january = issued(corp, FEBRUARY_2)
    given = Transfer(account=AccountKey("acme-2"), at=instant("2026-01-01T00:00:00Z"))
    with corp.unit() as uow:
        moved = Resource(key=ResourceKey("vm-1"), account=AccountKey("acme"), transfers=(given,))
        uow.accounts.save_resources([moved])
        uow.commit()
    february, note = issued(corp, MARCH_2)
    assert note.document_type is DocumentType.CREDIT_NOTE
    assert note.reference is not None
    assert note.reference.invoice == january.id
    assert [line.key.subscription for line in note.lines] == ["acme-compute"]
    more = [line for line in february.lines if line.settled_before.minor]
    assert [line.key.subscription for line in more] == ["acme-2-compute"]


def test_a_voided_document_is_regenerated_as_one(corp: Billing) -> None:
    """Void and regenerate: one note, one document in its place, and nothing more to bill."""
    corp.record(JANUARY)
    _, january = issued(corp, FEBRUARY_2)
    corp.record([cpu(3, "2026-01-11T00:00:00Z", "36000", subject="vm-2")])
    voided = void(corp, january.id, regenerate=True)
    (anew,) = voided.anew
    assert voided.note.total == -january.total
    assert anew.replaces is not None
    assert anew.replaces.invoice == january.id
    assert len(anew.sections) == 2
    assert anew.total.decimal > january.total.decimal
    stored = [corp.document(one.id) for one in (voided.note, anew)]
    assert all(verified(corp, stored))
    assert issued(corp, FEBRUARY_2) == []


def test_a_voided_document_is_due_again_with_the_next_run(corp: Billing) -> None:
    """Void without regenerate: the run bills the same sections together again."""
    corp.record(JANUARY)
    _, january = issued(corp, FEBRUARY_2)
    void(corp, january.id)
    (anew,) = issued(corp, FEBRUARY_2)
    assert shown([anew]) == shown([january])
    assert anew.purpose is Purpose.CONSOLIDATED


def test_a_credit_and_an_explanation_speak_of_the_sections(corp: Billing) -> None:
    """A line of a section is explained by its contract's facts; a credit spreads over all."""
    corp.record(JANUARY)
    _, january = issued(corp, FEBRUARY_2)
    asked = ExplainInvoice(invoice=january.id)
    told = explain_invoice(asked, caller=corp.caller, uow=corp.unit(), sources=corp.sources)
    assert isinstance(told, Done), told
    assert {line.plan for line in told.value.lines} == {"compute"}
    one = next(line for line in january.lines if line.key.price == "cpu")
    asked = ExplainInvoice(invoice=january.id, line=one.id)
    told = explain_invoice(asked, caller=corp.caller, uow=corp.unit(), sources=corp.sources)
    assert isinstance(told, Done), told
    assert len(told.value.events) == 1
    order = CreditInvoice(
        invoice=january.id, kind=CreditKind.GOODWILL, reason="sorry", amount="2.00"
    )
    note = credit_invoice(
        order, caller=corp.caller, uow=corp.unit(), clock=corp.clock, writer=corp.sources.writer
    )
    assert isinstance(note, Done), note
    assert all(verified(corp, [corp.document(note.value.id)]))
    assert len(note.value.sections) == 2


def test_a_held_document_is_approved_as_one(corp: Billing) -> None:
    """A run that holds drafts one document; the next leaves it; approved, it is issued."""
    corp.record(JANUARY)
    command = RunBilling(through=FEBRUARY_2, hold=True)
    held = run_billing(command, caller=corp.caller, units=corp.unit, sources=corp.sources)
    assert isinstance(held, Done)
    assert held.value.held == 2
    assert corp.run(through=FEBRUARY_2).issued == ()
    with corp.unit() as uow:
        drafts = uow.invoices.reviewed(limit=10)
    in_order = sorted(drafts, key=lambda one: one.summary.period.end, reverse=True)
    approval = ApproveDrafts(
        drafts=tuple(
            ApprovedDraft(invoice=one.summary.id, digest=one.digest) for one in in_order[::-1]
        )
    )
    done = approve_drafts(
        approval,
        caller=corp.caller,
        units=corp.unit,
        clock=corp.clock,
        writer=corp.sources.writer,
    )
    assert isinstance(done, Done)
    assert (len(done.value.issued), done.value.refused) == (2, ())
    assert all(verified(corp, [corp.document(one) for one in done.value.issued]))
    assert issued(corp, FEBRUARY_2) == []


def test_a_defect_of_one_section_parks_the_payer(corp: Billing) -> None:
    """A contract that cannot be taxed holds back the whole document; nothing is issued."""
    corp.record(JANUARY)
    with corp.unit() as uow:
        payer = uow.accounts.load_account(CORP)
        assert payer is not None
        uow.accounts.save_accounts([replace(payer, country="")])
        uow.commit()
    report = corp.run(through=FEBRUARY_2)
    assert report.issued == ()
    assert [(account, problem.code) for account, problem in report.parked] == [(CORP, "no_country")]


def test_what_is_too_little_waits_in_no_store(corp: Billing) -> None:
    """What waits is told by the report, drafted anew by each run, and issued with the next."""
    with corp.unit() as uow:
        payer = uow.accounts.load_account(CORP)
        assert payer is not None
        least = LeastInvoice(amount=Decimal("60.00"))
        uow.accounts.save_accounts([replace(payer, least_invoice=least)])
        uow.commit()
    corp.record(JANUARY)
    report = corp.run(through=FEBRUARY_2)
    assert (report.issued, report.waiting) == ((), 4)
    with corp.unit() as uow:
        assert uow.invoices.reviewed(limit=10) == []
    (document,) = issued(corp, MARCH_2)
    assert [one.purpose for one in document.sections] == [
        Purpose.OPENING, Purpose.PERIOD, Purpose.PERIOD,
        Purpose.OPENING, Purpose.PERIOD, Purpose.PERIOD,
    ]  # fmt: skip
    assert document.total.decimal > Decimal(60)


def test_who_no_longer_consolidates_is_corrected_as_one_whole(corp: Billing) -> None:
    """A late correction of one contract alone still taxes the whole of the old document."""
    corp.record(JANUARY)
    _, january = issued(corp, FEBRUARY_2)
    with corp.unit() as uow:
        payer = uow.accounts.load_account(CORP)
        assert payer is not None
        uow.accounts.save_accounts([replace(payer, consolidated=())])
        uow.commit()
    corp.record([cpu(3, "2026-01-11T00:00:00Z", "36000", subject="vm-2")])
    corp.record([cpu(4, "2026-01-12T00:00:00Z", "36000", subject="vm-1")])
    made = issued(corp, MARCH_2)
    assert [one.sections for one in made] == [(), ()]
    standing = [
        line
        for one in (january, *made)
        for line in one.lines
        if (line.key.price, line.key.period.start) in {
            (line.key.price, line.key.period.start) for line in january.lines
        }
    ]  # fmt: skip
    net = sum((line.net.decimal for line in standing), Decimal(0))
    borne = sum((one.money.decimal for line in standing for one in line.taxes), Decimal(0))
    assert borne == (net * 19 / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_credit_of_the_payer_and_of_an_account_below_it(corp: Billing) -> None:
    """Each section uses its account's own credit and the payer's; a void brings all of it back."""
    grant(corp, GrantOrder(account="acme", amount="4.00", currency="USD"))
    grant(corp, GrantOrder(account="corp", amount="9.00", currency="USD"))
    corp.record(JANUARY)
    opening, january = issued(corp, FEBRUARY_2)
    assert str(opening.net.decimal) == "7.00"
    assert (left(corp, "acme"), left(corp, "corp")) == ("0", "0")
    voided = void(corp, opening.id, regenerate=True)
    assert voided.note.total == -opening.total
    assert [one.total for one in voided.anew] == [opening.total]
    assert (left(corp, "acme"), left(corp, "corp")) == ("0", "0")
    stored = [corp.document(one.id) for one in (january, voided.note, *voided.anew)]
    assert all(verified(corp, stored))
    void(corp, voided.anew[0].id)
    assert (left(corp, "acme"), left(corp, "corp")) == ("4", "9")


def test_a_payment_below_the_payer_pays_lines_of_its_account_alone(corp: Billing) -> None:
    """30.00 of acme, given as a payment, pay its 11.90 of the opening, and not its neighbour's."""
    order = GrantOrder(account="acme", amount="30.00", currency="USD", treatment="payment")
    grant(corp, order)
    corp.record(JANUARY)
    (opening, _) = issued(corp, FEBRUARY_2)
    assert (str(opening.total.decimal), str(opening.due.decimal)) == ("23.80", "11.90")


def grant(billing: Billing, order: GrantOrder) -> None:
    """Give an account credit."""
    outcome = grant_credit(
        GrantCredit(order=order), caller=billing.caller, uow=billing.unit(), clock=billing.clock
    )
    assert isinstance(outcome, Done), outcome


def left(billing: Billing, account: str) -> str:
    """Return what an account's credit comes to now."""
    with billing.unit() as uow:
        history = uow.credits.load(AccountKey(account))
    return plain(balance(history, billing.clock.now(), currency("USD")))
