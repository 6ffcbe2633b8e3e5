"""Personal data is erased: nobody reads it again, and every quantity, digest and bill stays."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tallystick.app import input_digest
from tallystick.app.personal import EraseValues, Whose
from tests.api.test_removal import METERS, asked, bill, compared, month
from tests.serving import Served, Tenant
from tests.waiting import wait_until

JANE, JOE = "jane@example.com", "joe@example.com"
PERSONAL = {"event_type": "call", "paths": ["user.email", "ip"]}
PEOPLE = [
    {
        "key": "people",
        "event_type": "call",
        "aggregation": "unique",
        "value": "user.email",
        "unit": "person",
    },
    {
        "key": "by_ip",
        "event_type": "call",
        "aggregation": "count",
        "unit": "call",
        "dimensions": ["ip"],
    },
]
CATALOG = {
    "units": ["person"],
    "legal_entities": [
        {"key": "main", "name": "E", "country": "DE", "zone": "UTC", "currency": "EUR"}
    ],
    "meters": [*METERS, *PEOPLE],
    "personal_data": [PERSONAL],
    "plans": [
        {
            "key": "p",
            "version": 1,
            "name": "P",
            "currency": "EUR",
            "interval": "month",
            "prices": [
                {"key": key, "model": "unit", "meter": key, "unit": unit, "unit_price": "1.00"}
                for key, unit in (("people", "person"), ("calls", "call"))
            ],
        }
    ],
    "accounts": [
        {"key": key, "name": key, "zone": "UTC", "currency": "EUR", "invoiced": True}
        for key in ("acme", "other")
    ],
    "resources": [
        {"key": "vm-own", "account": "acme", "kind": "vm"},
        {
            "key": "vm-sold",
            "account": "acme",
            "kind": "vm",
            "transfers": [{"account": "other", "at": month(1).isoformat()}],
        },
    ],
    "subscriptions": [
        {
            "key": "acme-p",
            "account": "acme",
            "plan": "p",
            "version": 1,
            "legal_entity": "main",
            "start": month(2).date().isoformat(),
        }
    ],
}


def call(event_id: str, email: str, subject: str = "acme", **rest: object) -> dict[str, object]:
    """Return a call of a person two months ago."""
    at = month(2) + timedelta(days=3)
    data = {"user": {"email": email}, "ip": "192.0.2.7", "n": 1}
    return {"id": event_id, "time": at.isoformat(), "subject": subject, "data": data, **rest}


EVENTS = [
    call("1", JANE),
    call("2", JOE),
    call("3", JANE, "vm-own"),
    call("4", JANE, "other"),
    call("5", JANE, "vm-sold"),
]


@pytest.fixture
def sent(tenant: Tenant) -> Tenant:
    """Lend a workspace with personal data, loaded."""
    tenant.apply(CATALOG)
    load(tenant, *EVENTS)
    return tenant


def load(tenant: Tenant, *events: Mapping[str, object]) -> dict[str, Any]:
    """Send events, and wait until questions see them."""
    report = tenant.send(*events)
    wait_until(
        lambda: (
            asked(tenant, "GET", "/v1/pipeline")["flow"]["projection_position"]
            >= report["last_position"]
        ),
        seconds_max=60,
        waiting_for="the projection",
    )
    return report


def erased(tenant: Tenant, **whose: object) -> Any:  # noqa: ANN401 - any JSON
    """Erase, for a reason."""
    order = {"whose": whose, "reason": "request 7"}
    return asked(tenant, "POST", "/v1/personal-data/erasures", json=order)


def traced(tenant: Tenant, event_id: str) -> tuple[str, list[str]]:
    """Return what is read at the personal path of an event, and which paths say erased."""
    (item,) = asked(tenant, "GET", f"/v1/events/{event_id}/trace")["items"]
    return item["event"]["data"]["user"]["email"], item["event"]["erased"]


def usage(tenant: Tenant) -> Any:  # noqa: ANN401 - any JSON
    """Return the quantities that are made of personal values."""
    span = {"start": month(2).isoformat(), "end": month(1).isoformat()}
    people = asked(tenant, "GET", "/v1/usage", params={"meter": "people", **span})
    by_ip = asked(tenant, "GET", "/v1/usage", params={"meter": "by_ip", "group_by": "ip", **span})
    return [(row["quantity"], row.get("group")) for row in (*people["items"], *by_ip["items"])]


def stored(served: Served, tenant: Tenant) -> str:
    """Return all that PostgreSQL holds of a workspace, as text."""
    address = served.cluster.address("postgres", served.database)
    with psycopg.connect(address) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.columns "
            "WHERE column_name = 'workspace_id' AND table_schema = 'public'"
        ).fetchall()
        return "\n".join(
            str(connection.execute(f"SELECT t::text FROM {name} t WHERE workspace_id = %s",
                [tenant.workspace]).fetchall())
            for (name,) in tables
        )  # fmt: skip


def test_text_is_read_while_it_is_kept(sent: Tenant) -> None:
    """A trace shows what was sent, meters and groups see pseudonyms."""
    assert traced(sent, "1") == (JANE, [])
    (people, (calls, group)) = usage(sent)
    assert (people[0], calls) == ("2", "5")
    assert "192.0.2.7" not in str(group)
    assert "psn_" in str(group)


def test_quantities_bills_and_digests_stay(served: Served, sent: Tenant) -> None:
    """After an erasure usage, invoices, their verification and a comparison are as before."""
    ids = bill(sent)
    before = usage(sent)
    tree = asked(sent, "GET", f"/v1/invoices/{ids[0]}")
    digest = asked(sent, "GET", "/v1/events/1/trace")["items"][0]["event"]["digest"]
    gone = erased(sent, value=JANE)
    assert (gone["destroyed"], gone["paths"]) == (
        1,
        [{"event_type": "call", "path": "user.email", "values": 1}],
    )
    read, paths = traced(sent, "1")
    assert paths == ["user.email"]
    assert read.startswith("psn_")
    assert traced(sent, "2") == (JOE, [])
    assert usage(sent) == before
    assert asked(sent, "GET", "/v1/events/1/trace")["items"][0]["event"]["digest"] == digest
    assert asked(sent, "GET", f"/v1/invoices/{ids[0]}") == tree
    verified = asked(sent, "POST", f"/v1/invoices/{ids[0]}/verify")
    assert verified["proof_level"] == "events"
    assert bill(sent) == []
    run = asked(sent, "POST", "/v1/reconciliations", json={})
    assert compared(sent, run["id"])["report"]["found"] == 0
    assert JANE not in stored(served, sent)


def test_an_erased_event_is_a_duplicate_and_not_kept_again(served: Served, sent: Tenant) -> None:
    """The same event sent again counts nothing and brings nothing back."""
    erased(sent, value=JANE)
    assert load(sent, EVENTS[0])["duplicate"] == 1
    assert traced(sent, "1")[1] == ["user.email"]
    assert JANE not in stored(served, sent)


def test_of_an_account_what_is_its_alone(sent: Tenant) -> None:
    """Other accounts keep the text; resources that changed hands are named, and asked for."""
    preview = asked(sent, "POST", "/v1/personal-data/preview", json={"account": "acme"})
    (ip, email) = preview["paths"]
    assert (email["values"], email["shared"], email["events"]) == (2, 1, 3)
    assert (ip["values"], ip["shared"], ip["subjects"]) == (1, 1, 2)
    assert email["first_used_at"] == email["last_used_at"]
    assert preview["left_out"] == ["vm-sold"]
    gone = erased(sent, account="acme")
    assert (gone["destroyed"], gone["shared"], gone["left_out"]) == (1, 2, ["vm-sold"])
    for event_id in ("1", "2", "3"):
        assert traced(sent, event_id)[1] == ["ip", "user.email"]
    for event_id in ("4", "5"):
        assert traced(sent, event_id) == (JANE, [])
    assert erased(sent, subject="vm-sold")["destroyed"] == 0
    assert traced(sent, "5")[1] == ["ip", "user.email"]
    assert erased(sent, subject="vm-sold")["paths"] == []


def test_what_is_sent_later_does_not_bring_back_what_was_erased(sent: Tenant) -> None:
    """A value that another account keeps is read again only in events behind the erasure."""
    erased(sent, account="acme")
    load(sent, call("6", JANE))
    assert traced(sent, "6") == (JANE, [])
    assert traced(sent, "1")[1] == ["ip", "user.email"]


def test_a_hold_stops_it(sent: Tenant) -> None:
    """What a legal hold covers is not erased until it is released; others are."""
    hold = asked(sent, "POST", "/v1/retention/holds", json={"reason": "case 7", "account": "other"})
    order = {"whose": {"value": JANE}, "reason": "request 7"}
    refused = sent.ask("POST", "/v1/personal-data/erasures", json=order)
    assert refused.json()["code"] == "held", refused.text
    preview = asked(sent, "POST", "/v1/personal-data/preview", json={"value": JANE})
    assert hold["id"] in preview["held"]
    assert erased(sent, value=JOE)["destroyed"] == 1
    path = f"/v1/retention/holds/{hold['id']}/release"
    asked(sent, "POST", path, json={"reason": "closed"})
    assert erased(sent, value=JANE)["destroyed"] == 1


def test_dead_letters_that_hold_it_go(served: Served, sent: Tenant) -> None:
    """A refused event keeps what was sent, so that it goes as a whole; others stay."""
    late = {"specversion": "1.0", "source": "test", "type": "call", "time": "never"}
    for event_id, email in (("bad-1", JANE), ("bad-2", JOE)):
        sent.ask("POST", "/v1/events", json={**late, **call(event_id, email), "time": "never"})
    assert erased(sent, value=JANE)["letters"] == 1
    letters = asked(sent, "GET", "/v1/dead-letters")["items"]
    assert [each["event_id"] for each in letters] == ["bad-2"]
    assert JANE not in stored(served, sent)


def test_an_amendment_holds_no_text_either(served: Served, sent: Tenant) -> None:
    """What an event should have said is kept beside the log too, and erased with the rest."""
    event = {"specversion": "1.0", "source": "test", "type": "call", **call("1", "jo@example.com")}
    order = {"events": [{"event": event}], "reason": "a test"}
    for _ in range(2):
        asked(sent, "POST", "/v1/events/amend", json=order, headers={"idempotency-key": "k"})
    assert traced(sent, "1") == ("jo@example.com", [])
    assert usage(sent)[0][0] == "3"
    erased(sent, value="jo@example.com")
    assert traced(sent, "1")[1] == ["user.email"]
    assert usage(sent)[0][0] == "3"
    assert "jo@example.com" not in stored(served, sent)


def test_what_was_sent_before_is_told(tenant: Tenant) -> None:
    """A path that is declared later says how many events hold the text itself."""
    tenant.apply({**CATALOG, "personal_data": []})
    load(tenant, call("1", JANE))
    tenant.apply({"personal_data": [PERSONAL]})
    load(tenant, call("2", JANE))
    items = asked(tenant, "GET", "/v1/personal-data")["items"]
    assert {each["path"]: each["events_as_sent"] for each in items} == {"ip": 1, "user.email": 1}
    assert {each["values"] for each in items} == {1}
    assert traced(tenant, "1") == (JANE, [])


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"whose": {}, "reason": "r"}, "wrong_value"),
        ({"whose": {"account": "acme", "value": "x"}, "reason": "r"}, "wrong_value"),
        ({"whose": {"account": "nobody"}, "reason": "r"}, "not_found"),
        ({"whose": {"account": "acme"}, "reason": " "}, "wrong_value"),
    ],
)
def test_unclear_erasures_are_refused(sent: Tenant, order: Mapping[str, Any], code: str) -> None:
    """One account, subject or value, and a reason."""
    refused = sent.ask("POST", "/v1/personal-data/erasures", json=order)
    assert refused.json()["code"] == code, refused.text


def test_only_admins_erase_and_the_audit_holds_no_text(served: Served, sent: Tenant) -> None:
    """A key that bills may not; the audit says that a value went, and not which."""
    _, token = sent.make_key("billing", "read")
    order = {"whose": {"value": JANE}, "reason": "request 7"}
    refused = sent.ask("POST", "/v1/personal-data/erasures", json=order, token=token)
    assert refused.status_code == 403, refused.text
    erased(sent, value=JANE)
    kept = stored(served, sent)
    guess = EraseValues(whose=Whose(value=json.dumps(JANE)), reason="request 7")
    assert "EraseValues" in kept
    assert JANE not in kept
    assert input_digest(guess) not in kept
    assert JANE not in served.log.read_text()
