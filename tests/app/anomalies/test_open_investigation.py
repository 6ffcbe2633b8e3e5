"""Investigations: opened once, with their alert and message, or not at all."""

import re
from dataclasses import replace

import pytest

from tallystick.accounts import Account
from tallystick.app.anomalies import Opened, OpenInvestigation, open_investigation
from tallystick.kernel import AccountKey, Done, Refused
from tests.clock import NEW_YEAR
from tests.databases import OTHER_WORKSPACE, Database

ACME = Account(key=AccountKey("acme"), name="Acme", zone="UTC", currency="EUR", invoiced=True)
ODD = OpenInvestigation(
    account=AccountKey("acme"),
    resource="api_calls",
    reason="4,100 in an hour, where 120 are usual.",
    evidence={"seen": "4100", "usual": "120"},
    source="radar",
    key="1",
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
)


@pytest.fixture
def held(database: Database) -> Database:
    """A database in which account acme is known."""
    with database.unit() as uow:
        uow.accounts.save_accounts([ACME])
        uow.commit()
    return database


def opened(held: Database, command: OpenInvestigation = ODD, *, kept: bool = True) -> Opened:
    """Open an investigation, and commit unless everything is to be taken back."""
    with held.unit() as uow:
        outcome = open_investigation(command, at=NEW_YEAR, uow=uow)
        assert isinstance(outcome, Done), outcome
        if kept:
            uow.commit()
    return outcome.value


def messages(held: Database) -> list[tuple[str, str]]:
    """Return id and trace of each message that tells of an anomaly."""
    with held.connection("postgres") as connection:
        rows = connection.execute(
            "SELECT id, trace_id FROM outbox WHERE topic = 'usage_anomaly_detected'"
        )
        return [(id_, trace) for id_, trace in rows]


def test_a_finding_opens_one_investigation_one_alert_and_one_message(held: Database) -> None:
    """Broken off nothing stands; sent twice it stands once, as it was opened first."""
    assert opened(held, kept=False).is_new
    first = opened(held)
    again = opened(held, replace(ODD, reason="something else"))
    assert (first.is_new, again.is_new) == (True, False)
    assert again.investigation == first.investigation
    with held.unit() as uow:
        (record,) = uow.investigations.page(before=None, limit=9)
        (alert,) = uow.usage_alerts.page(before=None, limit=9)
    assert (record.investigation, record.state.value) == (first.investigation, "open")
    assert (alert.alert.id, alert.alert.kind) == (first.investigation.alert, "anomaly")
    assert messages(held) == [(first.investigation.id, ODD.trace_id)]


def test_sources_do_not_share_their_keys(held: Database) -> None:
    """Two that find under one key have found two things."""
    opened(held)
    assert opened(held, replace(ODD, source="usage")).is_new


def test_what_cannot_be_looked_into_is_refused(held: Database) -> None:
    """An unknown account, no reason, or a heap of evidence: nothing is opened."""
    odd = replace(ODD, account=AccountKey("nobody"), reason=" ", evidence={"dump": "x" * 30_000})
    with held.unit() as uow:
        outcome = open_investigation(odd, at=NEW_YEAR, uow=uow)
    assert isinstance(outcome, Refused)
    told = {(one.code, one.field) for one in outcome.problems}
    assert told == {
        ("unknown_account", "account"),
        ("wrong_value", "reason"),
        ("wrong_value", "evidence"),
    }
    assert all(re.search(r"\w", one.message) for one in outcome.problems)


def test_workspaces_see_their_own_investigations(held: Database) -> None:
    """Another workspace has none."""
    opened(held)
    with held.unit(OTHER_WORKSPACE) as uow:
        assert uow.investigations.page(before=None, limit=9) == ()
