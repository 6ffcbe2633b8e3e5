"""Disputes on consolidated documents: of a line of one section, and of the document."""

import pytest

from tallystick.accounts import Account
from tallystick.app.invoicing import ResolveDispute, show_dispute
from tallystick.invoicing import CreditedLine, DisputeStep, Invoice, Line
from tallystick.kernel import Done
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing, new_billing
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_consolidated_billing import (
    CORP,
    JANUARY,
    SINCE_JANUARY,
    issued,
    settle_on,
    void,
)
from tests.app.invoicing.test_disputes import done, opened, resolved, step
from tests.app.invoicing.test_notes import proven
from tests.app.invoicing.test_taxed_billing import HOME, declare
from tests.clickhouse import UsageStore
from tests.databases import Database
from tests.invoicing.world import cpu


@pytest.fixture
def corp(database: Database, usage_store: UsageStore) -> Billing:
    """Lend a workspace with a payer of two accounts, whose contracts are billed together."""
    billing = new_billing(database, usage_store, accounts=2)
    declare(billing, HOME)
    settle_on(billing, Account(
        key=CORP, name="Corp", zone="UTC", currency="USD", invoiced=True, country="DE",
        consolidated=SINCE_JANUARY,
    ))  # fmt: skip
    billing.record(JANUARY)
    return billing


def line_of(document: Invoice, contract: str, price: str) -> Line:
    """Return the line of a contract's price."""
    key = (contract, price)
    (line,) = (one for one in document.lines if (one.key.subscription, one.key.price) == key)
    return line


def test_a_line_of_one_section(corp: Billing) -> None:
    """It is shown with its own contract's events; what is given back stands in its section."""
    _, january = issued(corp, FEBRUARY_2)
    line = line_of(january, "acme-2-compute", "cpu")
    dispute = done(opened(corp, january.id, line.id))
    assert dispute.account == CORP
    shown = show_dispute(corp.caller, dispute.id, uow=corp.unit(), sources=corp.sources)
    assert isinstance(shown, Done), shown
    ((explained,),) = (shown.value.explanations,)
    assert [event.id for event in explained.events] == ["e2"]
    other = line_of(january, "acme-compute", "cpu")
    wrong = ResolveDispute(
        dispute=dispute.id, outcome="x", lines=(CreditedLine(line=other.id, amount="0.10"),)
    )
    assert codes(resolved(corp, wrong)) == ["undisputed_line"]
    half = done(resolved(corp, ResolveDispute(dispute=dispute.id, outcome="half", amount="0.27")))
    (note,) = (corp.document(one).invoice for one in half.notes)
    assert [(one.subscription, one.lines) for one in note.sections] == [("acme-2-compute", 1)]
    assert (str(note.net.decimal), str(note.tax.decimal)) == (
        "-0.27",
        "-0.06",
    )  # 3.95 of the whole, 4.01 issued
    again = done(step(corp, half, DisputeStep.REOPENED))
    more = ResolveDispute(dispute=again.id, outcome="more", amount="0.28")
    assert codes(resolved(corp, more)) == ["above_what_is_left"]
    rest = done(resolved(corp, ResolveDispute(dispute=again.id, outcome="all", amount="0.27")))
    notes = [corp.document(one).invoice for one in rest.notes]
    assert [note.credit_kind for note in notes] == ["dispute", "dispute"]
    proven(corp, notes)


def test_an_amount_of_the_document_is_spread_over_its_sections(corp: Billing) -> None:
    """2.00 of 21.08 net comes off all lines by what they are; taxes are of the whole."""
    _, january = issued(corp, FEBRUARY_2)
    dispute = done(opened(corp, january.id))
    order = ResolveDispute(dispute=dispute.id, outcome="for the trouble", amount="2.00")
    ended = done(resolved(corp, order))
    (note,) = (corp.document(one).invoice for one in ended.notes)
    assert (str(note.net.decimal), str(note.tax.decimal)) == ("-2.00", "-0.38")
    assert [one.subscription for one in note.sections] == ["acme-compute", "acme-2-compute"]
    assert sum(one.lines for one in note.sections) == len(note.lines)
    proven(corp, [note])


def test_what_a_dispute_gave_back_stays_so(corp: Billing) -> None:
    """Usage that comes late is charged beside it, and a void takes back only what is left."""
    _, january = issued(corp, FEBRUARY_2)
    line = line_of(january, "acme-2-compute", "cpu")
    dispute = done(opened(corp, january.id, line.id))
    done(resolved(corp, ResolveDispute(dispute=dispute.id, outcome="half", amount="0.27")))
    corp.record([cpu(3, "2026-01-11T00:00:00Z", "36000", subject="vm-2")])
    (february,) = issued(corp, MARCH_2)
    late = [one for one in february.lines if one.settled_before.minor]
    assert [str(one.money.decimal) for one in late] == ["0.40"]
    taken = void(corp, january.id)
    back = line_of(taken.note, "acme-2-compute", "cpu")
    assert str(back.money.decimal) == "-0.27"
    proven(corp, [taken.note])
    anew = issued(corp, MARCH_2)
    again = [one for document in anew for one in document.lines if one.key == line.key]
    assert [str(one.money.decimal) for one in again] == ["0.27"]
