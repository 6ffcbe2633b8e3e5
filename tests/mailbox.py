"""A foreign mail server in this process, and what arrived at it."""

import asyncio
import email
import email.policy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tallystick.integrations.mail import MailServer

SENDER = "bills@tallybooks.example"


@dataclass(slots=True)
class Arrivals:
    """
    What a mail server took.

    Attributes:
        server: where it is.
        mails: as they were read by a foreign parser.
        busy: answers so many of the next mails with a failure that may pass.
        rude: does not say good-bye as it should.
    """

    server: MailServer
    mails: list[EmailMessage] = field(default_factory=list)
    busy: int = 0
    rude: bool = False

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        """Say good-bye, or something else."""
        del server, session, envelope
        return "500 No manners" if self.rude else "221 Bye"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the library's name
        """Take a mail, or say that there is no time."""
        del server, session
        if self.busy > 0:
            self.busy -= 1
            return "451 Come back later"
        content = envelope.original_content or b""
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        self.mails.append(parsed)
        return "250 Taken"


class _AnyPort(Controller):
    """Listens where the system finds room, and learns where that is before it looks itself."""

    server: asyncio.Server | None

    def _trigger_server(self) -> None:
        assert self.server is not None
        (listening,) = self.server.sockets
        self.port = listening.getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # the library's own


@contextmanager
def mail_arrivals() -> Iterator[Arrivals]:
    """Run a mail server on loopback until the block ends."""
    nowhere = MailServer(host="127.0.0.1", port=0, sender=SENDER, starttls=False)
    arrivals = Arrivals(server=nowhere)
    controller = _AnyPort(arrivals, hostname="127.0.0.1", port=0)
    controller.start()
    arrivals.server = replace(nowhere, port=controller.port)
    try:
        yield arrivals
    finally:
        controller.stop()
