"""Alerts that are told together: one letter and one chat message, once, the worst first."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tallystick.accounts import Account, Contact
from tallystick.app.quotas import CounterChange
from tallystick.app.usage_alerts import GROUPED, AlertGroup, CounterWatch
from tallystick.app.webhooks import Webhook, WebhookFormat
from tallystick.catalog import FeatureKind
from tallystick.kernel import AccountKey, instant
from tallystick.quotas import Limit
from tallystick.thresholds import (
    Basis,
    Group,
    GroupBy,
    QuietHours,
    Rule,
    Severity,
    Threshold,
    Watch,
    Watched,
)
from tests.app.test_escalation import DESK, LIVE, OWNER, Office, open_office
from tests.databases import Database
from tests.mailbox import Arrivals

OTHER = "owner@bolt.example"
TEN_MINUTES = Group(within=timedelta(minutes=10))
RULE = Rule(
    key="together",
    watch=Watch(
        watched=Watched.USAGE,
        thresholds=(
            Threshold(amount=Decimal(5), basis=Basis.ABSOLUTE, severity=Severity.INFO),
            Threshold(amount=Decimal(6), basis=Basis.ABSOLUTE),
            Threshold(amount=Decimal(9), basis=Basis.ABSOLUTE, severity=Severity.CRITICAL),
        ),
    ),
    recipients=(DESK,),
    group=TEN_MINUTES,
)


@pytest.fixture
def ours(database: Database) -> Iterator[Office]:
    """An office with a second account."""
    bolt = Account(
        key=AccountKey("bolt"),
        name="Bolt",
        zone="UTC",
        currency="EUR",
        invoiced=True,
        contact=Contact(email=OTHER),
    )
    with open_office(database) as office:
        with office.database.unit(LIVE) as uow:
            uow.accounts.save_accounts([bolt])
            uow.commit()
        office.declare(RULE)
        yield office


def use(office: Office, *uses: tuple[str, str, int], rule: Rule = RULE) -> None:
    """Let counters of accounts and features come to a value, each from one below."""
    changes = [
        CounterChange(
            limit=Limit(
                holder=AccountKey(account), feature=feature, kind=FeatureKind.METERED, rules=(rule,)
            ),
            before=Decimal(value - 1),
            after=Decimal(value),
        )
        for account, feature, value in uses
    ]
    with office.database.unit(LIVE) as uow:
        CounterWatch().changed(changes, at=office.clock.now(), uow=uow)
        uow.commit()


def letters(arrivals: Arrivals, to: str) -> list[tuple[str, str]]:
    """Return subject and text of the letters to an address."""
    found = [mail for mail in arrivals.mails if str(mail["To"]) == to]
    return [(str(mail["Subject"]), _text(mail.get_body(("plain",)))) for mail in found]


def calls(office: Office) -> list[dict[str, Any]]:
    """Return what the calls of webhooks were put to say."""
    with office.database.connection("postgres") as connection:
        rows = connection.execute("SELECT payload FROM outbox WHERE topic = 'webhook.call'")
        return sorted((row[0] for row in rows), key=lambda each: str(each["webhook"]))


def _text(body: object) -> str:
    return str(body.get_content()).replace("\r\n", "\n")  # type: ignore[attr-defined] # a part


def test_alerts_of_ten_minutes_are_one_letter_at_their_end(ours: Office) -> None:
    """The worst stands first; what comes after the ten minutes of the first begins anew."""
    use(ours, ("acme", "calls", 5))
    assert ours.later(seconds=9 * 60) == []
    use(ours, ("acme", "calls", 6), ("acme", "tokens", 5))
    assert ours.later(seconds=59) == []
    assert ours.later(seconds=1) == [DESK, OWNER]
    ((subject, text),) = letters(ours.arrivals, OWNER)
    first = "Usage of calls at 6: passed 6."
    assert subject == f"3 usage alerts: {first}"
    assert text == (
        f"3 usage alerts: {first}\n\n- acme: {first} (warning)\n"
        "- acme: Usage of calls at 5: passed 5. (for information)\n"
        "- acme: Usage of tokens at 5: passed 5. (for information)\n"
    )
    use(ours, ("acme", "minutes", 6))
    assert ours.later(seconds=10 * 60) == [DESK, OWNER]
    assert letters(ours.arrivals, OWNER)[-1][0] == "Usage of minutes at 6: passed 5, 6."
    assert ours.later(days=2) == []


def test_what_is_critical_does_not_wait_and_is_told_once(ours: Office) -> None:
    """Its letter leaves at once, and the letter of the group does not name it."""
    use(ours, ("acme", "calls", 6))
    use(ours, ("acme", "tokens", 9))
    assert ours.later() == [DESK, OWNER]
    assert letters(ours.arrivals, OWNER)[0][0] == "Usage of tokens at 9: passed 5, 6, 9."
    assert ours.later(seconds=10 * 60) == [DESK, OWNER]
    assert letters(ours.arrivals, OWNER)[1][0] == "Usage of calls at 6: passed 5, 6."
    with ours.database.unit(LIVE) as uow:
        groups = {
            one.alert.feature: one.alert.group
            for one in uow.usage_alerts.page(before=None, limit=9)
        }
    assert groups["tokens"] == ""
    assert groups["calls"].startswith("group_")


def test_a_group_of_a_rule_tells_each_account_its_own(ours: Office) -> None:
    """Recipients of the rule are told of all accounts, an account of nobody else's."""
    rule = replace(RULE, group=replace(TEN_MINUTES, by=GroupBy.RULE))
    ours.declare(rule)
    use(ours, ("acme", "calls", 6), ("bolt", "calls", 6), rule=rule)
    use(ours, ("bolt", "tokens", 6), rule=rule)
    assert ours.later(seconds=10 * 60) == [DESK, OWNER, OTHER]
    ((subject, text),) = letters(ours.arrivals, DESK)
    assert subject.startswith("3 usage alerts: ")
    assert text.count("- acme: ") == 1
    assert text.count("- bolt: ") == 2
    ((_, theirs),) = letters(ours.arrivals, OTHER)
    assert "acme" not in theirs
    assert letters(ours.arrivals, OWNER)[0][0] == "Usage of calls at 6: passed 5, 6."


def test_groups_of_accounts_are_told_apart(ours: Office) -> None:
    """Two accounts at once are two letters to the desk."""
    use(ours, ("acme", "calls", 6), ("bolt", "calls", 6))
    assert ours.later(seconds=10 * 60) == [DESK, DESK, OWNER, OTHER]


def test_a_group_that_ends_in_quiet_hours_goes_on_to_their_end(ours: Office) -> None:
    """From 00:00 to 06:00 it is quiet: what comes at 23:55 and at 03:00 is one letter at 06:00."""
    quiet = QuietHours(start=time(0), end=time(6), zone="UTC")
    rule = replace(RULE, quiet=quiet)
    ours.declare(rule)
    ours.later(seconds=(24 * 60 - 5) * 60)
    use(ours, ("acme", "calls", 6), rule=rule)
    assert ours.later(hours=3, seconds=5 * 60) == []
    use(ours, ("acme", "tokens", 6), rule=rule)
    assert ours.later(hours=2, seconds=3599) == []
    assert ours.later(seconds=1) == [DESK, OWNER]
    assert letters(ours.arrivals, OWNER)[0][0].startswith("2 usage alerts")


def test_programs_are_told_of_each_alert_and_chats_once(ours: Office) -> None:
    """A webhook is called for each alert at once, a chat for the group alone, with its list."""
    with ours.database.unit(LIVE) as uow:
        for id, form in (("program", WebhookFormat.FACT), ("chat", WebhookFormat.SLACK)):
            uow.webhooks.add(
                Webhook(
                    id=id,
                    url="http://localhost:1/",
                    topics=(),
                    version=1,
                    format=form,
                    created_at=ours.clock.now(),
                )
            )
        uow.commit()
    use(ours, ("acme", "calls", 6), ("acme", "<tokens>", 6))
    ours.later()
    assert [each["webhook"] for each in calls(ours)] == ["program", "program"]
    ours.later(seconds=10 * 60)
    (chat,) = [each for each in calls(ours) if each["webhook"] == "chat"]
    assert chat["told"]["text"].startswith("2 usage alerts by together:\n- acme: ")
    assert "&lt;tokens&gt;" in chat["told"]["text"]
    assert len(calls(ours)) == 3


def test_nobody_joins_a_group_that_is_told(ours: Office) -> None:
    """Told late or twice it leaves once; what comes in between begins another."""
    use(ours, ("acme", "calls", 6))
    with ours.database.unit(LIVE) as uow:
        (told,) = [one for one in uow.outbox.page(after="", limit=99) if one.topic == GROUPED]
        uow.usage_alerts.groups.close(told.id)
        uow.commit()
    use(ours, ("acme", "tokens", 6))
    assert ours.later(seconds=10 * 60) == [DESK, DESK, OWNER, OWNER]
    with ours.database.connection("postgres") as connection:
        again = "UPDATE outbox SET delivered_at = NULL, next_attempt_at = %s WHERE topic = %s"
        assert connection.execute(again, [ours.clock.now(), GROUPED]).rowcount == 2
    assert ours.later(seconds=10 * 60) == []


def test_a_group_is_begun_joined_and_followed(ours: Office) -> None:
    """At its end it is over: what comes then begins the next."""
    at = instant("2026-03-01T00:00:00Z")
    first = AlertGroup(id="a", rule="r", account="", ends_at=at + timedelta(minutes=10))
    with ours.database.unit(LIVE) as uow:
        groups = uow.usage_alerts.groups
        assert groups.join(first, at=at) == first
        late = replace(first, id="b", ends_at=at + timedelta(minutes=19))
        assert groups.join(late, at=at + timedelta(minutes=9)) == first
        after = replace(first, id="c", ends_at=at + timedelta(minutes=20))
        assert groups.join(after, at=at + timedelta(minutes=10)) == after
