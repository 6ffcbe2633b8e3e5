"""The way out for documents: the letter and the post."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from tallystick.app.invoicing import WrittenDocument
from tallystick.kernel import Money, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """
    An e-mail with a document.

    Attributes:
        id: the same for every attempt; receivers tell repeats by it.
        to: one address.
        sender: the issuer's name, beside the address that the installation sends from.
        reply_to: the issuer's own address; empty: answers go to the sender.
        text: plain text.
        decline_url: where a POST ends letters of this kind (RFC 8058); empty: nowhere.
    """

    id: str
    to: str
    sender: str
    reply_to: str
    subject: str
    text: str
    decline_url: str = ""
    attachments: tuple[WrittenDocument, ...] = ()


class LetterFormats(Protocol):
    """How a language writes what letters tell in figures."""

    def money(self, money: Money) -> str:
        """Return money with its currency."""
        ...

    def quantity(self, value: Decimal) -> str:
        """Return a quantity to the millionth."""
        ...

    def percent(self, rate: Decimal) -> str:
        """Return a share that is given in percent."""
        ...

    def day(self, day: date) -> str:
        """Return a date in words."""
        ...


class Post(Protocol):
    """Sends letters."""

    def send(self, letter: Letter, *, at: datetime) -> Outcome[None]:
        """
        Hand a letter over to a mail server.

        Problems:
            mail_refused: the server did not take it, and what it said.
            bad_address: the address cannot be written into a mail.

        Raises:
            OSError: the server could not be reached.
        """
        ...
