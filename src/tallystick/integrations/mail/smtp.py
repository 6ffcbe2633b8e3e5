"""
Sends letters over SMTP (RFC 5321) with the standard library.

    smtp://user:password@mail.example.com:587            STARTTLS, which must succeed
    smtps://user:password@mail.example.com:465           TLS from the first byte
    smtp://127.0.0.1:25?tls=off                          without TLS; for a relay on this machine

One connection a letter: whoever sends thousands has a relay near by.
"""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import Policy, default
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from tallystick.kernel import Done, Misuse, Outcome, digest, refuse

if TYPE_CHECKING:  # settings read addresses of mail servers, and are read by every command
    from tallystick.app.delivery import Letter

TIMEOUT_SECONDS = 30.0
_PORTS = {"smtp": 587, "smtps": 465}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")
_SAID_LENGTH_MAX = 200
# What the standard library raises for an address, depending on what is wrong with it.
_UNWRITABLE = (ValueError, IndexError, MessageError)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """
    Where letters are handed over.

    Attributes:
        sender: the address that they come from.
        starttls: whether TLS begins after a greeting; ``tls``: from the first byte.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    starttls: bool = True
    tls: bool = False


def mail_server(url: str, sender: str) -> MailServer:
    """
    Read the address of a mail server.

    Raises:
        Misuse: it cannot be read; the message does not repeat it, as it may hold a password.

    Example:
        >>> server = mail_server("smtp://bills:s3cret@mail.example.com", "bills@example.com")
        >>> server.host, server.port, server.starttls, server.password
        ('mail.example.com', 587, True, 's3cret')
    """
    message = "the mail server must be smtp://[user:password@]host[:port][?tls=off] or smtps://..."
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise Misuse(message) from None  # what is chained would repeat the address
    options = parse_qs(parts.query)
    if not parts.hostname or options not in ({}, {"tls": ["off"]}):
        raise Misuse(message)
    try:
        Address(addr_spec=sender)
    except _UNWRITABLE as error:
        raise Misuse(f"{sender[:80]!r} is no address to send mail from") from error
    return MailServer(
        host=parts.hostname,
        port=port,
        sender=sender,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "smtp" and "tls" not in options,
        tls=parts.scheme == "smtps",
    )


class _Whole(UnstructuredHeader, BaseHeader):
    """A header on one line: folding writes long links in encoded words, which nobody calls."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)
_POLICY = default.clone(header_factory=_HEADERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpPost:
    """A post over one mail server."""

    server: MailServer

    def send(self, letter: "Letter", *, at: datetime) -> Outcome[None]:
        try:
            mail = message_of(letter, sender=self.server.sender, at=at)
        except _UNWRITABLE as error:
            return refuse("bad_address", f"{letter.to[:80]!r} cannot be written to: {error}", "to")
        try:
            connection = self._connected()
            try:
                connection.send_message(mail)
                # It was taken. What goes wrong with the good-bye is no reason to send it again.
                with suppress(smtplib.SMTPException, OSError):
                    connection.quit()
            finally:
                connection.close()
        except smtplib.SMTPException as error:
            said = f"{type(error).__name__}: {error}"[:_SAID_LENGTH_MAX]
            return refuse("mail_refused", f"the mail server did not take it: {said}")
        return Done(None)

    def _connected(self) -> smtplib.SMTP:
        server = self.server
        context = ssl.create_default_context()
        if server.tls:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
        try:
            if server.starttls:
                connection.starttls(context=context)
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection


def message_of(letter: "Letter", *, sender: str, at: datetime) -> EmailMessage:
    """
    Return a letter as a message of RFC 5322; texts are data, so none can become a header.

    Raises:
        ValueError, IndexError, MessageError: an address cannot be written.
    """
    origin = Address(addr_spec=sender)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = Address(_one_line(letter.sender), origin.username, origin.domain)
    mail["To"] = Address(addr_spec=letter.to)
    with suppress(*_UNWRITABLE):  # an issuer's address that cannot be written is left out
        if letter.reply_to:
            mail["Reply-To"] = Address(addr_spec=letter.reply_to)
    mail["Subject"] = _one_line(letter.subject)
    mail["Date"] = format_datetime(at)
    # The same for every attempt, so that a second delivery is seen as the same letter.
    mail["Message-ID"] = f"<{digest(letter.id.encode()).partition(':')[2]}@{origin.domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    if letter.decline_url:
        mail["List-Unsubscribe"] = f"<{letter.decline_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(letter.text)
    for each in letter.attachments:
        main, _, sub = each.media_type.partition("/")
        mail.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
    return mail


def _one_line(text: str) -> str:
    return _CONTROL.sub(" ", text).strip()
