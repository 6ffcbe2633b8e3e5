"""Usage that arrives after its invoice: more is an adjustment, less a credit note."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.stories.hosting import (
    APRIL,
    FEBRUARY,
    INPUTS,
    MARCH,
    SAMPLES,
    Sample,
    import_machines,
    import_requests,
    line,
    of_account,
)
from tests.stories.installation import Installation, Story, run_command

# Six cores from January 6 to 11 instead of two: 5 x 24 x 4 = 480 core-hours more.
MORE: Sequence[Sample] = [("a", "2026-01-06T00:00:00Z", 6)]
# One core from January 16 to 21 instead of four: 5 x 24 x 3 = 360 core-hours less.
LESS: Sequence[Sample] = [("a", "2026-01-16T00:00:00Z", 1)]

Documents = list[dict[str, Any]]


@pytest.fixture(scope="module")
def late(
    installation: Installation, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Story, list[Documents]]:
    """Bill three months; January's missing samples come after its invoice."""
    story = _company(installation, "late")
    folder = tmp_path_factory.mktemp("late")
    import_machines(story, SAMPLES, folder)
    months = []
    for through, samples in ((FEBRUARY, MORE), (MARCH, LESS), (APRIL, ())):
        months.append([story.invoice(each) for each in story.bill(through)])
        if samples:
            import_machines(story, samples, folder)
    return story, months


@pytest.fixture(scope="module")
def on_time(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Documents:
    """Bill three months; all samples came in time."""
    story = _company(installation, "on-time")
    import_machines(story, [*LESS, *SAMPLES, *MORE], tmp_path_factory.mktemp("on-time"))
    return [story.invoice(each) for each in story.bill(APRIL)]


def test_more_is_an_adjustment_line(late: tuple[Story, list[Documents]]) -> None:
    """480 core-hours more at 0.04 stand on the next invoice, named as a correction of January."""
    _, months = late
    (february,) = of_account(months[1], "northwind")
    (adjustment,) = _corrections(february)
    assert february["document_type"] == "invoice"
    assert adjustment["description"] == "cores, corrected"
    assert (adjustment["settled_before"], adjustment["money"]) == ("77.2", "19.2")
    assert adjustment["exact"] == "96.4"


def test_less_is_a_credit_note(late: tuple[Story, list[Documents]]) -> None:
    """360 core-hours less at 0.04 make a credit note that names January's invoice."""
    _, months = late
    january = of_account(months[0], "northwind")[-1]
    march, note = of_account(months[2], "northwind")
    assert _corrections(march) == []
    assert note["document_type"] == "credit_note"
    assert note["reference"]["number"] == january["number"]
    assert note["total"] == "-14.4"
    assert line(note, "cores")["exact"] == "82"


def test_corrections_come_to_the_invoice_in_time(
    late: tuple[Story, list[Documents]], on_time: Documents
) -> None:
    """Original, adjustment and credit note together are what one invoice in time says."""
    _, months = late
    for account in ("northwind", "southwind"):
        settled = _settled([one for month in months for one in of_account(month, account)])
        assert settled == _settled(of_account(on_time, account)), account
    january = ("cores", "2026-01-01T00:00:00.000000Z")
    assert _settled(of_account(on_time, "northwind"))[january] == Decimal("82.00")


def test_corrections_verify_and_prove(late: tuple[Story, list[Documents]], tmp_path: Path) -> None:
    """Every document, the corrected and the correcting, verifies from log and proof."""
    story, months = late
    for document in (one for month in months for one in of_account(month, "northwind")):
        report = story.answer("verify", "invoice", document["id"])
        alone = run_command("verify", story.proof(document["id"], tmp_path), "--json")
        assert (alone.code, alone.document["digest"]) == (0, report["digest"])


def test_journal_balances_after_corrections(late: tuple[Story, list[Documents]]) -> None:
    """The credit note posts back what was charged; the receivable is the sum of all documents."""
    story, months = late
    owed = Decimal(0)
    for entry in story.get("/v1/journal").json()["items"]:
        postings = [(each["account"], Decimal(each["amount"])) for each in entry["postings"]]
        assert sum(amount for _, amount in postings) == 0
        owed += sum(amount for account, amount in postings if account == "receivable:northwind")
    documents = [one for month in months for one in of_account(month, "northwind")]
    assert owed == sum(Decimal(one["total"]) for one in documents)


def _company(installation: Installation, workspace: str) -> Story:
    story = installation.story(workspace)
    story.apply(INPUTS / "catalog.yaml")
    import_requests(story)
    return story


def _corrections(invoice: dict[str, Any]) -> Documents:
    period = invoice["period"]["start"]
    return [each for each in invoice["lines"] if each["period"]["start"] < period]


def _settled(documents: Documents) -> dict[tuple[str, str], Decimal]:
    """Return what was charged for each price and period."""
    settled: dict[tuple[str, str], Decimal] = {}
    for each in (each for document in documents for each in document["lines"]):
        key = (each["price"], each["period"]["start"])
        settled[key] = settled.get(key, Decimal(0)) + Decimal(each["money"])
    return settled
