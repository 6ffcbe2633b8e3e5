"""
Carries what leaves the system: documents by e-mail; everything else as before.

    invoice.issued ──┬─ mail.document    sent to the payer, with its own attempts
                     └─ the rest         the log

What a message leads to is put into the outbox as messages of their own, so that one way out that
fails is tried again without the others being taken twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.delivery.ports import Letter, Post
from tallystick.app.invoicing import (
    DocumentForm,
    DocumentToWrite,
    DocumentWriter,
    WrittenDocument,
    load_to_write,
)
from tallystick.app.keys import Scope
from tallystick.app.outbox import Delivery, Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.workspaces import WorkspaceKind
from tallystick.invoicing import DocumentType
from tallystick.kernel import AccountKey, Done, InvoiceId, Outcome, Refused, WorkspaceId

MAIL = "mail.document"
ISSUED = frozenset(f"{each}.issued" for each in DocumentType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """
    The way out, by topic.

    Attributes:
        units: opens a unit of work in a workspace.
        writer: writes documents, and the letters that go with them.
        post: sends letters; None: no mail server is configured, and none are put.
        rest: where messages end that nobody else takes.
    """

    units: Callable[[WorkspaceId], UnitOfWork]
    writer: DocumentWriter
    post: Post | None
    clock: Clock
    rest: Delivery

    def deliver(self, message: Message) -> Outcome[None]:
        """Deliver a message, as `Delivery` says."""
        if message.topic == MAIL and self.post is not None:
            return self._mail(message, self.post)
        if message.topic in ISSUED and self.post is not None:
            self._put_letter(message)
        return self.rest.deliver(message)

    def _put_letter(self, message: Message) -> None:
        with self.units(message.workspace) as uow:
            workspace = uow.workspaces.current()
            payer = uow.accounts.load_account(AccountKey(_text(message, "account")))
            live = workspace is not None and workspace.kind is WorkspaceKind.LIVE
            if live and payer is not None and payer.contact.email:
                uow.outbox.put(
                    Message(
                        workspace=message.workspace,
                        id=f"mail:{message.id}",
                        topic=MAIL,
                        payload={"id": message.payload["id"], "to": payer.contact.email},
                        due_at=self.clock.now(),
                        trace_id=message.trace_id,
                    )
                )
                uow.commit()

    def _mail(self, message: Message, post: Post) -> Outcome[None]:
        caller = Caller(
            workspace=message.workspace, actor="worker", scopes=frozenset({Scope.READ.value})
        )
        with self.units(message.workspace) as uow:
            document = load_to_write(caller, InvoiceId(_text(message, "id")), uow=uow)
        if isinstance(document, Refused):
            return document
        text = self.writer.letter(document.value)
        if isinstance(text, Refused):
            return text
        written = self._written(document.value)
        if isinstance(written, Refused):
            return written
        issuer = document.value.basis.issuer
        return post.send(
            Letter(
                id=message.id,
                to=_text(message, "to"),
                sender="" if issuer is None else issuer.name,
                reply_to="" if issuer is None else issuer.contact.email,
                subject=text.value.subject,
                text=text.value.text,
                attachments=(written.value,),
            ),
            at=self.clock.now(),
        )

    def _written(self, document: DocumentToWrite) -> Outcome[WrittenDocument]:
        """Write a PDF that holds the e-invoice, or one without where there can be none."""
        full = self.writer.write(document, DocumentForm.FACTURX, language="")
        if isinstance(full, Done):
            return full
        return self.writer.write(document, DocumentForm.PDF, language="")


def _text(message: Message, name: str) -> str:
    return str(message.payload.get(name, ""))
