"""A month of two customers, from small files to invoices that were computed by hand."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.stories.hosting import (
    FEBRUARY,
    INPUTS,
    MAPPINGS,
    import_requests,
    line,
    of_account,
)
from tests.stories.installation import Story

Month = tuple[Story, list[dict[str, Any]]]
JANUARY = ("--start", "2026-01-01T00:00:00Z", "--end", FEBRUARY)


def test_invoices_are_those_computed_by_hand(january: Month) -> None:
    """Fees come in advance, usage in arrears; each line is settled once."""
    _, documents = january
    assert [(one["account"], one["purpose"], Decimal(one["total"])) for one in documents] == [
        ("northwind", "opening", Decimal("10.00")),
        ("northwind", "period", Decimal("88.45")),
        ("southwind", "opening", Decimal("10.00")),
        ("southwind", "period", Decimal("15.30")),
    ]
    _, northwind = of_account(documents, "northwind")
    money = {price: Decimal(line(northwind, price)["money"]) for price in ("cores", "sent")}
    assert money == {"cores": Decimal("77.20"), "sent": Decimal("0.25")}
    assert line(northwind, "cores")["quantity"] == "1680"
    assert line(northwind, "sent")["exact"] == "0.252"


def test_documents_are_written(january: Month, tmp_path: Path) -> None:
    """The command line writes a document as PDF, page and figures, in the language asked for."""
    story, documents = january
    northwind = of_account(documents, "northwind")[1]
    heads = {"pdf": b"%PDF-1.7", "html": b"<!doctype html>", "csv": b"line,price,"}
    for form, head in heads.items():
        target = tmp_path / f"january.{form}"
        asked = ("--as", form, "--language", "de", "--to", target)
        story.answer("invoice", "export", northwind["id"], *asked)
        assert target.read_bytes().startswith(head)
    page = (tmp_path / "january.html").read_text(encoding="utf-8")
    assert "Rechnung" in page
    assert northwind["number"] in page


def test_gap_is_reported_on_the_line(january: Month) -> None:
    """A day that no sample covers is on the line and costs nothing."""
    _, documents = january
    measured = line(of_account(documents, "northwind")[1], "cores")["measurement"]
    assert (measured["quantity"], measured["gap_seconds"]) == ("6048000", "86400")


def test_usage_is_that_of_the_lines_and_of_nobody(january: Month) -> None:
    """A client that belongs to no account is seen in the usage, and on no invoice."""
    story, documents = january
    items = story.answer("usage", "sent", *JANUARY, "--group-by", "subject")["items"]
    assert {item["group"]["subject"]: item["quantity"] for item in items} == {
        "192.0.2.7": "3800000000",
        "198.51.100.9": "1200",
        "203.0.113.5": "1000",
    }
    on_lines = [
        Decimal(line(one, "sent")["measurement"]["quantity"])
        for one in documents
        if one["purpose"] == "period"
    ]
    assert sum(on_lines) == 3_800_001_200


def test_the_same_files_again_change_nothing(january: Month) -> None:
    """What was sent before, and before a restart, is known; a second run issues nothing."""
    story, _ = january
    again = import_requests(story)
    assert (again["accepted"], again["duplicate"]) == (0, 6)
    assert story.bill(FEBRUARY) == []


def test_journal_owes_what_the_invoices_say(january: Month) -> None:
    """Entries sum to zero; receivables are the totals."""
    story, documents = january
    owed: dict[str, Decimal] = {}
    for entry in story.get("/v1/journal").json()["items"]:
        postings = [(each["account"], Decimal(each["amount"])) for each in entry["postings"]]
        assert sum(amount for _, amount in postings) == 0
        for account, amount in postings:
            owed[account] = owed.get(account, Decimal(0)) + amount
    for customer, total in (("northwind", "98.45"), ("southwind", "25.30")):
        assert owed[f"receivable:{customer}"] == Decimal(total)
    assert sum(Decimal(one["total"]) for one in documents) == Decimal("123.75")


def test_a_line_is_explained_down_to_its_events(january: Month) -> None:
    """`invoice explain` names the events that a line rests on."""
    story, documents = january
    northwind = of_account(documents, "northwind")[1]
    explained = story.answer("invoice", "explain", northwind["id"], line(northwind, "sent")["id"])
    assert len(explained["events"]) == 3
    assert explained["next_position"] is None


def test_batch_jobs_are_node_seconds(january: Month) -> None:
    """8 x 100 + 1 x 3600 + 16 x 0 node-seconds, by whoever ran the jobs."""
    story, _ = january
    told = story.bring_in(INPUTS / "jobs.swf", MAPPINGS / "batch-jobs-nasa-ipsc.yaml")
    asked = ("--start", "1993-10-01T00:00:00Z", "--end", "1994-01-01T00:00:00Z")
    position = ("--position", str(told["last_position"]))
    items = story.answer("usage", "node_seconds", *asked, "--group-by", "subject", *position)[
        "items"
    ]
    assert {item["group"]["subject"]: item["quantity"] for item in items} == {
        "user-1": "800",
        "user-2": "3600",
    }
