"""Lines that a person orders: with the next regular document, once, taxed, booked and proven."""

from dataclasses import replace

import pytest

from tallystick.app.invoicing import (
    BillingReport,
    DraftDocuments,
    IssueInvoice,
    LineState,
    OrderedLine,
    OrderLine,
    PreviewInvoice,
    TakeLineBack,
    draft_documents,
    issue_invoice,
    list_lines,
    order_line,
    preview_invoice,
    take_line_back,
)
from tallystick.catalog import ManualKind
from tallystick.invoicing import Disposition, Invoice, LineKind, Purpose
from tallystick.kernel import Done, Outcome, Refused, SubscriptionKey, instant
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing
from tests.app.invoicing.test_notes import goodwill, owed, proven, void
from tests.app.invoicing.test_one_off import balances
from tests.app.invoicing.test_taxed_billing import HOME, JANUARY, declare, move
from tests.invoicing.world import CONTRACT

SORRY = OrderLine(
    subscription=CONTRACT.key,
    kind=ManualKind.GOODWILL,
    code="sorry",
    unit_price="-5.00",
    reason="an outage",
    description="For the outage of January 5",
)
SETUP = OrderLine(
    subscription=CONTRACT.key,
    kind=ManualKind.ONE_OFF,
    code="setup",
    unit_price="75.00",
    quantity="1.5",
    unit="hour",
    reason="PO 12",
)


@pytest.fixture
def taxed(billing: Billing) -> Billing:
    """Lend a workspace whose legal entity collects taxes from a buyer in Germany."""
    declare(billing, HOME)
    move(billing, country="DE")
    return billing


def try_order(
    billing: Billing, command: OrderLine, *, key: str | None = None
) -> Outcome[OrderedLine]:
    """Order a line, or tell why not."""
    caller = replace(billing.caller, idempotency_key=key)
    return order_line(command, caller=caller, uow=billing.unit(), clock=billing.clock)


def order(billing: Billing, command: OrderLine) -> OrderedLine:
    """Order a line; it must not be refused."""
    outcome = try_order(billing, command)
    assert isinstance(outcome, Done), outcome
    return outcome.value


def take_back(billing: Billing, id_: str) -> list[str]:
    """Take a line back, and return the codes of a refusal."""
    outcome = take_line_back(
        TakeLineBack(subscription=CONTRACT.key, id=id_),
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
    )
    return codes(outcome)


def codes(outcome: Outcome[object]) -> list[str]:
    """Return the codes of a refusal, none for what was done."""
    return [one.code for one in outcome.problems] if isinstance(outcome, Refused) else []


def standing(billing: Billing) -> list[tuple[str, LineState, str | None]]:
    """Return the code, state and document of each ordered line."""
    found = list_lines(CONTRACT.key, caller=billing.caller, uow=billing.unit())
    assert isinstance(found, Done)
    return [(one.line.code, one.state, one.document) for one in found.value]


def invoices(billing: Billing, report: BillingReport) -> list[Invoice]:
    """Return the documents that a run issued."""
    return [one.invoice for one in billing.documents(report)]


def by_hand(invoice: Invoice) -> dict[str, str]:
    """Return the money of each manual line, by what it is for."""
    lines = (line for line in invoice.lines if line.kind is LineKind.MANUAL)
    return {line.key.price: str(line.money) for line in lines}


def billed_in_february(billing: Billing, *orders: OrderLine) -> Invoice:
    """Bill January, order lines, and bill February; return its document."""
    billing.record(JANUARY)
    billing.run(through=FEBRUARY_2)
    for one in orders:
        order(billing, one)
    billing.clock.forward(days=28)
    (february,) = invoices(billing, billing.run(through=MARCH_2))
    return february


def test_with_the_next_document_once(taxed: Billing) -> None:
    """Orders stand on the next regular document, taxed and earned, and on no other (rule 8)."""
    february = billed_in_february(taxed, SORRY, SETUP)
    assert by_hand(february) == {"goodwill sorry": "-5.00 USD", "one_off setup": "112.50 USD"}
    assert all(line.taxes for line in february.lines if line.money.minor)
    assert balances(taxed)["revenue:goodwill sorry"] == 500
    assert balances(taxed)["revenue:one_off setup"] == -11250
    assert standing(taxed) == [
        ("sorry", LineState.BILLED, february.id),
        ("setup", LineState.BILLED, february.id),
    ]
    taxed.clock.forward(days=31)
    (march,) = invoices(taxed, taxed.run(through=instant("2026-04-02T00:00:00Z")))
    assert by_hand(march) == {}
    proven(taxed, [february, march])


def test_several_documents_of_one_run(billing: Billing) -> None:
    """Where a run catches up with periods, the first document holds the order, the others none."""
    order(billing, SORRY)
    billing.clock.forward(days=28)
    opening, *others = invoices(billing, billing.run(through=MARCH_2))
    assert (opening.purpose, len(others)) == (Purpose.OPENING, 2)
    assert [by_hand(one) for one in (opening, *others)] == [
        {"goodwill sorry": "-5.00 USD"}, {}, {},
    ]  # fmt: skip
    proven(billing, [opening, *others])


def test_a_draft_in_review_forgets_what_is_taken_back(billing: Billing) -> None:
    """What no document has billed is taken back; a draft that holds it is stale then."""
    billing.run(through=FEBRUARY_2)
    ordered = order(billing, SORRY)
    billing.clock.forward(days=28)
    drafted = draft_documents(
        DraftDocuments(subscription=CONTRACT.key),
        caller=billing.caller,
        uow=billing.unit(),
        sources=billing.sources,
    )
    assert isinstance(drafted, Done)
    assert take_back(billing, ordered.id) == []
    issued = issue_invoice(
        IssueInvoice(invoice=drafted.value[0]),
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
        writer=billing.sources.writer,
    )
    assert codes(issued) == ["stale_draft"]
    (february,) = invoices(billing, billing.run(through=MARCH_2))
    assert (by_hand(february), standing(billing)) == ({}, [])
    assert take_back(billing, ordered.id) == ["unknown_line"]


def test_what_is_billed_is_not_taken_back(billing: Billing) -> None:
    """A line on an issued document is given back by a note, like any other."""
    february = billed_in_february(billing, SETUP)
    with billing.unit() as uow:
        (line,) = (one.manual for one in uow.subscriptions.load_subscriptions().values())
    assert len(line) == 1
    found = list_lines(CONTRACT.key, caller=billing.caller, uow=billing.unit())
    assert isinstance(found, Done)
    assert take_back(billing, found.value[0].id) == ["already_billed"]
    note = goodwill(billing, february.id, "12.50")
    proven(billing, [february, note])


def test_voided_and_billed_anew_exactly_once(taxed: Billing) -> None:
    """A document voided to be rebilled bills its orders again, once; a waived one never does."""
    february = billed_in_february(taxed, SORRY, SETUP)
    before = owed(taxed)
    note = void(taxed, february.id).note
    (again,) = invoices(taxed, taxed.run(through=MARCH_2))
    assert (again.total, by_hand(again)) == (february.total, by_hand(february))
    assert owed(taxed) == before
    assert taxed.run(through=MARCH_2).issued == ()
    waived = void(taxed, again.id, Disposition.WAIVE).note
    assert taxed.run(through=MARCH_2).issued == ()
    taxed.clock.forward(days=31)
    (march,) = invoices(taxed, taxed.run(through=instant("2026-04-02T00:00:00Z")))
    assert by_hand(march) == {}
    proven(taxed, [february, note, again, waived, march])


def test_what_was_given_back_of_an_order_stays_given_back(taxed: Billing) -> None:
    """Billing a document anew does not charge again what goodwill took off its ordered lines."""
    february = billed_in_february(taxed, SORRY, SETUP)
    given = goodwill(taxed, february.id, "12.50")
    before = owed(taxed)
    note = void(taxed, february.id).note
    (again,) = invoices(taxed, taxed.run(through=MARCH_2))
    assert owed(taxed) == before
    assert by_hand(again) != by_hand(february)
    proven(taxed, [february, given, note, again])


def test_written_off_and_taxes_by_hand(taxed: Billing) -> None:
    """What is given up is a loss, not less income; a tax by hand is owed, and bears none."""
    lost = replace(SORRY, kind=ManualKind.WRITE_OFF, code="old", unit_price="-2.00")
    tax = replace(SETUP, kind=ManualKind.TAX, code="sales", unit_price="1.00", quantity="1")
    february = billed_in_february(taxed, lost, tax)
    assert balances(taxed)["write_off:acme"] == 200
    assert balances(taxed)["tax:by hand:sales"] == -100
    (entered,) = (line for line in february.lines if line.key.price == "tax sales")
    assert entered.taxes == ()
    proven(taxed, [february])


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (replace(SORRY, unit_price="5.00"), "wrong_amount"),
        (replace(SETUP, quantity="0"), "wrong_amount"),
        (replace(SETUP, unit_price="many"), "wrong_amount"),
        (replace(SETUP, code=" ", description="Setup"), "malformed"),
        (replace(SETUP, start=MARCH_2, end=FEBRUARY_2), "malformed"),
        (replace(SETUP, subscription=SubscriptionKey("none")), "unknown_subscription"),
    ],
)
def test_what_cannot_be_ordered(billing: Billing, command: OrderLine, code: str) -> None:
    """What gives back is below zero, a quantity above it, and everything is named."""
    assert codes(try_order(billing, command)) == [code]


def test_the_same_order_twice(billing: Billing) -> None:
    """Sent again under a key it is one; ordered again for the same instant it is refused."""
    first = try_order(billing, SORRY, key="o1")
    assert first == try_order(billing, SORRY, key="o1")
    assert codes(try_order(billing, SORRY)) == ["repeated_line"]
    assert len(standing(billing)) == 1


def test_a_contract_that_is_over_takes_no_order(billing: Billing) -> None:
    """Once the last document of a period is issued there is no next one."""
    with billing.unit() as uow:
        found = uow.subscriptions.load_subscription(CONTRACT.key)
        assert found is not None
        uow.subscriptions.save_subscriptions([replace(found, end=instant("2026-02-01T00:00:00Z"))])
        uow.commit()
    late = order(billing, SORRY)
    billing.run(through=FEBRUARY_2)
    assert standing(billing)[0][1] is LineState.BILLED
    assert late.state is LineState.WAITING
    assert codes(try_order(billing, SETUP)) == ["contract_over"]


def test_a_look_shows_what_waits(billing: Billing) -> None:
    """A preview holds an order until a document has billed it, and no longer."""
    billing.run(through=FEBRUARY_2)
    order(billing, SORRY)
    (shown,) = look(billing)
    assert by_hand(shown) == {"goodwill sorry": "-5.00 USD"}
    billing.clock.forward(days=28)
    (february,) = invoices(billing, billing.run(through=MARCH_2))
    assert by_hand(february) == by_hand(shown)
    (shown,) = look(billing)
    assert by_hand(shown) == {}


def look(billing: Billing) -> list[Invoice]:
    """Return the documents that the running periods come to."""
    outcome = preview_invoice(
        PreviewInvoice(account=CONTRACT.account),
        caller=billing.caller,
        uow=billing.unit(),
        sources=billing.sources,
    )
    assert isinstance(outcome, Done), outcome
    return [one.invoice for one in outcome.value]
