"""Letters over SMTP: what arrives at a foreign server, and what is said when it does not."""

import socket
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tallystick.app.delivery import Letter
from tallystick.app.invoicing import WrittenDocument
from tallystick.integrations.mail import SmtpPost, mail_server
from tallystick.kernel import Done, Misuse, Refused
from tests.mailbox import SENDER, mail_arrivals

AT = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
PAPER = WrittenDocument(content=b"%PDF-\x00\xff", media_type="application/pdf", name="INV-1.pdf")
LETTER = Letter(
    id="mail:issued:inv_1",
    to="billing@acme.example",
    sender="Bücher & Söhne",
    reply_to="office@books.example",
    subject="請求書 INV-1",
    text="Guten Tag,\n\nようこそ 12,50 €\n",
    attachments=(PAPER,),
)


def test_a_letter_arrives_as_it_was_written() -> None:
    """Sender, subject and text in any script, and the attachment byte by byte."""
    with mail_arrivals() as arrivals:
        assert isinstance(SmtpPost(server=arrivals.server).send(LETTER, at=AT), Done)
    (mail,) = arrivals.mails
    sender = mail["From"].addresses[0]
    assert (sender.display_name, sender.addr_spec) == ("Bücher & Söhne", SENDER)
    assert str(mail["Reply-To"]) == "office@books.example"
    assert str(mail["Subject"]) == "請求書 INV-1"
    assert mail["Date"].datetime == AT
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == LETTER.text
    (attached,) = mail.iter_attachments()
    assert attached.get_content() == PAPER.content
    assert (attached.get_content_type(), attached.get_filename()) == ("application/pdf", PAPER.name)


def test_a_letter_that_may_be_declined_says_where_in_its_headers() -> None:
    """By RFC 8058: the link in one piece however long it is, and that a POST to it is enough."""
    url = "https://bills.example.com/letters?token=" + "Ab9_-" * 60
    with mail_arrivals() as arrivals:
        post = SmtpPost(server=arrivals.server)
        for letter in (LETTER, replace(LETTER, decline_url=url)):
            assert isinstance(post.send(letter, at=AT), Done)
    without, declinable = (dict(mail.raw_items()) for mail in arrivals.mails)
    assert not {"List-Unsubscribe", "List-Unsubscribe-Post"} & without.keys()
    assert declinable["List-Unsubscribe"] == f"<{url}>"
    assert declinable["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_every_attempt_is_the_same_letter() -> None:
    """Mail programs show one letter that arrives twice as one: it bears one Message-ID."""
    with mail_arrivals() as arrivals:
        post = SmtpPost(server=arrivals.server)
        for letter in (LETTER, LETTER, replace(LETTER, id="mail:issued:inv_2")):
            assert isinstance(post.send(letter, at=AT), Done)
    first, again, other = (mail["Message-ID"] for mail in arrivals.mails)
    assert first == again
    assert first != other


def test_no_text_becomes_a_header() -> None:
    """A name with a line end in it stays a name."""
    hostile = "Acme\r\nBcc: victim@example.com\n\nBuy"
    with mail_arrivals() as arrivals:
        letter = replace(LETTER, sender=hostile, subject=hostile)
        assert isinstance(SmtpPost(server=arrivals.server).send(letter, at=AT), Done)
    (mail,) = arrivals.mails
    assert mail["Bcc"] is None
    assert "victim@example.com" in str(mail["Subject"])
    assert [one.addr_spec for one in mail["From"].addresses] == [SENDER]


@pytest.mark.parametrize("to", ["a@b\r\nBcc: victim@example.com", "two@a.example, b@c.example", ""])
def test_what_is_no_address_is_refused(to: str) -> None:
    """An address that cannot stand in a header goes nowhere."""
    with mail_arrivals() as arrivals:
        told = SmtpPost(server=arrivals.server).send(replace(LETTER, to=to), at=AT)
    assert isinstance(told, Refused)
    assert told.problems[0].code == "bad_address"
    assert arrivals.mails == []


def test_what_the_server_says_is_told() -> None:
    """A mail that was not taken is refused with the server's words."""
    with mail_arrivals() as arrivals:
        arrivals.busy = 1
        told = SmtpPost(server=arrivals.server).send(LETTER, at=AT)
    assert isinstance(told, Refused)
    assert told.problems[0].code == "mail_refused"
    assert "Come back later" in told.problems[0].message


def test_a_letter_that_was_taken_is_sent() -> None:
    """A server that does not say good-bye has the letter all the same."""
    with mail_arrivals() as arrivals:
        arrivals.rude = True
        assert isinstance(SmtpPost(server=arrivals.server).send(LETTER, at=AT), Done)
    assert len(arrivals.mails) == 1


def test_an_issuer_s_address_that_cannot_be_written_is_left_out() -> None:
    """Answers go to the sender then; the letter goes out."""
    with mail_arrivals() as arrivals:
        letter = replace(LETTER, reply_to="a b@@c")
        assert isinstance(SmtpPost(server=arrivals.server).send(letter, at=AT), Done)
    assert arrivals.mails[0]["Reply-To"] is None


def test_nothing_is_sent_in_the_open_where_tls_is_asked_for() -> None:
    """A server that offers no TLS gets neither password nor letter."""
    with mail_arrivals() as arrivals:
        careful = replace(arrivals.server, starttls=True, user="bills", password="s3cret")
        told = SmtpPost(server=careful).send(LETTER, at=AT)
    assert isinstance(told, Refused)
    assert "STARTTLS" in told.problems[0].message
    assert "s3cret" not in told.problems[0].message
    assert arrivals.mails == []


def test_a_server_that_is_away_is_an_error_that_passes() -> None:
    """Nobody listens: the outbox tries again."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        away = mail_server(f"smtp://127.0.0.1:{bound.getsockname()[1]}?tls=off", SENDER)
        with pytest.raises(OSError, match="refused"):
            SmtpPost(server=away).send(LETTER, at=AT)


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://mail.example", 587, True, False),
        ("smtps://mail.example", 465, False, True),
        ("smtp://mail.example:25?tls=off", 25, False, False),
    ],
)
def test_addresses_of_servers(url: str, port: int, *, starttls: bool, tls: bool) -> None:
    """TLS is the default; without it only where that is said."""
    server = mail_server(url, SENDER)
    assert (server.port, server.starttls, server.tls) == (port, starttls, tls)


@pytest.mark.parametrize(
    "url",
    ["http://mail.example", "smtp://", "smtp://u:s3cret@h:x", "smtp://u:s3cret@h?tls=no", "s3cret"],
)
def test_wrong_addresses_are_told_without_their_secrets(url: str) -> None:
    """The message says what can be written, and repeats nothing."""
    with pytest.raises(Misuse) as error:
        mail_server(url, SENDER)
    assert "s3cret" not in str(error.value)
    assert "smtps://" in str(error.value)
