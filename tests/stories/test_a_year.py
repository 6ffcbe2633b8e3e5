"""A year of a busy account on the clock of a test workspace, and a month in another currency."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from tallystick.kernel import instant
from tests.stories.installation import Installation, Story

CATALOG = Path(__file__).parent / "inputs" / "year.yaml"
EVENT = {"content-type": "application/cloudevents+json"}
CLOCK_AT = instant("2024-01-15T00:00:00Z")


@dataclass(slots=True, kw_only=True)
class Year:
    """The workspace of the year, and every document that was issued in it."""

    story: Story
    documents: list[dict[str, Any]] = field(default_factory=list)

    def to(self, at: str) -> list[str]:
        """
        Advance the clock and return what was issued: day, type and total of each.

        A second run finds nothing to do, and every new document verifies.
        """
        report = self.story.answer("clock", "advance", "--to", at)
        assert report["parked"] == []
        again = self.story.answer("clock", "advance", "--to", at)
        assert (again["issued"], again["recognized"]) == ([], [])
        found = [self.story.invoice(one) for one in report["issued"]]
        for document in found:
            self.verify(document)
        self.documents += found
        return [f"{one['issued_on']} {one['document_type']} {one['total']}" for one in found]

    def verify(self, document: dict[str, Any]) -> None:
        """Make a document again from its basis and events; it must come out the same."""
        told = self.story.post(f"/v1/invoices/{document['id']}/verify", {}).json()
        assert told["equal"], told

    def send(self, event: dict[str, Any]) -> None:
        """Send an event, which the gate must take by the clock of the workspace."""
        with self.story.client() as client:
            answer = client.post("/v1/events", content=msgspec.json.encode(event), headers=EVENT)
        assert answer.json()["accepted"] == 1, answer.text

    def change(self, **order: object) -> dict[str, Any]:
        """Agree on a change of the contract."""
        answer = self.story.post("/v1/subscriptions/acme/changes", order)
        assert answer.is_success, answer.text
        agreed: dict[str, Any] = answer.json()
        return agreed

    def correct(self, kind: str, body: object) -> None:
        """Void or amend events."""
        answer = self.story.post(f"/v1/events/{kind}", body)
        assert answer.is_success, answer.text

    def order(self, path: str, **body: object) -> list[str]:
        """Send an order about documents, and return what it issued, as `to` does."""
        answer = self.story.post(path, body)
        assert answer.is_success, answer.text
        known = {one["id"] for one in self.documents}
        listed = self.story.answer("invoice", "list")
        found = [self.story.invoice(one["id"]) for one in listed if one["id"] not in known]
        for document in found:
            self.verify(document)
        self.documents += found
        return sorted(f"{one['issued_on']} {one['document_type']} {one['total']}" for one in found)

    def give_coupon(self) -> None:
        """Give a tenth off for two periods."""
        coupon = {"key": "ten", "percent": "10", "duration": "repeating", "periods": 2}
        grant = {"key": "g", "coupon": "ten", "account": "acme", "at": "2024-09-10T00:00:00Z"}
        grant |= {"until": "2024-12-01T00:00:00Z"}
        documents = {"coupons": [coupon], "coupon_grants": [grant]}
        answer = self.story.post("/v1/catalog/apply", {"documents": documents})
        assert answer.is_success, answer.text

    def lines(self, price: str) -> list[str]:
        """Return the lines of a price on the last document."""
        found = self.documents[-1]["lines"]
        return [
            f"{one['period']['start'][:10]} {one['money']}"
            for one in found
            if one["price"] == price
        ]


def test_a_year_of_a_busy_account(installation: Installation) -> None:
    """
    Each thing that happens is billed once, on its day, at the amount that paper and pencil give.

    The contract counts months from January 31: they begin on the last day of a month, among them a
    leap day and the day on which clocks are put forward.
    """
    year = Year(story=installation.story("year", clock_at=CLOCK_AT))
    year.story.apply(CATALOG)
    _winter(year)
    _summer(year)
    _after_issue(year)
    _autumn(year)
    _dollars(year)
    _books(year)


def _winter(year: Year) -> None:
    """An upgrade in the middle of 29 days, a leap day, late usage, the hour that is left out."""
    assert year.to("2024-02-10T12:00:00Z") == ["2024-01-31 invoice 50"]
    year.send(_call("2024-02-10T12:00:00Z", 150))
    assert year.to("2024-02-14T23:00:00Z") == []
    assert year.change(plan="team", version=1)["direction"] == "upgrade"
    # 15 of 29 days stay with 30.00, 14 go to 60.00; 100 calls at 0.10 and 50 at 0.05.
    assert year.to("2024-02-29T12:00:00Z") == [
        "2024-02-15 invoice 28.97",
        "2024-02-15 credit_note -14.48",
        "2024-02-29 invoice 92.5",
    ]
    year.send(_call("2024-02-29T12:00:00Z", 30))
    assert year.to("2024-03-05T00:00:00Z") == []
    year.send(_call("2024-02-01T00:00:00Z", 40))
    # 30 calls at 0.08; the late ones go on in the tier that February had reached: 40 at 0.05.
    assert year.to("2024-03-31T03:00:00Z") == ["2024-03-31 invoice 84.4"]
    assert year.lines("calls") == ["2024-02-28 2.4", "2024-01-30 2"]
    year.send(_call("2024-03-31T00:30:00Z", 10))
    year.send(_call("2024-03-31T01:30:00Z", 20))


def _summer(year: Year) -> None:
    """A downgrade, a pause, usage amended and voided, seats, seats again and dated back."""
    assert year.to("2024-04-10T00:00:00Z") == []
    down = year.change(plan="pro", version=1)
    assert (down["direction"], down["at"]) == ("downgrade", "2024-04-29T22:00:00Z")
    assert year.to("2024-05-09T22:00:00Z") == ["2024-04-30 invoice 52.4"]
    wrong, never = _call("2024-05-03T00:00:00Z", 500), _call("2024-05-04T00:00:00Z", 60)
    year.send(wrong)
    year.send(never)
    year.change(paused=True, when="now")
    # 10 of 31 days were used: 9.68 and 6.45.
    assert year.to("2024-05-19T22:00:00Z") == ["2024-05-10 credit_note -33.87"]
    year.change(paused=False, when="now")
    assert year.to("2024-06-10T00:00:00Z") == [
        "2024-05-20 invoice 17.75",
        "2024-05-31 invoice 83",
    ]
    mended = wrong | {"data": {"calls": 50}}
    year.correct("amend", {"events": [{"event": mended}], "reason": "tenfold"})
    year.correct("void", {"events": [{"source": "gateway", "id": never["id"]}], "reason": "a test"})
    assert year.to("2024-06-14T22:00:00Z") == []
    year.change(quantities={"seats": "8"}, when="now")
    # 560 calls were 33.00, 50 are 5.00; the credit leaves with the next document.
    assert year.to("2024-07-10T00:00:00Z") == [
        "2024-06-15 invoice 16",
        "2024-06-15 credit_note -38",
        "2024-06-30 invoice 62",
    ]
    year.change(quantities={"seats": "6"}, at="2024-06-20")
    assert year.to("2024-08-10T00:00:00Z") == [
        "2024-07-10 invoice 8",
        "2024-07-10 credit_note -10.67",
        "2024-07-10 credit_note -8",
        "2024-07-31 invoice 54",
    ]
    ahead = year.change(plan="team", version=1, at="2024-09-15")
    year.story.answer("subscription", "withdraw", "acme", ahead["id"])


def _after_issue(year: Year) -> None:
    """Credit notes of each kind, a void that is billed anew at once, something sold once."""
    july = year.documents[-1]
    seats = next(one["id"] for one in july["lines"] if one["price"] == "seats")
    credit = f"/v1/invoices/{july['id']}/credit"
    for kind, amount in (("correction", "1"), ("goodwill", "2"), ("refund", "3")):
        given = year.order(credit, kind=kind, reason="as agreed", amount=amount)
        assert given == [f"2024-08-10 credit_note -{amount}"]
    seat = {"line": seats, "quantity": "1"}
    given = year.order(credit, kind="dispute", reason="a seat nobody had", lines=[seat])
    assert given == ["2024-08-10 credit_note -4"]
    june = next(one for one in year.documents if one["number"] == "TEST-INV-2024-000009")
    void = f"/v1/invoices/{june['id']}/void"
    # 8 of its 62 were given back when seats were dated back.
    anew = year.order(void, disposition="rebill", reason="address", regenerate=True)
    assert anew == ["2024-08-10 credit_note -54", "2024-08-10 invoice 54"]
    training = {"code": "training", "description": "Training", "unit_price": "49.905"}
    sold = year.order("/v1/invoices/one-off", account="acme", legal_entity="main", lines=[training])
    assert sold == ["2024-08-10 invoice 49.91"]


def _autumn(year: Year) -> None:
    """A coupon, an add-on, the hour that comes twice, an amount by hand, the end."""
    assert year.to("2024-09-10T00:00:00Z") == ["2024-08-31 invoice 54"]
    year.give_coupon()
    assert year.to("2024-10-10T00:00:00Z") == ["2024-09-30 invoice 48.6"]
    _dispute(year)
    year.change(add_ons=[{"plan": "support", "version": 1}], when="now")
    # 21 of 31 days of 15.00, less a tenth.
    assert year.to("2024-10-27T02:30:00Z") == ["2024-10-10 invoice 9.14"]
    year.send(_call("2024-10-27T00:30:00Z", 70))
    year.send(_call("2024-10-27T01:30:00Z", 70))
    assert year.to("2024-11-20T00:00:00Z") == ["2024-10-31 invoice 72.9"]
    assert year.lines("calls") == ["2024-09-29 10.8"]
    by_hand = {"price": "base", "amount": "5", "reason": "an outage of two days"}
    year.change(at="2024-10-30T23:00:00Z", amounts=[by_hand])
    assert year.to("2024-12-10T00:00:00Z") == [
        "2024-11-20 credit_note -22.5",
        "2024-11-30 invoice 69",
    ]
    year.story.answer("subscription", "end", "acme")


def _dispute(year: Year) -> None:
    """An objection to a month's seats: evidence, a part given back, opened again, no more."""
    september = year.documents[-1]
    seats = next(one["id"] for one in september["lines"] if one["price"] == "seats")
    about = {"invoice": september["id"], "reason": "a seat less", "lines": [seats]}
    opened = year.story.post("/v1/disputes", about).json()
    path = f"/v1/disputes/{opened['id']}"
    brought = year.story.post(f"{path}/evidence", {"text": "mail of September 3"}).json()
    assert brought["state"] == "open"
    # Six seats at 4.00 less a tenth are 21.60: one of them is 3.60.
    decided = year.order(f"{path}/resolve", outcome="one seat less", amount="3.6")
    assert decided == ["2024-10-10 credit_note -3.6"]
    again = year.story.post(f"{path}/reopen", {"text": "two seats less"}).json()
    assert again["state"] == "open"
    assert year.order(f"{path}/resolve", outcome="the other one was used") == []
    told = year.story.get(path).json()
    steps = [one["step"] for one in told["dispute"]["entries"]]
    assert steps == ["opened", "evidence", "resolved", "reopened", "resolved"]
    assert year.documents[-1]["lines"][0]["price"] == "seats"


def _dollars(year: Year) -> None:
    """From the contract's end on in dollars: fees at the rate of issue, usage at its last day's."""
    contract = {"key": "acme-usd", "account": "acme", "plan": "pro", "version": 1}
    contract |= {"legal_entity": "main", "start": "2024-12-31", "end": "2025-01-31"}
    documents = {"subscriptions": [contract | {"currency": "USD"}]}
    assert year.story.post("/v1/catalog/apply", {"documents": documents}).is_success
    rates = [
        {"base": "EUR", "quote": "USD", "day": day, "rate": rate}
        for day, rate in (("2024-12-31", "1.04"), ("2025-01-30", "1.05"))
    ]
    assert year.story.post("/v1/rates", {"source": "ecb", "rates": rates}).is_success
    # 30.00 and 4.00 for one seat at 1.04; 10 calls at 0.10 and 1.05.
    assert year.to("2025-01-10T12:00:00Z") == ["2024-12-31 invoice 0", "2024-12-31 invoice 35.36"]
    year.send(_call("2025-01-10T12:00:00Z", 10))
    assert year.to("2025-02-10T00:00:00Z") == ["2025-01-31 invoice 1.05"]


def _books(year: Year) -> None:
    """All is earned and owed, what every line of the year comes to; each document verifies."""
    told = year.story.get("/v1/journal/trial-balance").json()
    euros = [row for row in told["rows"] if row["currency"] == "EUR"]
    assert [(row["account"], row["debit"], row["credit"]) for row in euros] == [
        ("receivable:acme", "711.45", "0.00"),
        ("revenue:base", "0.00", "362.98"),
        ("revenue:calls", "0.00", "35.10"),
        ("revenue:seats", "0.00", "225.82"),
        ("revenue:support/care", "0.00", "37.64"),
        ("revenue:training", "0.00", "49.91"),
    ]
    owed = {unit: Decimal(0) for unit in ("EUR", "USD")}
    for document in year.documents:
        owed[document["currency"]] += Decimal(document["total"])
    assert owed == {"EUR": Decimal("711.45"), "USD": Decimal("36.41")}
    dollars = [row for row in told["totals"] if row["currency"] == "USD"]
    assert [(row["debit"], row["credit"]) for row in dollars] == [("36.41", "36.41")]
    numbers = [one["number"] for one in year.documents if one["document_type"] == "invoice"]
    assert numbers[:-1] == [f"TEST-INV-2024-{count:06}" for count in range(1, 21)]
    assert numbers[-1] == "TEST-INV-2025-000001"
    for document in year.documents:
        year.verify(document)
    assert year.story.run("verify", "audit").code == 0


def _call(at: str, calls: int) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "source": "gateway",
        "id": f"{at}-{calls}",
        "type": "call",
        "subject": "gateway",
        "time": at,
        "data": {"calls": calls},
    }
