"""Documents in a terminal: money has the places of its currency."""

from dataclasses import replace

from tallystick.cli.invoices.shown import document_shown, lines_shown
from tallystick.invoicing import Prepaid, wire_from_invoice
from tallystick.kernel import Money
from tests.integrations.documents.papers import invoice_of


def test_lines_that_would_be_issued_have_all_places_of_their_money() -> None:
    """Ten dollars are 10.00, as everywhere else, and not 10."""
    rows = lines_shown([wire_from_invoice(invoice_of())])
    assert [(row["line"], row["money"]) for row in rows][:2] == [
        ("base, 2026-02-01 to 2026-03-01", "10.00"),
        ("cpu, 2026-01-01 to 2026-02-01", "1.31"),
    ]


def test_a_document_says_what_is_left_to_pay_where_something_was_paid_before() -> None:
    """What is left stands behind what was paid before the issue, and nowhere else."""
    issued = invoice_of()
    part = Prepaid(source="pay_1", money=Money(minor=100, currency=issued.currency))
    told = document_shown(wire_from_invoice(replace(issued, prepaid=(part,))))
    assert told[-2:] == ("paid before by pay_1 1.00 USD", "left to pay 12.81 USD")
    assert not [each for each in document_shown(wire_from_invoice(issued)) if "left" in str(each)]
