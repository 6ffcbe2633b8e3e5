"""Documents in a terminal: money has the places of its currency."""

from tallystick.cli.invoices.shown import lines_shown
from tallystick.invoicing import wire_from_invoice
from tests.integrations.documents.papers import invoice_of


def test_lines_that_would_be_issued_have_all_places_of_their_money() -> None:
    """Ten dollars are 10.00, as everywhere else, and not 10."""
    rows = lines_shown([wire_from_invoice(invoice_of())])
    assert [(row["line"], row["money"]) for row in rows][:2] == [
        ("base, 2026-02-01 to 2026-03-01", "10.00"),
        ("cpu, 2026-01-01 to 2026-02-01", "1.31"),
    ]
