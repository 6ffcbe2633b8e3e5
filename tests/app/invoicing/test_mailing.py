"""Documents by e-mail: each once, to its payer, again after a failure, never from a test."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tallystick.app.delivery import Courier, SendDocument, SentDocument, send_document
from tallystick.app.outbox import (
    DeliveryReport,
    DeliveryState,
    Message,
    RetryDelivery,
    RetryPolicy,
    deliver_due,
    list_deliveries,
    retry_delivery,
)
from tallystick.app.usage_alerts import LetterLinks
from tallystick.app.webhooks import WebhookSecrets
from tallystick.integrations.documents import PaperWriter, formats_for
from tallystick.integrations.mail import SmtpPost
from tallystick.integrations.webhooks import HttpWebhookCaller
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome, Refused, instant
from tests.app.invoicing.billing import FEBRUARY_2, Billing
from tests.clock import HandClock
from tests.mailbox import Arrivals, mail_arrivals

ADDRESS = "billing@acme.example"
POLICY = RetryPolicy(attempts_max=2, wait_seconds_first=10, batch=10)


class Silent:
    """The way out for everything else."""

    def deliver(self, message: Message) -> Outcome[None]:
        """Say nothing."""
        del message
        return Done(None)


@pytest.fixture
def arrivals() -> Iterator[Arrivals]:
    """Lend a mail server."""
    with mail_arrivals() as running:
        yield running


def reachable(billing: Billing, address: str = ADDRESS, *, language: str = "") -> None:
    """Give the payer an address."""
    with billing.unit() as uow:
        account = uow.accounts.load_account(AccountKey("acme"))
        assert account is not None
        contact = replace(account.contact, email=address, language=language)
        uow.accounts.save_accounts([replace(account, contact=contact)])
        uow.commit()


def round_of(billing: Billing, arrivals: Arrivals | None) -> DeliveryReport:
    """Deliver what is due."""
    courier = Courier(
        units=billing.unit,
        writer=PaperWriter(Path("nowhere")),
        formats=formats_for,
        links=LetterLinks(root=lambda: bytes(16)),
        post=None if arrivals is None else SmtpPost(server=arrivals.server),
        webhooks=HttpWebhookCaller(),
        secrets=WebhookSecrets(root=lambda: bytes(16)),
        clock=billing.clock,
        rest=Silent(),
    )
    return deliver_due(billing.database.runner, courier, clock=billing.clock, policy=POLICY)


def states(billing: Billing) -> dict[str, str]:
    """Return what became of each letter."""
    found = list_deliveries(billing.caller, uow=billing.unit())
    assert isinstance(found, Done)
    return {one.id: one.state.value for one in found.value if one.topic == "mail.document"}


def test_each_document_is_sent_once(billing: Billing, arrivals: Arrivals) -> None:
    """A letter for each, in the payer's language, with the document; a third round has none."""
    reachable(billing, language="de")
    issued = billing.run(through=FEBRUARY_2).issued
    for _ in range(3):
        round_of(billing, arrivals)
    numbers = [billing.document(each).invoice.number for each in issued]
    assert sorted(str(mail["Subject"]) for mail in arrivals.mails) == [
        f"Rechnung {number} von Main Ltd" for number in numbers
    ]
    for mail in arrivals.mails:
        assert str(mail["To"]) == ADDRESS
        (attached,) = mail.iter_attachments()
        assert attached.get_content().startswith(b"%PDF-")
    assert set(states(billing).values()) == {"delivered"}


def test_a_letter_says_what_is_owed_and_until_when(billing: Billing, arrivals: Arrivals) -> None:
    """Number, date, total and due date are those of the document."""
    reachable(billing)
    first, *_ = billing.run(through=FEBRUARY_2).issued
    for _ in range(2):
        round_of(billing, arrivals)
    invoice = billing.document(first).invoice
    (mail,) = (one for one in arrivals.mails if str(invoice.number) in str(one["Subject"]))
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert f"${invoice.total.decimal:,f}" in text
    assert invoice.due_on is not None
    assert f"Please pay it by {invoice.due_on:%B} {invoice.due_on.day}, " in text


def test_who_has_no_address_gets_no_letter(billing: Billing, arrivals: Arrivals) -> None:
    """Nothing is put for a payer without one, nor where no mail server is configured."""
    billing.run(through=FEBRUARY_2)
    round_of(billing, arrivals)
    assert (states(billing), arrivals.mails) == ({}, [])


def test_without_a_mail_server_nothing_is_put(billing: Billing, arrivals: Arrivals) -> None:
    """Letters of years do not wait until somebody configures one."""
    reachable(billing)
    billing.run(through=FEBRUARY_2)
    round_of(billing, None)
    round_of(billing, arrivals)
    assert (states(billing), arrivals.mails) == ({}, [])


def test_a_letter_waits_for_its_mail_server(billing: Billing, arrivals: Arrivals) -> None:
    """What was put while a server was configured is not taken for sent without one."""
    reachable(billing)
    issued = billing.run(through=FEBRUARY_2).issued
    round_of(billing, arrivals)
    round_of(billing, None)
    assert set(states(billing).values()) == {"due"}
    billing.clock.forward(seconds=11)
    round_of(billing, arrivals)
    assert len(arrivals.mails) == len(issued)


def test_nothing_leaves_a_test_workspace(billing: Billing, arrivals: Arrivals) -> None:
    """What is tried out is not sent to customers."""
    reachable(billing)
    with billing.database.connection("postgres") as connection:
        connection.execute(
            "UPDATE workspace SET kind = 'test', clock_at = %s WHERE id = %s",
            [FEBRUARY_2, billing.workspace],
        )
    billing.run(through=FEBRUARY_2)
    for _ in range(2):
        round_of(billing, arrivals)
    assert arrivals.mails == []


def test_a_busy_server_is_asked_again(billing: Billing, arrivals: Arrivals) -> None:
    """What was not taken waits for its turn and is then sent once."""
    reachable(billing)
    issued = billing.run(through=FEBRUARY_2).issued
    arrivals.busy = 1
    for _ in range(2):
        round_of(billing, arrivals)
    assert "due" in states(billing).values()
    billing.clock.forward(seconds=11)
    round_of(billing, arrivals)
    assert len(arrivals.mails) == len(issued)
    assert set(states(billing).values()) == {"delivered"}


def test_what_was_given_up_is_tried_again_by_hand(billing: Billing, arrivals: Arrivals) -> None:
    """A parked letter is put again under an id of its own; one that was delivered is not."""
    reachable(billing)
    issued = billing.run(through=FEBRUARY_2).issued
    arrivals.busy = 2 * len(issued)
    for _ in range(3):
        round_of(billing, arrivals)
        billing.clock.forward(seconds=11)
    parked = states(billing)
    assert set(parked.values()) == {DeliveryState.PARKED.value}
    again = [retried(billing, id) for id in parked]
    assert all(isinstance(each, Done) for each in again)
    round_of(billing, arrivals)
    assert len(arrivals.mails) == len(issued)
    after = states(billing)
    assert sorted(after.values()) == ["delivered"] * len(issued) + ["parked"] * len(issued)
    done = next(id for id, state in after.items() if state == "delivered")
    told = retried(billing, done)
    assert isinstance(told, Refused)
    assert told.problems[0].code == "not_parked"


def test_what_is_tried_again_leaves_at_once_whatever_the_test_clock(
    billing: Billing, arrivals: Arrivals
) -> None:
    """A test workspace may live in a later year; who delivers knows the computer's clock alone."""
    reachable(billing)
    billing.run(through=FEBRUARY_2)
    arrivals.busy = 100
    for _ in range(3):
        round_of(billing, arrivals)
        billing.clock.forward(seconds=11)
    later = instant("2999-01-01T00:00:00Z")
    with billing.database.connection("postgres") as connection:
        connection.execute(
            "UPDATE workspace SET kind = 'test', clock_at = %s WHERE id = %s",
            [later, billing.workspace],
        )
    for id in states(billing):
        order = RetryDelivery(id=id)
        clock = HandClock(later)
        told = retry_delivery(order, caller=billing.caller, uow=billing.unit(), clock=clock)
        assert isinstance(told, Done)
    due = list_deliveries(billing.caller, uow=billing.unit(), state=DeliveryState.DUE)
    assert isinstance(due, Done)
    assert due.value
    assert all(one.at < later for one in due.value)


def test_two_orders_of_one_instant_are_two_letters(billing: Billing, arrivals: Arrivals) -> None:
    """Where a test clock stands, each request sends, unless they name the same key."""
    first, *_ = billing.run(through=FEBRUARY_2).issued
    command = SendDocument(invoice=first, to="audit@example.com")
    for request in ("one", "other"):
        caller = replace(billing.caller, request_id=request)
        told = send_document(
            command, caller=caller, uow=billing.unit(), clock=billing.clock, has_post=True
        )
        assert isinstance(told, Done)
    round_of(billing, arrivals)
    assert len(arrivals.mails) == 2


def retried(billing: Billing, id: str) -> Outcome[object]:
    """Try a delivery again."""
    return retry_delivery(
        RetryDelivery(id=id), caller=billing.caller, uow=billing.unit(), clock=billing.clock
    )


def sent(
    billing: Billing, command: SendDocument, *, has_post: bool = True
) -> Outcome[SentDocument]:
    """Send a document by hand."""
    return send_document(
        command,
        caller=replace(billing.caller, idempotency_key="once"),
        uow=billing.unit(),
        clock=billing.clock,
        has_post=has_post,
    )


def test_a_document_is_sent_to_another_address(billing: Billing, arrivals: Arrivals) -> None:
    """Asked for twice under one key, it is sent once."""
    first, *_ = billing.run(through=FEBRUARY_2).issued
    command = SendDocument(invoice=first, to="audit@example.com")
    one, other = sent(billing, command), sent(billing, command)
    assert isinstance(one, Done)
    assert one == other
    for _ in range(2):
        round_of(billing, arrivals)
    assert [str(mail["To"]) for mail in arrivals.mails] == ["audit@example.com"]


@pytest.mark.parametrize(
    ("to", "has_post", "code"),
    [("", True, "no_address"), ("nobody", True, "wrong_value"), ("", False, "no_mail_server")],
)
def test_what_cannot_be_sent(billing: Billing, to: str, code: str, *, has_post: bool) -> None:
    """The refusal says what is missing."""
    first, *_ = billing.run(through=FEBRUARY_2).issued
    told = sent(billing, SendDocument(invoice=first, to=to), has_post=has_post)
    assert isinstance(told, Refused)
    assert told.problems[0].code == code


def test_what_may_not_be_sent(billing: Billing) -> None:
    """Of a document that is not there, or that the caller may not see, nothing is told."""
    told = sent(billing, SendDocument(invoice=InvoiceId("inv_0"), to="a@b.example"))
    assert isinstance(told, Refused)
    assert told.problems[0].code == "unknown_invoice"
    reader = replace(billing.caller, scopes=frozenset({"read"}))
    refused = send_document(
        SendDocument(invoice=InvoiceId("inv_0")),
        caller=reader,
        uow=billing.unit(),
        clock=billing.clock,
        has_post=True,
    )
    assert isinstance(refused, Refused)
    assert refused.problems[0].code == "forbidden"
