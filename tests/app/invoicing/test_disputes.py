"""Disputes: opened on lines, with evidence, resolved with a credit or none, reopened."""

from dataclasses import replace

import pytest

from tallystick.app.invoicing import (
    OpenDispute,
    ResolveDispute,
    TakeStep,
    list_disputes,
    open_dispute,
    resolve_dispute,
    show_dispute,
    take_step,
)
from tallystick.invoicing import CreditedLine, Dispute, DisputeState, DisputeStep
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome
from tests.app.invoicing.billing import FEBRUARY_2, Billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_notes import january, owed, proven
from tests.app.invoicing.test_taxed_billing import HOME, declare, move


@pytest.fixture
def taxed(billing: Billing) -> Billing:
    """Lend a workspace whose legal entity collects taxes from a buyer in Germany."""
    declare(billing, HOME)
    move(billing, country="DE")
    return billing


def done(outcome: Outcome[Dispute]) -> Dispute:
    """Return what must not have been refused."""
    assert isinstance(outcome, Done), outcome
    return outcome.value


def opened(
    billing: Billing, invoice: InvoiceId, *lines: str, key: str | None = None
) -> Outcome[Dispute]:
    """Open a dispute, or tell why not."""
    return open_dispute(
        OpenDispute(invoice=invoice, reason="never used", lines=lines),
        caller=replace(billing.caller, idempotency_key=key),
        uow=billing.unit(),
        clock=billing.clock,
    )


def resolved(billing: Billing, command: ResolveDispute) -> Outcome[Dispute]:
    """Resolve a dispute, or tell why not."""
    return resolve_dispute(
        command,
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
        writer=billing.sources.writer,
    )


def step(billing: Billing, dispute: Dispute, taken: DisputeStep) -> Outcome[Dispute]:
    """Take a step, or tell why not."""
    return take_step(
        TakeStep(dispute=dispute.id, step=taken, text="a log"),
        caller=billing.caller,
        uow=billing.unit(),
        clock=billing.clock,
    )


def test_from_the_objection_to_the_credit(taxed: Billing) -> None:
    """A part of the disputed line is given back; reopened, a second part is, and no more."""
    first = january(taxed)
    (line,) = (one for one in first.lines if one.key.price == "calls")
    before = owed(taxed)
    dispute = done(opened(taxed, first.id, line.id))
    assert owed(taxed) == before
    assert done(step(taxed, dispute, DisputeStep.EVIDENCE)).state is DisputeState.OPEN
    order = ResolveDispute(dispute=dispute.id, outcome="half of it", amount="0.50")
    half = done(resolved(taxed, order))
    assert (half.state, len(half.notes)) == (DisputeState.RESOLVED, 1)
    assert codes(resolved(taxed, order)) == ["dispute_resolved"]
    assert codes(step(taxed, dispute, DisputeStep.EVIDENCE)) == ["dispute_resolved"]
    assert done(step(taxed, half, DisputeStep.REOPENED)).state is DisputeState.OPEN
    assert codes(step(taxed, half, DisputeStep.REOPENED)) == ["dispute_open"]
    too_much = replace(order, amount="0.51")
    assert codes(resolved(taxed, too_much)) == ["above_what_is_left"]
    ended = done(resolved(taxed, replace(order, outcome="all of it")))
    assert [one.step.value for one in ended.entries] == [
        "opened", "evidence", "resolved", "reopened", "resolved",
    ]  # fmt: skip
    assert owed(taxed) == before - 119
    notes = [taxed.document(note).invoice for note in ended.notes]
    assert {note.credit_kind for note in notes} == {"dispute"}
    assert taxed.run(through=FEBRUARY_2).issued == ()
    proven(taxed, notes)


def test_resolved_with_nothing(taxed: Billing) -> None:
    """An objection that is not followed leaves the money as it is."""
    first = january(taxed)
    before = owed(taxed)
    dispute = done(opened(taxed, first.id))
    ended = done(resolved(taxed, ResolveDispute(dispute=dispute.id, outcome="proven")))
    assert (ended.state, ended.notes, owed(taxed)) == (DisputeState.RESOLVED, (), before)


def test_an_amount_beside_lines_is_not_passed_over(taxed: Billing) -> None:
    """Whoever writes both is asked what is meant, rather than given the lines alone."""
    first = january(taxed)
    dispute = done(opened(taxed, first.id))
    lines = (CreditedLine(line=first.lines[0].id, amount="0.10"),)
    order = ResolveDispute(dispute=dispute.id, outcome="x", amount="5.00", lines=lines)
    assert codes(resolved(taxed, order)) == ["wrong_amount"]


def test_only_what_is_disputed_is_given_back(taxed: Billing) -> None:
    """Where lines are disputed, a credit is on these."""
    first = january(taxed)
    one, other, *_ = first.lines
    dispute = done(opened(taxed, first.id, one.id))
    order = ResolveDispute(
        dispute=dispute.id, outcome="x", lines=(CreditedLine(line=other.id, amount="0.10"),)
    )
    assert codes(resolved(taxed, order)) == ["undisputed_line"]
    assert codes(opened(taxed, first.id, "line_none")) == ["unknown_line"]
    assert codes(opened(taxed, InvoiceId("inv_none"))) == ["unknown_invoice"]


def test_shown_with_explanation_and_events(taxed: Billing) -> None:
    """A dispute is shown with what its lines rest on; another account does not see it."""
    first = january(taxed)
    (line,) = (one for one in first.lines if one.key.price == "cpu")
    dispute = done(opened(taxed, first.id, line.id))
    shown = show_dispute(taxed.caller, dispute.id, uow=taxed.unit(), sources=taxed.sources)
    assert isinstance(shown, Done), shown
    (explained,) = shown.value.explanations
    assert [one.line for one in explained.lines] == [line.id]
    assert [event.id for event in explained.events] == ["e1"]
    reader = replace(taxed.caller, scopes=frozenset({"read"}), account=AccountKey("bolt"))
    hidden = show_dispute(reader, dispute.id, uow=taxed.unit(), sources=taxed.sources)
    assert codes(hidden) == ["unknown_dispute"]
    assert list_disputes(reader, uow=taxed.unit()) == Done([])
    for state, count in ((DisputeState.OPEN, 1), (DisputeState.RESOLVED, 0)):
        listed = list_disputes(taxed.caller, uow=taxed.unit(), state=state)
        assert isinstance(listed, Done)
        assert len(listed.value) == count


def test_opened_once(taxed: Billing) -> None:
    """Guarantee 8: one order sent twice under a key opens one dispute; two orders open two."""
    first = january(taxed)
    one, again = (done(opened(taxed, first.id, key="d1")) for _ in range(2))
    assert one == again
    assert done(opened(taxed, first.id)).id != one.id
