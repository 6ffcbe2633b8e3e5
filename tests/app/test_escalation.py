"""Alerts that nobody acknowledges: who is told next, once, and until when."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from tallystick.accounts import Account, Contact
from tallystick.app.command import Caller
from tallystick.app.delivery import Courier
from tallystick.app.outbox import Message, RetryPolicy, deliver_due
from tallystick.app.quotas import CounterChange
from tallystick.app.usage_alerts import (
    CounterWatch,
    LetterLinks,
    RespondToAlert,
    ResponseKind,
    respond_to_alert,
)
from tallystick.app.webhooks import WebhookSecrets
from tallystick.catalog import AlertRule, Catalog, FeatureKind
from tallystick.integrations.documents import PaperWriter, formats_for
from tallystick.integrations.mail import SmtpPost
from tallystick.integrations.webhooks import HttpWebhookCaller
from tallystick.kernel import AccountKey, Done, Outcome, WorkspaceId
from tallystick.quotas import Limit
from tallystick.storage.postgres import PostgresUnitOfWork
from tallystick.thresholds import Basis, Rule, Step, Threshold, Watch, Watched
from tests.clock import NEW_YEAR, HandClock
from tests.databases import Database
from tests.mailbox import Arrivals, mail_arrivals

LIVE = WorkspaceId("live")
OWNER, DESK, LEAD = "owner@acme.example", "desk@our.example", "lead@our.example"
RULE = Rule(
    key="night",
    watch=Watch(
        watched=Watched.USAGE,
        thresholds=(Threshold(amount=Decimal(5), basis=Basis.ABSOLUTE),),
    ),
    recipients=(DESK,),
    steps=(
        Step(after=timedelta(minutes=30), recipients=(LEAD, DESK)),
        Step(after=timedelta(hours=2), recipients=(LEAD,)),
    ),
)


LINKS = LetterLinks(root=lambda: bytes(16))
"""Of an installation without a public address."""


class Silent:
    """The way out for everything else."""

    def deliver(self, message: Message) -> Outcome[None]:
        """Say nothing."""
        del message
        return Done(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A live workspace with an account, a rule, and the worker's round."""

    database: Database
    arrivals: Arrivals
    clock: HandClock = field(default_factory=HandClock)
    links: LetterLinks = LINKS

    def declare(self, rule: Rule, *, enabled: bool = True) -> None:
        """Store a rule."""
        with self.database.unit(LIVE) as uow:
            one = AlertRule(rule=rule, enabled=enabled)
            uow.catalog.save_definitions(Catalog(alert_rules={rule.key: one}))
            uow.commit()

    def pass_threshold(self) -> str:
        """Let a counter pass the threshold; return the alert."""
        limit = Limit(
            holder=AccountKey("acme"), feature="calls", kind=FeatureKind.METERED, rules=(RULE,)
        )
        change = CounterChange(limit=limit, before=Decimal(4), after=Decimal(5))
        with self.database.unit(LIVE) as uow:
            CounterWatch().changed([change], at=self.clock.now(), uow=uow)
            uow.commit()
        with self.database.unit(LIVE) as uow:
            (record,) = uow.usage_alerts.page(before=None, limit=9)
        return record.alert.id

    def respond(self, alert: str) -> None:
        """Acknowledge an alert."""
        caller = Caller(workspace=LIVE, actor="test", scopes=frozenset({"admin"}))
        command = RespondToAlert(id=alert, kind=ResponseKind.ACKNOWLEDGED)
        done = respond_to_alert(
            command, caller=caller, uow=self.database.unit(LIVE), clock=self.clock
        )
        assert isinstance(done, Done), done

    def later(self, **duration: int) -> list[str]:
        """Move the clock, deliver what is due, and return who was written to since."""
        self.clock.forward(**duration)
        before = len(self.arrivals.mails)
        courier = Courier(
            units=partial(PostgresUnitOfWork, self.database.pool),
            writer=PaperWriter(Path("nowhere")),
            formats=formats_for,
            links=self.links,
            post=SmtpPost(server=self.arrivals.server),
            webhooks=HttpWebhookCaller(),
            secrets=WebhookSecrets(root=lambda: bytes(16)),
            clock=self.clock,
            rest=Silent(),
        )
        policy = RetryPolicy(attempts_max=2, wait_seconds_first=10, batch=10)
        for _ in range(2):
            deliver_due(self.database.runner, courier, clock=self.clock, policy=policy)
        return sorted(str(mail["To"]) for mail in self.arrivals.mails[before:])


@contextmanager
def open_office(database: Database, *, links: LetterLinks = LINKS) -> Iterator[Office]:
    """Lend an office with a rule."""
    with database.connection("postgres") as connection:
        row = (LIVE, "Live", NEW_YEAR)
        connection.execute("INSERT INTO workspace VALUES (%s, 'live', %s, %s)", row)
    acme = Account(
        key=AccountKey("acme"),
        name="Acme",
        zone="UTC",
        currency="EUR",
        invoiced=True,
        contact=Contact(email=OWNER),
    )
    with database.unit(LIVE) as uow:
        uow.accounts.save_accounts([acme])
        uow.commit()
    with mail_arrivals() as arrivals:
        made = Office(database=database, arrivals=arrivals, links=links)
        made.declare(RULE)
        yield made


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """An office with a rule."""
    with open_office(database) as made:
        yield made


def test_recipients_and_then_the_next_ones_are_told_once(office: Office) -> None:
    """The account and the desk at once, the lead after half an hour, again after two hours."""
    office.pass_threshold()
    assert office.later() == [DESK, OWNER]
    assert office.later(seconds=29 * 60) == []
    assert office.later(seconds=60) == [DESK, LEAD]
    subject = str(office.arrivals.mails[-1]["Subject"])
    assert subject == "Not acknowledged for 30 minutes: Usage of calls at 5: passed 5."
    assert office.later(hours=1, seconds=30 * 60) == [LEAD]
    assert office.later(days=3) == []


def test_recipients_are_written_to_in_the_language_of_the_rule(office: Office) -> None:
    """Of the alert and of its steps; the account in its own, English where it says none."""
    office.declare(replace(RULE, language="de"))
    office.pass_threshold()
    assert office.later() == [DESK, OWNER]
    told = {str(mail["To"]): str(mail["Subject"]) for mail in office.arrivals.mails}
    said = "Verbrauch von calls bei 5: 5 überschritten."
    assert told == {DESK: said, OWNER: "Usage of calls at 5: passed 5."}
    assert office.later(seconds=30 * 60) == [DESK, LEAD]
    subject = str(office.arrivals.mails[-1]["Subject"])
    assert subject == f"Seit 30 Minuten nicht zur Kenntnis genommen: {said}"


def test_a_response_ends_the_steps(office: Office) -> None:
    """Acknowledged after the first step, nobody is told of the second."""
    alert = office.pass_threshold()
    office.later()
    assert office.later(seconds=30 * 60) == [DESK, LEAD]
    office.respond(alert)
    assert office.later(hours=3) == []


def test_who_was_taken_off_a_rule_is_told_no_more(office: Office) -> None:
    """A rule that was disabled since has no next steps; the account's contact is told anyway."""
    office.pass_threshold()
    office.declare(RULE, enabled=False)
    assert office.later() == [OWNER]
    assert office.later(hours=3) == []
