"""Anomalies by e-mail: to recipients of the rule that watches them, never to the account."""

from dataclasses import replace
from datetime import time, timedelta

from tallystick.app.anomalies import OpenInvestigation, open_investigation
from tallystick.catalog import AlertRule, Catalog, alert_rule_from_document
from tallystick.kernel import AccountKey, Done, Refused
from tallystick.thresholds import Group, QuietHours, Rule, Step, Watch, Watched
from tests.app.test_escalation import DESK, LEAD, LIVE, Office, open_office
from tests.databases import Database

ODD = OpenInvestigation(
    account=AccountKey("acme"),
    resource="calls",
    reason="4,100 in an hour, where 120 are usual.",
    source="radar",
    key="1",
)
RULE = Rule(key="odd", watch=Watch(watched=Watched.ANOMALY, thresholds=()), recipients=(DESK,))
SAID = "Usage of calls is not as it was: 4,100 in an hour, where 120 are usual."


def declare(office: Office, *rules: AlertRule) -> None:
    """Store rules."""
    with office.database.unit(LIVE) as uow:
        uow.catalog.save_definitions(Catalog(alert_rules={one.key: one for one in rules}))
        uow.commit()


def find(office: Office, command: OpenInvestigation = ODD) -> str:
    """Find an anomaly; return the rule by which it is told."""
    with office.database.unit(LIVE) as uow:
        assert isinstance(open_investigation(command, at=office.clock.now(), uow=uow), Done)
        uow.commit()
    with office.database.unit(LIVE) as uow:
        return uow.usage_alerts.page(before=None, limit=1)[0].alert.rule


def test_recipients_are_told_and_the_account_never(database: Database) -> None:
    """The desk at once with the reason, the lead half an hour later; without a rule nobody."""
    steps = (Step(after=timedelta(minutes=30), recipients=(LEAD,)),)
    with open_office(database) as office:
        assert find(office) == ""
        assert office.later() == []
        declare(office, AlertRule(rule=replace(RULE, steps=steps)))
        assert find(office, replace(ODD, key="2")) == "odd"
        assert office.later() == [DESK]
        assert str(office.arrivals.mails[-1]["Subject"]).strip() == SAID
        assert office.later(seconds=30 * 60) == [LEAD]


def test_quiet_hours_hold_anomalies_against_which_nothing_was_done(database: Database) -> None:
    """What is restricted is critical and does not wait; the other leaves at six."""
    quiet = QuietHours(start=time(0), end=time(6), zone="UTC")
    with open_office(database) as office:
        declare(office, AlertRule(rule=replace(RULE, quiet=quiet)))
        find(office)
        assert office.later() == []
        find(office, replace(ODD, key="2", restriction="restricted_1"))
        assert office.later(hours=1) == [DESK]
        assert office.later(hours=5) == [DESK]


def test_anomalies_of_a_time_are_told_at_once(database: Database) -> None:
    """Two within ten minutes are one letter; the account is not written to of a group either."""
    group = Group(within=timedelta(minutes=10))
    with open_office(database) as office:
        declare(office, AlertRule(rule=replace(RULE, group=group)))
        find(office)
        find(office, replace(ODD, resource="tokens", key="2"))
        assert office.later() == []
        assert office.later(seconds=10 * 60) == [DESK]
        assert str(office.arrivals.mails[-1]["Subject"]).startswith("2 usage alerts: ")


def test_the_most_particular_rule_tells(database: Database) -> None:
    """That of the account before that of all; of another feature or account none."""
    acme, bolt = AccountKey("acme"), AccountKey("bolt")
    named = {key: replace(RULE, key=key) for key in ("all", "of-acme", "of-bolt", "of-tokens")}
    with open_office(database) as office:
        declare(
            office,
            AlertRule(rule=named["all"]),
            AlertRule(rule=named["of-acme"], account=acme),
            AlertRule(rule=named["of-bolt"], account=bolt),
            AlertRule(rule=named["of-tokens"], account=acme, feature="tokens"),
        )
        assert find(office) == "of-acme"
        declare(office, AlertRule(rule=named["of-acme"], account=acme, enabled=False))
        assert find(office, replace(ODD, key="2")) == "all"
        assert find(office, replace(ODD, key="3", resource="tokens")) == "of-tokens"


def test_a_rule_on_anomalies_has_no_thresholds() -> None:
    """Without thresholds it is read; with one, a currency or a budget it is refused."""
    read = alert_rule_from_document({"key": "r", "watched": "anomaly", "recipients": [DESK]})
    assert isinstance(read, Done)
    assert read.value.rule.watch == RULE.watch
    for more in ({"thresholds": [{"amount": "5"}]}, {"currency": "EUR"}, {"budget": "5"}):
        wrong = alert_rule_from_document({"key": "r", "watched": "anomaly", **more})
        assert isinstance(wrong, Refused), more
