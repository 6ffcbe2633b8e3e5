"""Webhooks: who is told of what, once, until told no more; secrets are derived and change."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec

from tallystick.app import Caller
from tallystick.app.catalog.apply_catalog import TOPIC as APPLIED
from tallystick.app.delivery import Courier
from tallystick.app.delivery.call_results import DISABLED
from tallystick.app.delivery.courier import ISSUED
from tallystick.app.entitlements.standing import TOPIC as CHANGED
from tallystick.app.facts import FACTS, PaymentFailed, fact_message
from tallystick.app.feeds.named import INSIGHT
from tallystick.app.outbox import Message, RetryPolicy, deliver_due
from tallystick.app.subscriptions.agree_change import TOPIC as TERMS
from tallystick.app.subscriptions.change_payer import TOPIC as PAYER
from tallystick.app.triggers.offered import OFFERED
from tallystick.app.usage_alerts import LetterLinks
from tallystick.app.usage_alerts.escalating import ESCALATED
from tallystick.app.webhooks import (
    AddWebhook,
    Call,
    ChangedWebhook,
    ChangeWebhook,
    Webhook,
    WebhookFormat,
    WebhookSecrets,
    add_webhook,
    change_webhook,
    list_webhooks,
    shown,
)
from tallystick.app.webhooks.topics import TOPICS
from tallystick.integrations.documents import PaperWriter, formats_for
from tallystick.kernel import Done, Outcome, Refused, WorkspaceId, refuse
from tallystick.storage.postgres import PostgresUnitOfWork
from tests.clock import HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database, is_waiting
from tests.waiting import wait_until

SECRETS = WebhookSecrets(root=lambda: b"0123456789abcdef")
URL = "https://example.com/hooks"


@dataclass(slots=True)
class Calls:
    """Keeps the calls that were made; answers with failures while it is ``down``."""

    made: list[Call] = field(default_factory=list)
    down: bool = False
    code: str = "not_taken"

    def call(self, call: Call, *, at: datetime) -> Outcome[None]:
        """Keep a call."""
        del at
        if self.down:
            return refuse(self.code, "down")
        self.made.append(call)
        return Done(None)

    def deliver(self, message: Message) -> Outcome[None]:
        """Take what is no call."""
        del message
        return Done(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A workspace with webhooks, and the worker's round."""

    database: Database
    clock: HandClock = field(default_factory=HandClock)
    calls: Calls = field(default_factory=Calls)

    def caller(self, workspace: WorkspaceId = WORKSPACE, *, key: str | None = None) -> Caller:
        """Return an administrator."""
        return Caller(
            workspace=workspace,
            actor="test",
            scopes=frozenset({"admin"}),
            idempotency_key=key,
        )

    def add(self, *topics: str, url: str = URL, key: str | None = None) -> Outcome[ChangedWebhook]:
        """Add a webhook."""
        return add_webhook(
            AddWebhook(url=url, topics=topics),
            caller=self.caller(key=key),
            uow=self.database.unit(),
            secrets=SECRETS,
            clock=self.clock,
        )

    def change(
        self, id: str, *, remove: bool = False, caller: Caller | None = None
    ) -> Outcome[ChangedWebhook]:
        """Change or remove one."""
        chosen = caller or self.caller()
        return change_webhook(
            ChangeWebhook(id=id, remove=remove),
            caller=chosen,
            uow=self.database.unit(chosen.workspace),
            secrets=SECRETS,
            clock=self.clock,
        )

    def tell(self, topic: str, name: str, workspace: WorkspaceId = WORKSPACE) -> None:
        """Put a message as a command does."""
        with self.database.unit(workspace) as uow:
            uow.outbox.put(
                Message(
                    workspace=workspace,
                    id=name,
                    topic=topic,
                    payload={"id": name},
                    due_at=self.clock.now(),
                )
            )
            uow.commit()

    def round(self) -> None:
        """Deliver what is due, twice: messages, then what they lead to."""
        courier = Courier(
            units=partial(PostgresUnitOfWork, self.database.pool),
            writer=PaperWriter(Path("nowhere")),
            formats=formats_for,
            links=LetterLinks(root=lambda: bytes(16)),
            post=None,
            webhooks=self.calls,
            secrets=SECRETS,
            clock=self.clock,
            rest=self.calls,
        )
        policy = RetryPolicy(wait_seconds_first=10)
        for _ in range(2):
            deliver_due(self.database.runner, courier, clock=self.clock, policy=policy)


def added(outcome: Outcome[ChangedWebhook]) -> ChangedWebhook:
    """Return what was done."""
    assert isinstance(outcome, Done), outcome
    return outcome.value


def test_a_chat_is_told_in_words(database: Database) -> None:
    """What an alert says, with its account, and nothing in it becomes a link or calls people."""
    desk = Desk(database=database)
    order = AddWebhook(url=URL, topics=("QuotaEnforced",), format=WebhookFormat.SLACK)
    added(
        add_webhook(
            order, caller=desk.caller(), uow=database.unit(), secrets=SECRETS, clock=desk.clock
        )
    )
    said = {"tenantId": "acme", "message": "The limit of <!channel> & co refuses use."}
    with database.unit() as uow:
        uow.outbox.put(
            Message(
                workspace=WORKSPACE,
                id="a",
                topic="QuotaEnforced",
                payload=said,
                due_at=desk.clock.now(),
            )
        )
        uow.commit()
    desk.round()
    (call,) = desk.calls.made
    text = b"acme: The limit of &lt;!channel&gt; &amp; co refuses use."
    assert call.body == b'{"text":"' + text + b'"}'


def test_a_topic_that_nothing_is_told_under_is_refused(database: Database) -> None:
    """A misspelt name would hear nothing for ever; the nearest one is named."""
    refused = Desk(database=database).add("invoice.issued", "UsageRecordd")
    assert isinstance(refused, Refused)
    (problem,) = refused.problems
    assert (problem.code, problem.field) == ("unknown_value", "topics[1]")
    assert "did you mean UsageRecorded?" in problem.message


def test_all_that_is_told_may_be_asked_for() -> None:
    """Every topic that the program writes is known by its name, but what goes by mail."""
    told = {*FACTS, *ISSUED, APPLIED, CHANGED, DISABLED, ESCALATED, INSIGHT, OFFERED, PAYER, TERMS}
    assert told == TOPICS


def test_an_address_is_told_of_its_topics_once(database: Database) -> None:
    """One asked for a topic, one for all; neither hears of another workspace."""
    desk = Desk(database=database)
    some, every = added(desk.add("invoice.issued")), added(desk.add(url=f"{URL}/all"))
    desk.tell("invoice.issued", "a")
    desk.tell("catalog.applied", "b")
    desk.tell("invoice.issued", "c", OTHER_WORKSPACE)
    for _ in range(2):
        desk.round()
    told = sorted((call.url, call.id) for call in desk.calls.made)
    assert told == [
        (URL, f"{some.webhook.id}:a"),
        (f"{URL}/all", f"{every.webhook.id}:a"),
        (f"{URL}/all", f"{every.webhook.id}:b"),
    ]
    body = desk.calls.made[0].body
    assert body == (
        b'{"data":{"id":"a"},"timestamp":"2026-01-01T00:00:00.000000Z",'
        b'"type":"invoice.issued","workspace":"' + WORKSPACE.encode() + b'"}'
    )


def test_a_fact_leaves_as_a_cloud_event_with_its_trace(database: Database) -> None:
    """In structured mode; every receiver is told the same id, and the same again later."""
    desk = Desk(database=database)
    added(desk.add("PaymentFailed"))
    added(desk.add(url=f"{URL}/all"))
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with database.unit() as uow:
        fact = PaymentFailed(
            tenant_id="acme",
            trace_id=trace,
            invoice_id="inv_1",
            reason="card declined",
            retry_count=0,
            timestamp="2026-01-01T00:00:00Z",
        )
        at = desk.clock.now()
        uow.outbox.put(fact_message(fact, workspace=WORKSPACE, id="f", at=at, trace_id=trace))
        uow.commit()
    desk.round()
    first, second = desk.calls.made
    assert (first.body, first.media_type) == (second.body, "application/cloudevents+json")
    event = msgspec.json.decode(first.body)
    assert (event["id"], event["source"]) == ("f", f"/workspaces/{WORKSPACE}")
    assert (event["specversion"], event["type"]) == ("1.0", "PaymentFailed")
    assert event["dataschema"] == "urn:tallystick:fact:PaymentFailed:1"
    assert event["traceparent"].split("-")[:2] == ["00", trace]
    assert event["data"]["traceId"] == trace
    assert event["data"]["retryCount"] == 0


def test_an_address_that_is_down_holds_up_nobody_else(database: Database) -> None:
    """What failed is tried again by itself, and the message is not forwarded again."""
    desk = Desk(database=database)
    added(desk.add())
    desk.tell("invoice.issued", "a")
    desk.calls.down = True
    desk.round()
    desk.calls.down = False
    desk.clock.forward(seconds=11)
    desk.round()
    assert len(desk.calls.made) == 1


def test_a_secret_is_shown_once_and_changes_with_an_overlap(database: Database) -> None:
    """For a day after a change both secrets sign; afterwards the new one alone."""
    desk = Desk(database=database)
    first = added(desk.add())
    second = added(desk.change(first.webhook.id))
    assert first.secret != second.secret
    listed = list_webhooks(desk.caller(), uow=database.unit())
    assert isinstance(listed, Done)
    assert [one.version for one in listed.value] == [2]
    desk.tell("a.b", "a")
    desk.round()
    desk.clock.forward(days=1)
    desk.tell("a.b", "b")
    desk.round()
    signed = [[shown(secret) for secret in call.secrets] for call in desk.calls.made]
    assert signed == [[second.secret, first.secret], [second.secret]]
    assert second.webhook.versions_at(desk.clock.now() - timedelta(microseconds=1)) == (2, 1)


def test_who_was_removed_hears_nothing_more(database: Database) -> None:
    """Not even of what was on its way; and it cannot be changed any more."""
    desk = Desk(database=database)
    webhook = added(desk.add()).webhook
    desk.tell("a.b", "a")
    desk.calls.down = True
    desk.round()
    assert added(desk.change(webhook.id, remove=True)).webhook.removed_at is not None
    desk.calls.down = False
    desk.clock.forward(hours=1)
    desk.tell("a.b", "b")
    desk.round()
    assert desk.calls.made == []
    assert isinstance(desk.change(webhook.id), Refused)


def test_who_was_removed_meanwhile_stays_removed(database: Database) -> None:
    """A change of the secret that began before the removal does not bring the address back."""
    desk = Desk(database=database)
    id = added(desk.add()).webhook.id
    with database.unit() as uow:
        found = uow.webhooks.find(id)
        assert found is not None
        added(desk.change(id, remove=True))
        assert not uow.webhooks.change(replace(found, version=2))
        uow.commit()
    assert list_webhooks(desk.caller(), uow=database.unit()) == Done(())


def test_a_webhook_added_twice_under_one_key_is_one(database: Database) -> None:
    """The answer is the same, secret included: who asks again did not get the first."""
    desk = Desk(database=database)
    once = desk.add(key="k")
    desk.clock.forward(seconds=1)
    assert desk.add(key="k") == once
    listed = list_webhooks(desk.caller(), uow=database.unit())
    assert isinstance(listed, Done)
    assert len(listed.value) == 1


def test_webhooks_are_few(database: Database) -> None:
    """Twenty a workspace; a message must not become thousands."""
    desk = Desk(database=database)
    for number in range(20):
        added(desk.add(url=f"{URL}/{number}"))
    told = desk.add(url=f"{URL}/20")
    assert isinstance(told, Refused)
    assert told.problems[0].code == "too_many"


def test_webhooks_added_at_once_are_counted_one_after_the_other(database: Database) -> None:
    """The twentieth and the one after it, added at the same moment: one of them is refused."""
    desk = Desk(database=database)
    for number in range(19):
        added(desk.add(url=f"{URL}/{number}"))
    with ThreadPoolExecutor(1) as threads, database.unit() as uow:
        uow.webhooks.lock()
        uow.webhooks.add(
            Webhook(id="w", url=URL, topics=(), version=1, created_at=desk.clock.now())
        )
        late = threads.submit(desk.add, url=f"{URL}/19")
        wait_until(
            lambda: late.done() or is_waiting(database), seconds_max=30, waiting_for="the other"
        )
        uow.commit()
    told = late.result()
    assert isinstance(told, Refused), told
    assert told.problems[0].code == "too_many"


def test_what_is_no_address_is_refused(database: Database) -> None:
    """Other schemes, passwords and what cannot be read; and topics that are none."""
    desk = Desk(database=database)
    for url in ("ftp://a.example", "https://u:p@a.example", "https://", "https://a b", "x" * 600):
        assert isinstance(desk.add(url=url), Refused), url
    assert isinstance(desk.add("no topic"), Refused)


def test_a_neighbour_neither_sees_nor_changes_one(database: Database) -> None:
    """Another workspace, and a key without the scope."""
    desk = Desk(database=database)
    webhook = added(desk.add()).webhook
    neighbour = desk.caller(OTHER_WORKSPACE)
    assert isinstance(desk.change(webhook.id, remove=True, caller=neighbour), Refused)
    seen = list_webhooks(neighbour, uow=database.unit(OTHER_WORKSPACE))
    assert seen == Done(())
    reader = replace(desk.caller(), scopes=frozenset({"read", "billing"}))
    assert isinstance(list_webhooks(reader, uow=database.unit()), Refused)
    assert isinstance(desk.change(webhook.id, caller=reader), Refused)
