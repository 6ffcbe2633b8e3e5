"""`/v1/retention`: beyond the horizon nothing is taken, corrected or taken back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tests.serving import Tenant

NOW = datetime.now(UTC)


def used(days: int, **rest: object) -> dict[str, object]:
    """Return an event that was used so many days ago."""
    return {"time": (NOW - timedelta(days=days)).isoformat(), **rest}


def test_beyond_the_horizon_is_too_old(tenant: Tenant) -> None:
    """Each type has its own horizon at the gate, in one batch; a refused event uses up no id."""
    for event_type, days in (("*", 30), ("job", 90), ("audit", 0)):
        order = {"event_type": event_type, "days": days}
        assert tenant.ask("POST", "/v1/retention/rules", json=order).status_code == 200
    report = tenant.send(
        used(29, id="1"),
        used(31, id="2"),
        used(89, id="3", type="job"),
        used(91, id="4", type="job"),
        used(5_000, id="5", type="audit"),
    )
    assert (report["accepted"], report["rejected"]) == (3, 2)
    assert [(each["id"], each["code"]) for each in report["results"]] == [
        ("2", "too_old"),
        ("4", "too_old"),
    ]
    assert tenant.send(used(3, id="2"))["accepted"] == 1


def test_closed_time_is_not_corrected(tenant: Tenant) -> None:
    """An event from beyond the horizon is neither voided nor amended, nor a newer one put there."""
    tenant.send(used(40, id="old", type="call"), used(3, id="new", type="call"))
    rule = {"event_type": "call", "days": 30}
    assert tenant.ask("POST", "/v1/retention/rules", json=rule).status_code == 200

    def codes(path: str, events: Sequence[object]) -> list[str]:
        answer = tenant.ask("POST", path, json={"events": events, "reason": "a test"})
        assert answer.status_code == 200, answer.text
        return [each.get("code", "") for each in answer.json()["results"]]

    names = [{"source": "test", "id": "old"}, {"source": "test", "id": "new"}]
    whole = {"specversion": "1.0", "source": "test", "type": "call", "id": "new"}
    assert codes("/v1/events/amend", [{"event": {**whole, **used(40)}}]) == ["too_old"]
    assert sorted(codes("/v1/events/void", names)) == ["", "too_old"]


def test_closed_time_takes_no_backfill(tenant: Tenant) -> None:
    """A set that reaches beyond the horizon is not closed."""
    order = {"name": "june", "reason": "a test"}
    assert tenant.ask("POST", "/v1/backfills", json=order).status_code < 300
    event = {"specversion": "1.0", "source": "test", "type": "call", **used(40, id="b")}
    sent = tenant.ask("POST", "/v1/events?backfill=june", json=event)
    assert sent.status_code == 202, sent.text
    rule = {"event_type": "call", "days": 30}
    assert tenant.ask("POST", "/v1/retention/rules", json=rule).status_code == 200
    closed = tenant.ask("POST", "/v1/backfills/june/close", json={"reason": "done"})
    assert closed.json()["code"] == "too_old", closed.text


def test_retention_is_shown_with_the_law(tenant: Tenant) -> None:
    """Rules, holds and the statutory years of each legal entity's country stand in one answer."""
    entity = {
        "key": "main",
        "name": "Example",
        "country": "DE",
        "zone": "Europe/Berlin",
        "currency": "EUR",
        "series_prefix": "R",
    }
    tenant.apply({"legal_entities": [entity]})
    hold = tenant.ask("POST", "/v1/retention/holds", json={"reason": "case 7"})
    assert hold.status_code == 201, hold.text
    path = f"/v1/retention/holds/{hold.json()['id']}/release"
    assert tenant.ask("POST", path, json={"reason": "closed"}).status_code == 200
    state = tenant.ask("GET", "/v1/retention").json()
    assert [each["release_reason"] for each in state["holds"]] == ["closed"]
    (minimum,) = state["minimums"]
    assert minimum["confirmed"] is True
    assert (minimum["invoices_years"], minimum["journal_years"]) == (8, 10)
