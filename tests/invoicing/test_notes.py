"""Ordered notes: never more than is left, whatever the order, and what forged ones show."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.invoicing import (
    Claim,
    CreditedLine,
    CreditKind,
    CreditOrder,
    Disposition,
    Invoice,
    NoteFacts,
    VoidOrder,
    as_billed,
    basis_document,
    document_of,
    draft_note,
    invoice_from_document,
    left_of,
    verify_document,
)
from tallystick.kernel import Done, Outcome, Refused, digest
from tests.integrations.documents.papers import TWO_RATES, invoice_of
from tests.invoicing.world import issue

INVOICE = invoice_of(basis=TWO_RATES)
ISSUED = date(2026, 2, 20)


def ordered(order: CreditOrder | VoidOrder, history: list[Invoice]) -> Outcome[Invoice]:
    """Draft a note on the first document of a history."""
    return draft_note(
        NoteFacts(
            original=history[0],
            basis=TWO_RATES,
            order=order,
            history=history,
            billed=as_billed(history),
            issue_on=ISSUED,
        )
    )


def claim(note: Invoice, order: CreditOrder | VoidOrder, history: list[Invoice]) -> Claim:
    """Return a note as a verification is given it."""
    basis = replace(TWO_RATES, order=order)
    return Claim(
        invoice=note,
        digest=digest(document_of(note)),
        basis=basis,
        basis_digest=digest(basis_document(basis)),
        previous=tuple(history),
    )


AMOUNTS = st.integers(min_value=1, max_value=1500).map(lambda cents: f"{Decimal(cents) / 100:f}")
LINES = st.builds(
    CreditedLine,
    line=st.sampled_from([line.id for line in INVOICE.lines]),
    amount=st.one_of(st.just(""), AMOUNTS),
)
QUANTITIES = st.builds(
    CreditedLine,
    line=st.sampled_from([line.id for line in INVOICE.lines if line.unit]),
    quantity=st.integers(min_value=1, max_value=30).map(str),
)
ORDERS = st.builds(
    CreditOrder,
    document=st.just(INVOICE.id),
    kind=st.sampled_from(CreditKind),
    reason=st.just("x"),
    amount=AMOUNTS,
) | st.builds(
    CreditOrder,
    document=st.just(INVOICE.id),
    kind=st.sampled_from(CreditKind),
    reason=st.just("x"),
    lines=st.lists(LINES | QUANTITIES, min_size=1, max_size=3).map(tuple),
)


@given(orders=st.lists(ORDERS, max_size=8))
def test_never_more_than_is_left(orders: list[CreditOrder]) -> None:
    """CN-060: whatever is ordered, notes give back at most the document, and a void the rest."""
    history = [INVOICE]
    for order in orders:
        outcome = ordered(order, history)
        if isinstance(outcome, Refused):
            continue
        note = issue(outcome.value, f"CN-{len(history)}", ISSUED)
        assert isinstance(verify_document(claim(note, order, history), ()), Done)
        assert invoice_from_document(document_of(note)) == Done(note)
        history.append(note)
        assert all(left_of(INVOICE, line, history).minor >= 0 for line in INVOICE.lines)
        assert sum(one.total.minor for one in history) >= 0
    last = VoidOrder(document=INVOICE.id, disposition=Disposition.WAIVE, reason="x")
    outcome = ordered(last, history)
    assert isinstance(outcome, Done), outcome
    void = issue(outcome.value, "CN-99", ISSUED)
    assert isinstance(verify_document(claim(void, last, history), ()), Done)
    assert sum(one.total.minor for one in (*history, void)) == 0
    assert sum(one.net.minor for one in (*history, void)) == 0


ORDER = CreditOrder(document=INVOICE.id, kind=CreditKind.GOODWILL, reason="x", amount="5.00")


@pytest.mark.parametrize(
    "change",
    [
        {"credit_kind": CreditKind.REFUND},
        {"reason": "another"},
        {"reference": None},
        {"revision": 2},
        {"taxed_on": date(2026, 2, 21)},
    ],
)
def test_a_forged_note_is_found(change: dict[str, Any]) -> None:
    """A note that says of itself what its order does not is refused."""
    outcome = ordered(ORDER, [INVOICE])
    assert isinstance(outcome, Done)
    note = issue(outcome.value, "CN-1", ISSUED)
    assert isinstance(verify_document(claim(note, ORDER, [INVOICE]), ()), Done)
    forged = replace(note, **change)
    assert isinstance(verify_document(claim(forged, ORDER, [INVOICE]), ()), Refused)


def test_forged_lines_are_found() -> None:
    """Money that the order does not give, or a line left out, is refused."""
    outcome = ordered(ORDER, [INVOICE])
    assert isinstance(outcome, Done)
    note = issue(outcome.value, "CN-1", ISSUED)
    more = replace(note.lines[0], money=note.lines[0].money + note.lines[0].money)
    for lines, code in (
        ((more, *note.lines[1:]), "different_money"),
        (note.lines[1:], "missing_line"),
    ):
        forged = replace(note, lines=lines)
        found = verify_document(claim(forged, ORDER, [INVOICE]), ())
        assert isinstance(found, Refused)
        assert found.problems[0].code == code
