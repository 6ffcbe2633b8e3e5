"""`/v1/events/{id}/trace` and `tallystick trace`: why an event was billed, or was not."""

from typing import Any

import pytest

from tallystick.cli import main
from tests.serving import Tenant, event_document

STRUCTURED = {"content-type": "application/cloudevents+json"}
JANUARY = "2026-01-10T12:00:00Z"
CATALOG: dict[str, Any] = {
    "legal_entities": [
        {
            "key": "main",
            "name": "Example Ltd",
            "country": "DE",
            "zone": "UTC",
            "currency": "EUR",
            "series_prefix": "INV",
        }
    ],
    "meters": [
        {
            "key": "good",
            "event_type": "call",
            "aggregation": "sum",
            "value": "n",
            "unit": "call",
            "dimensions": [{"name": "region", "path": "region"}],
            "filters": [
                {"path": "status", "op": "eq", "values": ["200"]},
                {"path": "region", "op": "exists"},
            ],
        },
        {"key": "other", "event_type": "other", "aggregation": "count", "unit": "call"},
    ],
    "plans": [
        {
            "key": "basic",
            "version": 1,
            "name": "Basic",
            "currency": "EUR",
            "interval": "month",
            "alignment": "calendar",
            "prices": [
                {
                    "key": "good",
                    "model": "unit",
                    "meter": "good",
                    "unit": "call",
                    "unit_price": "0.5",
                    "group_by": ["region"],
                }
            ],
        }
    ],
    "accounts": [
        {"key": "acme", "name": "Acme", "zone": "UTC", "currency": "EUR", "invoiced": True}
    ],
    "resources": [{"key": "vm-1", "account": "acme"}],
    "subscriptions": [
        {
            "key": "acme-basic",
            "account": "acme",
            "plan": "basic",
            "version": 1,
            "legal_entity": "main",
            "start": "2026-01-01",
            "end": "2026-03-01",
        }
    ],
}


@pytest.fixture
def traced(tenant: Tenant) -> Tenant:
    """Lend a workspace with a contract of two months over one resource."""
    tenant.apply(CATALOG)
    return tenant


def call(
    event_id: str, *, time: str = JANUARY, subject: str = "vm-1", **data: object
) -> dict[str, Any]:
    """Return an event that counts, unless told otherwise."""
    given = {"n": 3, "status": 200, "region": "eu"} | data
    return {"id": event_id, "type": "call", "subject": subject, "time": time, "data": given}


def trace(tenant: Tenant, event_id: str, **query: str) -> dict[str, Any]:
    """Return the whole trace of an id."""
    answer = tenant.ask("GET", f"/v1/events/{event_id}/trace", params=query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


def only(tenant: Tenant, event_id: str) -> dict[str, Any]:
    """Return the trace of an id that was accepted once."""
    (item,) = trace(tenant, event_id)["items"]
    found: dict[str, Any] = item
    return found


def state(tenant: Tenant, event_id: str) -> tuple[str, str]:
    """Return state and message of the one price that an event comes to."""
    (step,) = only(tenant, event_id)["meters"][0]["billing"]
    return step["state"], step["message"]


def bill(tenant: Tenant, through: str) -> list[str]:
    """Run billing and return the documents issued."""
    answer = tenant.ask("POST", "/v1/invoices/run", json={"through": through})
    assert answer.status_code == 200, answer.text
    assert answer.json()["parked"] == []
    issued: list[str] = answer.json()["issued"]
    return issued


def test_an_event_from_acceptance_to_its_line(traced: Tenant) -> None:
    """Position, digest, owner, meter, price and period; then the line and what it charges."""
    position = traced.send(call("one"))["last_position"]
    item = only(traced, "one")
    event, meter = item["event"], item["meters"][0]
    assert (event["accepted_at"], event["position"], event["data"]["n"]) == (position, position, 3)
    assert len(event["digest"]) == 64
    assert (item["owner"]["account"], item["owner"]["resource"]) == ("acme", "vm-1")
    assert (meter["counts"], meter["value"], meter["dimensions"]) == (True, "3", {"region": "eu"})
    assert item["other_meters"] == ["other"]
    (step,) = meter["billing"]
    assert (step["state"], step["price"], step["group"]) == ("due", "good", ["eu"])
    assert step["period"] == {"start": "2026-01-01T00:00:00Z", "end": "2026-02-01T00:00:00Z"}
    (invoice,) = bill(traced, "2026-02-01T00:00:00Z")
    (step,) = only(traced, "one")["meters"][0]["billing"]
    document = traced.ask("GET", f"/v1/invoices/{invoice}").json()
    (line,) = document["lines"]
    assert step["state"] == "billed"
    assert step["line"] == {
        "invoice": invoice,
        "number": document["number"],
        "line": line["id"],
        "money": "1.50",
        "currency": "EUR",
    }


def test_what_came_late_waits_for_the_next_document(traced: Tenant) -> None:
    """After the invoice of its period an event is corrected next, then billed by that document."""
    traced.send(call("early"))
    bill(traced, "2026-02-01T00:00:00Z")
    traced.send(call("late"))
    late, message = state(traced, "late")
    assert late == "corrected_next"
    assert "INV" in message
    bill(traced, "2026-03-01T00:00:00Z")
    (step,) = only(traced, "late")["meters"][0]["billing"]
    assert (step["state"], step["line"]["money"]) == ("billed", "1.50")
    first = only(traced, "early")["meters"][0]["billing"][0]["line"]
    assert first["invoice"] != step["line"]["invoice"]


def test_what_was_attributed_late_waits_for_the_next_document(traced: Tenant) -> None:
    """A line made before the resource had an owner does not count its event, however early."""
    traced.send(call("early"), call("orphan", subject="vm-2"))
    bill(traced, "2026-02-01T00:00:00Z")
    traced.apply({"resources": [{"key": "vm-2", "account": "acme"}]})
    assert state(traced, "early")[0] == "billed"
    assert state(traced, "orphan")[0] == "corrected_next"
    bill(traced, "2026-03-01T00:00:00Z")
    assert state(traced, "orphan")[0] == "billed"


def test_a_filter_that_fails_is_named(traced: Tenant) -> None:
    """Each filter says what it wanted and what stands in the event."""
    traced.send(call("failed", status=500))
    meter = only(traced, "failed")["meters"][0]
    assert (meter["matches"], meter["counts"], meter["billing"]) == (False, False, [])
    assert [(each["path"], each["text"], each["holds"]) for each in meter["filters"]] == [
        ("status", "500", False),
        ("region", "eu", True),
    ]


def test_other_reasons_why_nothing_is_billed(traced: Tenant) -> None:
    """Nobody's, unmeterable, before the contract: each is told as itself."""
    traced.send(
        call("nobody", subject="vm-9"),
        call("unread", n="many"),
        call("before", time="2025-12-01T00:00:00Z"),
    )
    assert only(traced, "nobody")["owner"]["reason"] == "unknown_subject"
    unread = only(traced, "unread")["meters"][0]
    assert (unread["matches"], unread["counts"], unread["text"]) == (True, False, "many")
    before, message = state(traced, "before")
    assert before == "no_subscription"
    assert "acme-basic from 2026-01-01T00:00:00.000000Z" in message


def test_a_refused_event_is_told_as_such(traced: Tenant) -> None:
    """An id that was only refused shows why; once mended it shows both."""
    traced.send(call("first"), call("bad", time="tomorrow"))
    refused = trace(traced, "bad")
    assert (refused["items"], refused["rejected"][0]["code"]) == ([], "time_invalid")
    traced.send(call("bad"))
    mended = trace(traced, "bad")
    assert (len(mended["items"]), len(mended["rejected"])) == (1, 1)


def test_sources_share_an_id(traced: Tenant) -> None:
    """The same id of two sources is two events; the source tells them apart."""
    traced.send({**call("twin"), "source": "a"}, {**call("twin"), "source": "b"})
    assert len(trace(traced, "twin")["items"]) == 2
    assert [item["event"]["source"] for item in trace(traced, "twin", source="b")["items"]] == ["b"]


def test_corrections_are_part_of_the_way(
    traced: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    """An amended event shows what counts now and who said so; a voided one counts nothing."""
    position = traced.send(call("wrong"), call("never"))["last_position"]
    right = {"specversion": "1.0", "source": "test", **call("wrong", n=7)}
    amended = traced.ask(
        "POST", "/v1/events/amend", json={"events": [{"event": right}], "reason": "miscounted"}
    )
    voided = {"events": [{"source": "test", "id": "never"}], "reason": "a test"}
    assert amended.is_success, amended.text
    assert traced.ask("POST", "/v1/events/void", json=voided).is_success
    item = only(traced, "wrong")
    assert (item["event"]["accepted_at"], item["event"]["data"]["n"]) == (position - 1, 7)
    assert (item["meters"][0]["value"], item["event"]["voided"]) == ("7", False)
    (step,) = item["event"]["corrections"]
    assert (step["correction"], step["reason"]) == ("amended", "miscounted")
    gone = only(traced, "never")
    assert (gone["event"]["voided"], gone["meters"]) == (True, [])
    assert main(["trace", "never", "--url", traced.url, "--key", traced.token]) == 0
    assert "counts     nothing, since it was voided" in capsys.readouterr().out


def test_an_event_in_a_backfill_says_when_it_counts(
    traced: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    """Held in an open set it would count; closed it does; taken back it counts nothing."""
    reason = {"reason": "the gateway kept no log"}
    assert traced.ask("POST", "/v1/backfills", json={"name": "gap", **reason}).is_success
    sent = traced.ask("POST", "/v1/events", params={"backfill": "gap"},
                      json=event_document(call("held")), headers=STRUCTURED)  # fmt: skip
    assert sent.is_success, sent.text
    item = only(traced, "held")
    assert (item["event"]["held"], item["event"]["voided"]) == (
        {"name": "gap", "state": "open"},
        False,
    )
    assert item["meters"][0]["value"] == "3"
    assert state(traced, "held")[0] == "held"
    assert main(["trace", "held", "--url", traced.url, "--key", traced.token]) == 0
    assert "counts     nothing, since backfill gap is open" in capsys.readouterr().out
    assert traced.ask("POST", "/v1/backfills/gap/close", json=reason).is_success
    assert only(traced, "held")["event"]["held"] is None
    assert state(traced, "held")[0] == "due"
    assert traced.ask("POST", "/v1/backfills/gap/revert", json=reason).is_success
    assert only(traced, "held")["event"]["held"] == {"name": "gap", "state": "reverted"}
    assert state(traced, "held")[0] == "held"


def test_a_part_is_billed_through_its_formula(
    tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    """An event whose meter is part of a priced formula is traced to the formula's line."""
    formula = {"key": "double", "aggregation": "formula", "formula": "2 * good", "unit": "call"}
    (plan,) = CATALOG["plans"]
    (price,) = plan["prices"]
    priced = {**plan, "prices": [{**price, "meter": "double"}]}
    meters = [*CATALOG["meters"], formula]
    tenant.apply({**CATALOG, "meters": meters, "plans": [priced]})
    tenant.send(call("one"))
    (step,) = only(tenant, "one")["meters"][0]["billing"]
    assert (step["state"], step["price"], step["group"]) == ("due", "good", ["eu"])
    assert step["formula"] == {"meter": "double", "formula": "2 * good", "unit": "call"}
    (invoice,) = bill(tenant, "2026-02-01T00:00:00Z")
    (line,) = tenant.ask("GET", f"/v1/invoices/{invoice}").json()["lines"]
    (step,) = only(tenant, "one")["meters"][0]["billing"]
    assert (step["state"], step["line"]["line"]) == ("billed", line["id"])
    assert step["line"]["money"] == "3.00"
    assert main(["trace", "one", "--url", tenant.url, "--key", tenant.token]) == 0
    assert "part of  double = 2 * good (call)" in capsys.readouterr().out
    tenant.send(call("late"))
    assert state(tenant, "late")[0] == "corrected_next"


def test_unknown_ids_and_bound_keys(traced: Tenant) -> None:
    """An id nobody sent is not found; a key of one account may not look at events."""
    answer = traced.ask("GET", "/v1/events/none/trace")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    _, bound = traced.make_key("read", account="acme")
    assert traced.ask("GET", "/v1/events/none/trace", token=bound).status_code == 403


def test_the_story_at_the_terminal(traced: Tenant, capsys: pytest.CaptureFixture[str]) -> None:
    """People read the way of an event from acceptance to money, with an id of any form."""
    traced.send(call("log/2#1"), call("odd", status=404))
    bill(traced, "2026-02-01T00:00:00Z")
    where = ("--url", traced.url, "--key", traced.token)
    assert main(["trace", "log/2#1", *where]) == 0
    said = capsys.readouterr().out
    assert "account    acme, which has vm-1 from the beginning to now on" in said
    assert "meter      good: counts it as 3 call (sum), region 'eu'" in said
    assert "  billed     counted in a line of TEST-INV-2026-000001 that charges 1.50 EUR" in said
    assert main(["trace", "odd", *where]) == 0
    assert "status eq 200: does not hold, there is '404'" in capsys.readouterr().out
