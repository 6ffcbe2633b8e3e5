"""A bookkeeper's month by the command line: what waits, what is locked, what leaves the house."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from beancount import loader

from tests.stories.installation import Installation, Story

CATALOG = """
plans:
  - key: yearly
    version: 1
    name: Yearly
    currency: EUR
    interval: year
    alignment: anniversary
    prices:
      - {key: base, model: flat, amount: "120.00", cadence: advance}
legal_entities:
  - {key: main, name: Main, country: DE, zone: UTC, currency: EUR, series_prefix: M}
accounts:
  - {key: acme, name: Acme, zone: UTC, currency: EUR, invoiced: true}
subscriptions:
  - {key: acme, account: acme, plan: yearly, version: 1, legal_entity: main, start: START}
"""
OWN = "day,base,quote,rate\n2026-01-02,CREDIT,EUR,0.01\n2026-01-02,USD,EUR,0.92\n"


@pytest.fixture(scope="module")
def books(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Lend a company that has billed a year in advance, on the first day of this month."""
    story = installation.story("bookkeeper")
    catalog = tmp_path_factory.mktemp("books") / "catalog.yaml"
    start = datetime.now(UTC).date().replace(day=1).isoformat()
    catalog.write_text(CATALOG.replace("START", start))
    story.answer("apply", "-f", catalog)
    (_,) = story.bill(datetime.now(UTC).isoformat())
    return story


def test_a_year_waits_to_be_earned(books: Story) -> None:
    """120.00 are owed; all of it waits, for twelve months that are not over, and none is due."""
    trial = books.answer("ledger", "trial-balance")
    assert [(row["account"], row["debit"], row["credit"]) for row in trial["rows"]] == [
        ("deferred_revenue:base", "0.00", "120.00"),
        ("receivable:acme", "120.00", "0.00"),
    ]
    waiting = books.answer("ledger", "schedule")["items"]
    assert len({each["month"] for each in waiting}) == len(waiting) == 12
    assert sum(int(each["amount"].replace(".", "")) for each in waiting) == 12000
    assert books.answer("ledger", "recognize")["items"] == []


def test_a_statement_is_shown(books: Story) -> None:
    """The payer's account opens with nothing and closes with what is owed."""
    shown = books.run("ledger", "statement", "receivable:acme", "EUR")
    assert shown.code == 0, shown.err
    assert "opening 0.00 EUR" in shown.out
    assert "closing 120.00 EUR" in shown.out
    found = books.answer("ledger", "statement", "receivable:acme", "EUR", "--position", "0")
    assert (found["closing"], found["movements"]) == ("0.00", [])


def test_months_are_locked_and_opened(books: Story) -> None:
    """This month still runs and is not locked; the one before is, and opened again."""
    this = datetime.now(UTC).date().replace(day=1)
    before = (this - timedelta(days=1)).strftime("%Y-%m")
    refused = books.run("ledger", "lock", this.strftime("%Y-%m"), "--reason", "too early")
    assert refused.code == 1
    assert "still runs" in refused.err
    locked = books.answer("ledger", "lock", before, "--reason", "closed")
    assert locked["locked_through"] == before
    assert books.answer("ledger", "unlock", "--reason", "again")["locked_through"] is None


def test_each_entry_leaves_once(books: Story, tmp_path: Path) -> None:
    """The first export holds the entry, the second nothing; the first is had once more."""
    file, again = tmp_path / "books.csv", tmp_path / "books.beancount"
    made = books.answer("ledger", "export", "accounting", "-o", file)
    assert made["export"]["number"] == 1
    assert file.read_text().count("\n") == 3
    assert books.answer("ledger", "export", "accounting", "-o", file)["export"] is None
    books.answer(
        "ledger", "export", "accounting", "--number", "1", "--format", "beancount", "-o", again
    )
    _, errors, _ = loader.load_file(str(again))
    assert errors == []
    (listed,) = books.answer("ledger", "exports")["items"]
    assert (listed["name"], listed["last_position"]) == ("accounting", 1)


def test_rates_are_imported_and_asked_for(books: Story, tmp_path: Path) -> None:
    """A table of one's own, again without effect, with another value a conflict; across pairs."""
    table = tmp_path / "own.csv"
    table.write_text(OWN)
    imported = books.answer("rates", "import", table, "--source", "own")
    assert (imported["added"], imported["conflicts"]) == (2, 0)
    table.write_text(OWN.replace("0.92", "0.93"))
    again = books.answer("rates", "import", table, "--source", "own")
    assert (again["added"], again["unchanged"], again["conflicts"]) == (0, 1, 1)
    assert [each["rate"] for each in books.answer("rates", "show", "--source", "own")["rates"]] == [
        "0.01",
        "0.92",
    ]
    rule = ("--on", "2026-01-05", "--source", "own")
    assert books.answer("rates", "convert", "EUR", "USD", *rule)["rate"] == "1.08695652174"
    assert books.answer("rates", "convert", "CREDIT", "EUR", *rule)["rate"] == "0.01"
    late = books.run("rates", "convert", "EUR", "USD", "--on", "2026-01-10", "--source", "own")
    assert late.code == 1
    assert "no rate from EUR to USD" in late.err


def test_the_history_comes_with_the_program(books: Story) -> None:
    """Without a file the central bank's history is imported; a Saturday has Friday's rate."""
    imported = books.answer("rates", "import")
    assert imported["added"] > 200_000
    rate = books.answer("rates", "convert", "USD", "EUR", "--on", "2020-01-04")
    assert (rate["rate"], rate["on"], rate["source"]) == ("0.897102359379", "2020-01-03", "ecb")
