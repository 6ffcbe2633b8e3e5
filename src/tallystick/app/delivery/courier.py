"""
Carries what leaves the system: documents by e-mail, webhooks; everything is told to the log too.

    invoice.issued ──┬─ mail.document    sent to the payer, with its own attempts
                     ├─ webhook.call     to each address that asked for the topic, likewise
                     └─ the rest         the log

    UsageThresholdBreached, QuotaEnforced ── mail.alert, webhook.call, the log
    usage_anomaly_detected ── the same, to recipients of rules alone
    usage_alert.grouped ── mail.alert, webhook.call of chats: people are told of several at once
    usage_alert.escalated ── the same, unless somebody has responded

What a message leads to is put into the outbox as messages of their own, so that one way out that
fails is tried again without the others being taken twice.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tallystick.app.clock import Clock
from tallystick.app.command import Caller
from tallystick.app.delivery.alert_letters import (
    ALERTS,
    alert_letter,
    alert_mails,
    group_members,
    is_gathered,
    is_settled,
)
from tallystick.app.delivery.alert_text import LanguageFormats, listed
from tallystick.app.delivery.call_results import note_result
from tallystick.app.delivery.chat_text import chat_list, chat_text
from tallystick.app.delivery.ports import Letter, Post
from tallystick.app.delivery.words import FALLBACK
from tallystick.app.facts import (
    CLOUD_EVENT,
    FACTS,
    UsageAnomalyDetected,
    UsageThresholdBreached,
    cloud_event,
    fact_name,
)
from tallystick.app.invoicing import (
    DocumentToWrite,
    DocumentWriter,
    WrittenDocument,
    load_to_write,
)
from tallystick.app.keys import Scope
from tallystick.app.outbox import GIVEN_UP, Delivery, Message
from tallystick.app.unit_of_work import UnitOfWork
from tallystick.app.usage_alerts import GROUPED, AlertKind, LetterLinks
from tallystick.app.webhooks import (
    JSON,
    Call,
    WebhookCaller,
    WebhookFormat,
    WebhookSecrets,
)
from tallystick.app.workspaces import WorkspaceKind
from tallystick.catalog import DocumentForm
from tallystick.invoicing import DocumentType
from tallystick.kernel import (
    AccountKey,
    Done,
    InvoiceId,
    Outcome,
    Refused,
    WorkspaceId,
    canonical_json,
    instant_text,
    refuse,
)

MAIL = "mail.document"
MAIL_ALERT = "mail.alert"
WEBHOOK = "webhook.call"
ISSUED = frozenset(f"{each}.issued" for each in DocumentType)


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """
    The way out, by topic.

    Attributes:
        units: opens a unit of work in a workspace.
        writer: writes documents, and the letters that go with them.
        formats: how a language writes what letters on alerts tell in figures.
        links: by which letters on alerts are declined.
        post: sends letters; None: no mail server is configured, and none are put.
        webhooks: calls addresses.
        secrets: what calls are signed with.
        rest: what is told of everything else.
    """

    units: Callable[[WorkspaceId], UnitOfWork]
    writer: DocumentWriter
    formats: LanguageFormats
    links: LetterLinks
    post: Post | None
    webhooks: WebhookCaller
    secrets: WebhookSecrets
    clock: Clock
    rest: Delivery

    def deliver(self, message: Message) -> Outcome[None]:
        """Deliver a message, as `Delivery` says."""
        if message.topic == MAIL:
            return self._mail(message)
        if message.topic == MAIL_ALERT:
            return self._sent(alert_letter(message, self.formats, self.links))
        if message.topic == WEBHOOK:
            return self._call(message)
        self._forward(message)
        return self.rest.deliver(message)

    def _forward(self, message: Message) -> None:
        """Put what a message leads to, each once, however often this is done."""
        with self.units(message.workspace) as uow:
            if is_settled(message, uow):
                return
            if message.topic == GROUPED:
                # Nobody joins it any more: what is read now is all of it.
                uow.usage_alerts.groups.close(message.id)
            following = [*self._letters(message, uow), *_calls(message, uow)]
            for topic, id, payload in following:
                uow.outbox.put(
                    Message(
                        workspace=message.workspace,
                        id=f"{id}:{message.id}",
                        topic=topic,
                        payload=payload,
                        due_at=self.clock.now(),
                        trace_id=message.trace_id,
                    )
                )
            if following or message.topic == GROUPED:
                uow.commit()

    def _letters(
        self, message: Message, uow: UnitOfWork
    ) -> Iterator[tuple[str, str, Mapping[str, object]]]:
        known = message.topic in ISSUED or message.topic in ALERTS
        if not known or self.post is None:
            return
        workspace = uow.workspaces.current()
        if workspace is None or workspace.kind is not WorkspaceKind.LIVE:
            return
        if message.topic in ALERTS:
            if is_gathered(message, uow):
                return
            for id, payload in alert_mails(message, uow, workspace.name):
                yield MAIL_ALERT, id, payload
            return
        told = uow.accounts.load_account(AccountKey(_text(message, "account")))
        if told is not None and told.contact.email:
            yield MAIL, "mail", {"id": message.payload["id"], "to": told.contact.email}

    def _call(self, message: Message) -> Outcome[None]:
        with self.units(message.workspace) as uow:
            webhook = uow.webhooks.find(_text(message, "webhook"))
        if webhook is None or webhook.removed_at is not None:
            return Done(None)  # nobody is to be told any more
        if webhook.disabled_at is not None:
            since = instant_text(webhook.disabled_at)
            return refuse(
                GIVEN_UP, f"the webhook is disabled since {since}; enable it, then replay"
            )
        now = self.clock.now()
        outcome = self.webhooks.call(
            Call(
                id=message.id,
                url=webhook.url,
                body=canonical_json(message.payload["told"]),
                media_type=_text(message, "media_type") or JSON,
                secrets=tuple(
                    self.secrets.of(message.workspace, webhook.id, version)
                    for version in webhook.versions_at(now)
                ),
            ),
            at=now,
        )
        note_result(webhook.id, outcome, at=self.clock.now(), uow=self.units(message.workspace))
        return outcome

    def _sent(self, letter: Letter) -> Outcome[None]:
        if self.post is None:
            return refuse("no_mail_server", "no mail server is configured any more")
        return self.post.send(letter, at=self.clock.now())

    def _mail(self, message: Message) -> Outcome[None]:
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
        return self._sent(
            Letter(
                id=message.id,
                to=_text(message, "to"),
                sender="" if issuer is None else issuer.name,
                reply_to="" if issuer is None else issuer.contact.email,
                subject=text.value.subject,
                text=text.value.text,
                attachments=(written.value,),
            )
        )

    def _written(self, document: DocumentToWrite) -> Outcome[WrittenDocument]:
        """Write a PDF that holds the e-invoice, or one without where there can be none."""
        full = self.writer.write(document, DocumentForm.FACTURX, language="")
        if isinstance(full, Done):
            return full
        return self.writer.write(document, DocumentForm.PDF, language="")


def _calls(message: Message, uow: UnitOfWork) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    if message.topic == GROUPED:
        yield from _grouped_calls(message, uow)
        return
    gathered = is_gathered(message, uow)
    told: dict[str, object] = {"told": _told(message)}
    if message.topic in FACTS:
        told["media_type"] = CLOUD_EVENT
    for webhook in uow.webhooks.list_webhooks():
        if webhook.wants(message.topic):
            is_chat = webhook.format is WebhookFormat.SLACK
            if is_chat and gathered:
                continue
            shown = {"told": chat_text(message)} if is_chat else told
            yield WEBHOOK, webhook.id, {"webhook": webhook.id, **shown}


def _grouped_calls(
    message: Message, uow: UnitOfWork
) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Yield the calls of chats that are told of a group; programs were told of each alert."""
    found, more = group_members(message, uow)
    is_odd = bool(found) and found[0].alert.kind == AlertKind.ANOMALY.value
    topic = fact_name(UsageAnomalyDetected if is_odd else UsageThresholdBreached)
    for webhook in uow.webhooks.list_webhooks() if found else ():
        if webhook.format is WebhookFormat.SLACK and webhook.wants(topic):
            told = listed(found, language=FALLBACK, more=more)
            shown = chat_list(_text(message, "rule"), told)
            yield WEBHOOK, webhook.id, {"webhook": webhook.id, "told": shown}


def _told(message: Message) -> Mapping[str, object]:
    """Return what an address is told: facts in their envelope, the rest by its topic."""
    if message.topic in FACTS:
        return cloud_event(message)
    return {
        "type": message.topic,
        "timestamp": instant_text(message.due_at),
        "workspace": message.workspace,
        "data": message.payload,
    }


def _text(message: Message, name: str) -> str:
    return str(message.payload.get(name, ""))
