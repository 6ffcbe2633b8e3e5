"""Days of grace, kept dates, drafts held for a review, and their approval or rejection."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tallystick.app.invoicing import (
    ApprovalReport,
    ApprovedDraft,
    ApproveDrafts,
    BillingReport,
    DraftDocuments,
    RejectDraft,
    RunBilling,
    approve_drafts,
    draft_documents,
    list_invoices,
    reject_draft,
    review_drafts,
    run_billing,
)
from tallystick.app.invoicing.issuing import Issue, issue_drafts
from tallystick.app.invoicing.ports import DraftInReview
from tallystick.catalog import Catalog, DocumentDate, IssueRules
from tallystick.invoicing import Invoice, Purpose
from tallystick.kernel import Done, Outcome, instant
from tests.app.invoicing.billing import FEBRUARY_2, MARCH_2, Billing, is_waiting
from tests.app.invoicing.test_commands import codes
from tests.app.invoicing.test_notes import goodwill, proven
from tests.app.invoicing.test_taxed_billing import HOME, ISSUER, JANUARY, declare, move
from tests.invoicing.world import CONTRACT, cpu
from tests.waiting import wait_until


def ruled(billing: Billing, rules: IssueRules) -> None:
    """Declare when the legal entity issues; it collects taxes at home."""
    declare(billing, HOME)
    move(billing, country="DE")
    with billing.unit() as uow:
        entity = replace(ISSUER, issuing=rules)
        uow.catalog.save_definitions(Catalog(legal_entities={entity.key: entity}))
        uow.commit()


def run(billing: Billing, at: str) -> list[Invoice]:
    """Bill at an instant, and return what was issued."""
    billing.clock.forward(seconds=(instant(at) - billing.clock.now()) // timedelta(seconds=1))
    return [one.invoice for one in billing.documents(billing.run())]


def hold(billing: Billing, through: datetime) -> BillingReport:
    """Run with `--hold`."""
    command = RunBilling(through=through, hold=True)
    held = run_billing(command, caller=billing.caller, units=billing.unit, sources=billing.sources)
    assert isinstance(held, Done), held
    return held.value


def reviewed(billing: Billing) -> list[DraftInReview]:
    """Return the drafts in review."""
    outcome = review_drafts(billing.caller, uow=billing.unit())
    assert isinstance(outcome, Done), outcome
    return outcome.value


def approve(billing: Billing, *drafts: DraftInReview) -> ApprovalReport:
    """Approve drafts as they were seen."""
    outcome = approve_drafts(
        ApproveDrafts(
            drafts=tuple(ApprovedDraft(invoice=one.summary.id, digest=one.digest) for one in drafts)
        ),
        caller=billing.caller,
        units=billing.unit,
        clock=billing.clock,
        writer=billing.sources.writer,
    )
    assert isinstance(outcome, Done), outcome
    return outcome.value


def reject(billing: Billing, order: RejectDraft) -> Outcome[None]:
    """Reject a draft, or tell why not."""
    return reject_draft(order, caller=billing.caller, uow=billing.unit(), clock=billing.clock)


def test_grace_waits_for_late_usage(billing: Billing) -> None:
    """A period's document is issued after the days of grace, with what came meanwhile."""
    ruled(billing, IssueRules(grace_days=3))
    billing.record(JANUARY)
    opening = run(billing, "2026-02-03T22:59:59Z")
    assert [one.purpose for one in opening] == [Purpose.OPENING]
    billing.record([cpu(20, "2026-01-31T00:00:00Z", "3600")])
    (january,) = run(billing, "2026-02-04T00:00:00Z")
    assert (january.purpose, january.issued_on) == (Purpose.PERIOD, date(2026, 2, 4))
    assert all(line.settled_before.minor == 0 for line in january.lines)
    (measured,) = (line.quantity for line in january.lines if line.key.price == "cpu")
    assert measured == 13
    assert billing.run().issued == ()
    proven(billing, [*opening, january])


@pytest.mark.parametrize(
    ("dated", "day"),
    [
        (DocumentDate.ISSUE, date(2026, 2, 4)),
        (DocumentDate.NEXT_PERIOD, date(2026, 2, 1)),
        (DocumentDate.PERIOD_END, date(2026, 1, 31)),
    ],
)
def test_a_document_keeps_its_date(billing: Billing, dated: DocumentDate, day: date) -> None:
    """What closes a period is dated by its rule, and taxed as on the day of its issue."""
    ruled(billing, IssueRules(grace_days=3, dated=dated))
    billing.clock.forward(days=-26)
    billing.record(JANUARY)
    opening = run(billing, "2026-01-08T00:00:00Z")
    (january,) = run(billing, "2026-02-04T00:00:00Z")
    assert (january.issued_on, january.due_on) == (day, day + timedelta(days=14))
    assert january.taxed_on == date(2026, 2, 4)
    proven(billing, [*opening, january])


def test_dates_never_go_back(billing: Billing) -> None:
    """A kept date is never before that of a document of the series that was issued before."""
    ruled(billing, IssueRules(grace_days=3, dated=DocumentDate.NEXT_PERIOD))
    billing.record(JANUARY)
    (opening,) = run(billing, "2026-02-03T00:00:00Z")
    assert opening.issued_on == date(2026, 2, 3)
    (january,) = run(billing, "2026-02-04T00:00:00Z")
    assert january.issued_on == date(2026, 2, 3)
    note = goodwill(billing, january.id, "1.00")
    assert note.issued_on == date(2026, 2, 4)
    proven(billing, [opening, january, note])


def test_held_drafts_are_approved_in_bulk(billing: Billing) -> None:
    """A run that holds issues nothing; what is approved is issued as it was seen, once."""
    ruled(billing, IssueRules(hold=True))
    billing.record(JANUARY)
    report = billing.run(through=FEBRUARY_2)
    assert (report.issued, report.held) == ((), 2)
    seen = reviewed(billing)
    assert billing.run(through=FEBRUARY_2).held == 0, "what is reviewed stands still"
    done = approve(billing, *seen)
    assert (len(done.issued), done.refused) == (2, ())
    assert reviewed(billing) == []
    assert [problem.code for _, problem in approve(billing, *seen).refused] == [
        "already_issued"
    ] * 2
    proven(billing, [billing.document(one).invoice for one in done.issued])


def test_what_a_run_held_no_other_run_issues(billing: Billing) -> None:
    """Drafts of `--hold` wait for their review, and what falls due meanwhile waits with them."""
    ruled(billing, IssueRules())
    billing.record(JANUARY)
    assert hold(billing, FEBRUARY_2).held == 2
    seen = reviewed(billing)
    report = billing.run(through=FEBRUARY_2)
    assert (report.issued, report.held, report.parked) == ((), 0, ())
    assert reviewed(billing) == seen
    billing.clock.forward(days=28)
    later = billing.run(through=MARCH_2)
    assert (later.issued, later.held) == ((), 3)
    assert len(approve(billing, *reviewed(billing)).issued) == 3
    billing.clock.forward(days=31)
    assert len(billing.run().issued) == 1, "after the review runs issue as ever"


def test_what_was_held_and_is_drafted_anew_is_still_held(billing: Billing) -> None:
    """Who drafts a contract anew while it is in review does not let the next run issue it."""
    ruled(billing, IssueRules())
    hold(billing, FEBRUARY_2)
    order = DraftDocuments(subscription=CONTRACT.key, through=FEBRUARY_2)
    drafted = draft_documents(
        order, caller=billing.caller, uow=billing.unit(), sources=billing.sources
    )
    assert isinstance(drafted, Done), drafted
    assert billing.run(through=FEBRUARY_2).issued == ()
    rejection = RejectDraft(invoice=drafted.value[0], reason="not wanted")
    assert reject(billing, rejection) == Done(None)
    assert len(billing.run(through=FEBRUARY_2).issued) == 2


class StrikingClock:
    """Stands before an instant for so many looks, and strikes it with the next one."""

    def __init__(self, at: datetime, looks: int) -> None:
        self._at, self._left = at, looks

    def now(self) -> datetime:
        """Return a second before the instant, or the instant."""
        self._left -= 1
        return self._at - timedelta(seconds=1) if self._left >= 0 else self._at


@pytest.mark.parametrize("looks", range(1, 9))
def test_a_midnight_while_a_payer_is_billed_parks_nobody(billing: Billing, looks: int) -> None:
    """Whenever the issuer's day ends within a run, all is issued by it, with the taxes of a day."""
    ruled(billing, IssueRules())
    billing.record(JANUARY)
    midnight = replace(billing, goes_by=StrikingClock(instant("2026-02-01T23:00:00Z"), looks))
    report = midnight.run(through=instant("2026-02-01T00:00:00Z"))
    assert (report.parked, len(report.issued)) == ((), 2)
    issued = [one.invoice for one in billing.documents(report)]
    assert all(one.taxed_on == one.issued_on for one in issued)
    proven(billing, issued)


def test_a_review_compares_with_the_last_period(billing: Billing) -> None:
    """Each draft stands beside the document before it, the greatest change first."""
    ruled(billing, IssueRules())
    billing.record(JANUARY)
    billing.run(through=FEBRUARY_2)
    billing.record([cpu(20, "2026-02-10T00:00:00Z", "3600000")])
    billing.clock.forward(days=28)
    hold(billing, MARCH_2)
    (draft,) = reviewed(billing)
    assert draft.before is not None
    assert (draft.before[0], str(draft.before[1])) == ("INV-2026-000002", "13.73 USD")
    assert str(draft.summary.total) == "59.57 USD"
    assert draft.change is not None
    assert int(draft.change * 100) == 333


def test_a_draft_that_changed_is_not_approved(billing: Billing) -> None:
    """What is approved is what was seen: a draft that was made anew meanwhile is refused."""
    ruled(billing, IssueRules(hold=True))
    billing.record(JANUARY)
    billing.run(through=FEBRUARY_2)
    seen = reviewed(billing)
    billing.record([cpu(20, "2026-01-31T00:00:00Z", "3600")])
    hold(billing, FEBRUARY_2)
    refused = approve(billing, *seen).refused
    assert {problem.code for _, problem in refused} == {"changed_draft"}
    assert len(approve(billing, *reviewed(billing)).issued) == 2


def test_who_rejects_while_it_is_issued_is_told_so(billing: Billing) -> None:
    """The issue comes first, and the rejection, which waited for it, says that it came too late."""
    ruled(billing, IssueRules(hold=True))
    billing.run(through=FEBRUARY_2)
    (draft, *_) = reviewed(billing)
    order = RejectDraft(invoice=draft.summary.id, reason="a meter was wrong")
    with ThreadPoolExecutor(1) as threads, billing.unit() as uow:
        uow.invoices.lock(draft.summary.subscription)
        late = threads.submit(reject, billing, order)
        wait_until(lambda: is_waiting(billing), seconds_max=30, waiting_for="the rejection")
        found = uow.invoices.load_document(draft.summary.id)
        assert found is not None
        issue = Issue(entity=ISSUER, at=billing.clock.now(), writer=billing.sources.writer)
        assert isinstance(issue_drafts(uow, [found.invoice], issue), Done)
        uow.commit()
    assert codes(late.result()) == ["already_issued"]


def test_who_approves_while_it_is_thrown_away_is_told_so(billing: Billing) -> None:
    """One draft that is gone is refused by itself; the others are issued."""
    ruled(billing, IssueRules(hold=True))
    billing.record(JANUARY)
    billing.run(through=FEBRUARY_2)
    seen = reviewed(billing)
    with ThreadPoolExecutor(1) as threads, billing.unit() as uow:
        uow.invoices.lock(seen[0].summary.subscription)
        late = threads.submit(approve, billing, seen[0])
        wait_until(lambda: is_waiting(billing), seconds_max=30, waiting_for="the approval")
        uow.invoices.discard_drafts(seen[0].summary.subscription)
        uow.commit()
    assert [problem.code for _, problem in late.result().refused] == ["changed_draft"]


def test_rejected_drafts_are_made_anew(billing: Billing) -> None:
    """A draft that is rejected is thrown away, and drafted from the facts of the next run."""
    ruled(billing, IssueRules(hold=True))
    billing.record(JANUARY)
    billing.run(through=FEBRUARY_2)
    draft, *_ = reviewed(billing)
    order = RejectDraft(invoice=draft.summary.id, reason="")
    assert codes(reject(billing, order)) == ["wrong_reason"]
    fine = replace(order, reason="a meter was wrong")
    assert reject(billing, fine) == Done(None)
    assert list_invoices(billing.caller, uow=billing.unit()) == Done([])
    assert codes(reject(billing, fine)) == ["unknown_invoice"]
    assert billing.run(through=FEBRUARY_2).held == 2
