"""Taxes through the stores: run, issue after review, correction, journal, proof, verification."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

import pytest

from tallystick.accounts import Taxpayer
from tallystick.app.invoicing import (
    DraftDocuments,
    IssueInvoice,
    PreviewInvoice,
    StoredDocument,
    draft_documents,
    export_proof,
    issue_invoice,
    preview_invoice,
    verify_invoice,
)
from tallystick.app.tax import AskTaxEngine, ask_tax_engine
from tallystick.catalog import (
    BuyerKind,
    Catalog,
    SupplyKind,
    TaxCategory,
    TaxRegistration,
    TaxRule,
)
from tallystick.invoicing import DocumentType, verify_bundle
from tallystick.kernel import Done, Outcome, Refused, instant
from tallystick.tax import EngineAnswer, TaxIdCheck, TaxIdState, TaxQuestion
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing
from tests.invoicing.world import CONTRACT, ENTITY, call, cpu

ISSUER = replace(
    ENTITY,
    country="DE",
    tax_registrations=(
        TaxRegistration(country="DE", tax_id="DE136695976", valid_from=date(2021, 1, 1)),
    ),
)
HOME = TaxRule(key="de", country="DE", rate=Decimal(19), valid_from=date(2021, 1, 1))
FRENCH = "FR40303265045"
REVERSE = TaxRule(
    key="fr",
    country="FR",
    supply=SupplyKind.CROSS_BORDER,
    buyer=BuyerKind.BUSINESS,
    rate=Decimal(0),
    category=TaxCategory.REVERSE_CHARGE,
    reason="Reverse charge",
    valid_from=date(2021, 1, 1),
)
JANUARY = [
    cpu(1, "2026-01-10T00:00:00Z", "43200"),
    *[call(position, "2026-01-20T00:00:00Z") for position in range(2, 13)],
]


@pytest.fixture
def taxed(billing: Billing) -> Billing:
    """Lend a workspace whose legal entity collects taxes from a buyer in Germany."""
    declare(billing, HOME, REVERSE)
    move(billing, country="DE")
    return billing


def declare(billing: Billing, *rules: TaxRule) -> None:
    """Store the legal entity with its registration, and rules."""
    with billing.unit() as uow:
        uow.catalog.save_definitions(
            Catalog(
                legal_entities={ISSUER.key: ISSUER}, tax_rules={rule.key: rule for rule in rules}
            )
        )
        uow.commit()


def move(billing: Billing, *, country: str, tax: Taxpayer | None = None) -> None:
    """Say where the payer is, and what taxes ask of it."""
    with billing.unit() as uow:
        account = uow.accounts.load_account(CONTRACT.account)
        assert account is not None
        changed = replace(account, country=country, tax=tax or Taxpayer())
        uow.accounts.save_accounts([changed])
        uow.commit()


def verified(billing: Billing, documents: list[StoredDocument]) -> Iterator[bool]:
    """Say for each document whether it verifies, from the log and from its proof."""
    for document in documents:
        id_ = document.invoice.id
        from_log = verify_invoice(billing.caller, id_, uow=billing.unit(), sources=billing.sources)
        proof = export_proof(billing.caller, id_, uow=billing.unit(), sources=billing.sources)
        assert isinstance(proof, Done), proof
        yield isinstance(from_log, Done) and isinstance(verify_bundle(proof.value), Done)


def test_a_year_of_one_contract_in_small(taxed: Billing) -> None:
    """January bears 19 %; what is taken back in February gives back the tax of the whole."""
    taxed.record(JANUARY)
    january = taxed.documents(taxed.run(through=FEBRUARY_2))
    opening, first = (one.invoice for one in january)
    assert (str(opening.total), str(first.net), str(first.tax)) == (
        "11.90 USD", "11.54 USD", "2.19 USD",
    )  # fmt: skip
    taxed.record([cpu(13, "2026-01-31T00:00:00Z", "-7200"), call(14, "2026-01-31T00:00:00Z")])
    taxed.clock.forward(days=28)
    february = taxed.documents(taxed.run(through=MARCH_2))
    kinds = [one.invoice.document_type for one in february]
    assert kinds.count(DocumentType.CREDIT_NOTE) == 1
    assert all(verified(taxed, [*january, *february]))
    with taxed.unit() as uow:
        balances = uow.journal.balances(as_of=MARCH_2)
    tax = sum(one.invoice.tax.minor for one in [*january, *february])
    assert {account: money.minor for (account, *_), money in balances.items()}["tax:VAT:DE"] == -tax


def test_reverse_charge_by_a_dated_check(taxed: Billing) -> None:
    """Without an answer of the register nothing is drafted here; with one the buyer owes."""
    move(taxed, country="FR", tax=Taxpayer(business=True, tax_id="FR 40 303265045"))
    taxed.record(JANUARY)
    report = taxed.run(through=FEBRUARY_2)
    assert [problem.code for _, problem in report.parked] == ["no_tax_rule"]
    with taxed.unit() as uow:
        for state, at in (("unavailable", 3), ("valid", 1)):
            uow.tax_ids.add(
                TaxIdCheck(
                    tax_id=FRENCH,
                    state=TaxIdState(state),
                    checked_at=datetime.fromisoformat(f"2026-01-0{at}T00:00:00+00:00"),
                    source="vies",
                    reference="W1",
                )
            )
        uow.commit()
    documents = taxed.documents(taxed.run(through=FEBRUARY_2))
    assert {one.applied.category for doc in documents for one in doc.invoice.taxes} == {
        TaxCategory.REVERSE_CHARGE
    }
    assert b"W1" in documents[0].basis
    assert all(verified(taxed, documents))


def test_a_draft_is_issued_with_the_taxes_of_the_day(taxed: Billing) -> None:
    """A reviewed draft keeps its taxes on a later day, unless they would be others."""
    taxed.record(JANUARY)
    order = DraftDocuments(subscription=CONTRACT.key)
    made = draft_documents(order, caller=taxed.caller, uow=taxed.unit(), sources=taxed.sources)
    assert isinstance(made, Done)
    opening, period = made.value
    taxed.clock.forward(hours=36)
    issued = issue_invoice(
        IssueInvoice(invoice=opening),
        caller=taxed.caller,
        uow=taxed.unit(),
        clock=taxed.clock,
        writer=taxed.sources.writer,
    )
    assert isinstance(issued, Done), issued
    assert issued.value.taxed_on == issued.value.issued_on == date(2026, 2, 3)
    assert all(verified(taxed, [taxed.document(opening)]))
    raised = replace(HOME, key="de-raised", rate=Decimal(21), valid_from=date(2026, 2, 4))
    declare(taxed, replace(HOME, valid_until=date(2026, 2, 4)), raised)
    again = draft_documents(order, caller=taxed.caller, uow=taxed.unit(), sources=taxed.sources)
    assert isinstance(again, Done)
    taxed.clock.forward(days=2)
    stale = issue_invoice(
        IssueInvoice(invoice=period),
        caller=taxed.caller,
        uow=taxed.unit(),
        clock=taxed.clock,
        writer=taxed.sources.writer,
    )
    assert isinstance(stale, Refused)
    assert stale.problems[0].code == "stale_draft"


def test_a_preview_shows_the_tax(taxed: Billing) -> None:
    """The running period is shown with the taxes that it will bear."""
    taxed.record(JANUARY)
    command = PreviewInvoice(account=CONTRACT.account, at=instant("2026-01-25T00:00:00Z"))
    shown = preview_invoice(command, caller=taxed.caller, uow=taxed.unit(), sources=taxed.sources)
    assert isinstance(shown, Done)
    assert str(shown.value[0].invoice.tax) == "2.19 USD"


@dataclass(frozen=True, slots=True)
class ListedEngine:
    """An engine that gives the same rules to everybody."""

    rules: tuple[TaxRule, ...]

    def rules_for(self, question: TaxQuestion, *, at: datetime) -> Outcome[EngineAnswer]:
        """Answer from the list, with the buyer's country as reference."""
        country = question.buyer.country
        return Done(
            EngineAnswer(engine="list", reference=country, answered_at=at, rules=self.rules)
        )


def test_rules_of_an_engine(taxed: Billing) -> None:
    """Its rules take the place of the catalog's; documents verify from what was kept of them."""
    with taxed.unit() as uow:
        changed = replace(ISSUER, tax_engine=True)
        uow.catalog.save_definitions(Catalog(legal_entities={ISSUER.key: changed}))
        uow.commit()
    taxed.record(JANUARY)
    report = taxed.run(through=FEBRUARY_2)
    assert [problem.code for _, problem in report.parked] == ["no_tax_rule"]
    told = ask_tax_engine(
        AskTaxEngine(legal_entity=ISSUER.key, account=CONTRACT.account),
        caller=taxed.caller,
        uow=taxed.unit(),
        engine=ListedEngine((replace(HOME, key="given", rate=Decimal(7)),)),
        clock=taxed.clock,
    )
    assert isinstance(told, Done), told
    documents = taxed.documents(taxed.run(through=FEBRUARY_2))
    assert {one.applied.rate for doc in documents for one in doc.invoice.taxes} == {Decimal(7)}
    assert all(b'"engine":"list"' in one.basis for one in documents)
    assert all(verified(taxed, documents))
    with taxed.unit() as uow:
        assert uow.tax_answers.latest(ISSUER.key, CONTRACT.account) == told.value


def test_an_engine_is_for_those_who_declare_it(taxed: Billing) -> None:
    """A legal entity with rules of its own asks no engine."""
    told = ask_tax_engine(
        AskTaxEngine(legal_entity=ISSUER.key, account=CONTRACT.account),
        caller=taxed.caller,
        uow=taxed.unit(),
        engine=ListedEngine(()),
        clock=taxed.clock,
    )
    assert isinstance(told, Refused)
    assert told.problems[0].code == "no_tax_engine"
