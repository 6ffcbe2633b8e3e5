"""What was paid of a document as it was issued: a fact of its issue that must add up."""

from dataclasses import replace

import pytest

from tallystick.invoicing import Invoice, Prepaid, document_of, invoice_from_document
from tallystick.kernel import Done, InvariantBroken, Money, Refused
from tests.invoicing.world import call, cpu, drafted, issue, the_invoice

EVENTS = [cpu(1, "2026-01-10T00:00:00Z", "43200"), call(2, "2026-01-20T00:00:00Z")]


def paid(draft: Invoice, minor: int) -> Invoice:
    """Return a draft of which so much is paid."""
    money = Money(minor=minor, currency=draft.currency)
    return replace(draft, prepaid=(Prepaid(source="pay_1", money=money),))


def test_what_is_left_is_written_and_read() -> None:
    """A document says what was paid and what was left; one without keeps its bytes."""
    draft = the_invoice(drafted(EVENTS))
    document = issue(paid(draft, 500), "INV-1")
    assert document.due == document.total - Money(minor=500, currency=draft.currency)
    content = document_of(document)
    assert invoice_from_document(content) == Done(document)
    plain = document_of(issue(draft, "INV-1"))
    assert b"prepaid" not in plain
    assert b'"due":' not in plain
    left = f'"due":"{document.due.decimal:f}"'.encode()
    forged = invoice_from_document(content.replace(left, b'"due":"0.01"'))
    assert isinstance(forged, Refused)
    assert [one.code for one in forged.problems] == ["wrong_due"]


def test_no_more_is_paid_than_it_comes_to() -> None:
    """A document of which more was paid than it comes to is not issued."""
    draft = the_invoice(drafted(EVENTS))
    with pytest.raises(InvariantBroken):
        issue(paid(draft, draft.total.minor + 1), "INV-1")
