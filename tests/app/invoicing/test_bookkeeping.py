"""Bookkeeping on real books: recognition, locks, what was known when, exports."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core.data import Transaction

from tallystick.app.ledger import (
    BooksQuestion,
    ExportJournal,
    LockMonths,
    RecognizeRevenue,
    export_journal,
    lock_months,
    read_export,
    read_schedule,
    read_statement,
    read_trial_balance,
    recognize_revenue,
)
from tallystick.integrations.journal_files import beancount_account, beancount_text, csv_text
from tallystick.kernel import Done, Outcome, Refused, currency, instant
from tallystick.ledger import AccountQuestion, PostedEntry, accounting_month, balances
from tests.app.invoicing.billing import MARCH_2, Billing
from tests.invoicing.world import cpu

USD = currency("USD")
JANUARY, FEBRUARY = accounting_month("2026-01"), accounting_month("2026-02")
USED = [cpu(1, "2026-01-10T00:00:00Z", "43200")]
ADMIN = frozenset({"admin"})
NOW = BooksQuestion()
"""All that is in the books."""
END_OF_FEBRUARY = "2026-02-28T22:59:59.999999Z"
"""The last moment of February in Berlin, where the books are kept."""


def recognize(billing: Billing) -> list[PostedEntry]:
    """Recognize what is due."""
    outcome = recognize_revenue(
        RecognizeRevenue(), caller=billing.caller, uow=billing.unit(), clock=billing.clock
    )
    assert isinstance(outcome, Done), outcome
    return list(outcome.value)


def shown(billing: Billing, question: BooksQuestion = NOW) -> dict[str, str]:
    """Return the balances of the trial balance, credits with a minus."""
    found = read_trial_balance(billing.caller, question, uow=billing.unit())
    assert isinstance(found, Done), found
    return {
        row.account: str(row.debit if row.debit.minor else -row.credit)
        for row in found.value.trial.rows
    }


def lock(billing: Billing, through: str | None, scopes: frozenset[str] = ADMIN) -> Outcome[object]:
    """Lock through a month, or open all."""
    month = None if through is None else accounting_month(through)
    command = LockMonths(books=None, through=month, reason="a test")
    by = replace(billing.caller, scopes=scopes)
    return lock_months(command, caller=by, uow=billing.unit(), clock=billing.clock)


def codes(outcome: Outcome[object]) -> list[str]:
    """Return why it was refused; nothing if it was done."""
    return [problem.code for problem in outcome.problems] if isinstance(outcome, Refused) else []


def test_a_fee_in_advance_is_earned_when_its_month_is_over(billing: Billing) -> None:
    """February's fee waits through February, is earned at its last moment, and only once."""
    billing.record(USED)
    billing.run()
    assert recognize(billing) == []
    waiting = read_schedule(billing.caller, uow=billing.unit(), books=None)
    assert isinstance(waiting, Done)
    assert [(str(s.month), s.price, str(s.money)) for s in waiting.value] == [
        ("2026-02", "base", "10.00 USD")
    ]
    before = shown(billing)
    assert (before["deferred_revenue:base"], before["revenue:base"]) == ("-10.00 USD", "-10.00 USD")
    billing.clock.forward(days=30)
    (posted,) = recognize(billing)
    assert posted.entry.effective_at == instant(END_OF_FEBRUARY)
    assert posted.entry.posted_in == FEBRUARY
    assert recognize(billing) == []
    after = shown(billing)
    assert "deferred_revenue:base" not in after
    assert after["revenue:base"] == "-20.00 USD"


def test_books_say_what_was_known(billing: Billing) -> None:
    """The same question with the same position has the same answer after a backdated entry."""
    billing.record(USED)
    billing.run()
    end = instant(END_OF_FEBRUARY)
    with billing.unit() as uow:
        position = uow.journal_reader.last_position("main")
    then = shown(billing, BooksQuestion(as_of=end, position=position))
    billing.clock.forward(days=30)
    recognize(billing)
    assert shown(billing, BooksQuestion(as_of=end, position=position)) == then
    assert shown(billing, BooksQuestion(as_of=end)) != then


def test_a_statement_runs_from_opening_to_closing(billing: Billing) -> None:
    """Each line adds to the balance before; what lies before the time asked for is summed."""
    billing.record(USED)
    billing.run()
    billing.clock.forward(days=28)
    billing.run()
    asked = AccountQuestion(account="receivable:acme", unit=USD)
    for since, opening, lines in ((None, "0.00 USD", 3), (MARCH_2, "20.54 USD", 1)):
        found = read_statement(
            billing.caller, BooksQuestion(), replace(asked, since=since), uow=billing.unit()
        )
        assert isinstance(found, Done)
        statement = found.value.statement
        assert (str(statement.opening), len(statement.lines)) == (opening, lines)
        assert str(statement.closing) == "30.54 USD"
    wrong = replace(asked, account="petty:acme")
    refused = read_statement(billing.caller, BooksQuestion(), wrong, uow=billing.unit())
    assert codes(refused) == ["unknown_chart_account"]


def test_a_month_is_locked_when_all_is_booked(billing: Billing) -> None:
    """A running month and one with unearned revenue are not locked; then it is, and stays so."""
    billing.record(USED)
    billing.run()
    assert codes(lock(billing, "2026-02")) == ["month_not_over"]
    billing.clock.forward(days=30)
    assert codes(lock(billing, "2026-02")) == ["revenue_not_recognized"]
    recognize(billing)
    assert codes(lock(billing, "2026-02")) == []
    assert codes(lock(billing, None, scopes=frozenset({"billing"}))) == ["forbidden"]
    assert codes(lock(billing, "2026-01", scopes=frozenset({"billing"}))) == ["forbidden"]
    assert codes(lock(billing, None)) == []


def test_late_recognition_is_booked_in_the_open_month(billing: Billing) -> None:
    """What counts in a locked February is booked in March, and still counts in February."""
    billing.record(USED)
    billing.run()
    billing.clock.forward(days=30)
    with billing.unit() as uow:
        uow.journal.hold("main")
        uow.journal.lock_through("main", FEBRUARY)
        uow.commit()
    (posted,) = recognize(billing)
    assert str(posted.entry.posted_in) == "2026-03"
    assert posted.entry.effective_at == instant(END_OF_FEBRUARY)


@pytest.mark.parametrize("scopes", [frozenset({"read"}), frozenset()])
def test_bookkeeping_needs_the_scope(billing: Billing, scopes: frozenset[str]) -> None:
    """A key without `billing` neither recognizes, nor locks, nor exports."""
    caller = replace(billing.caller, scopes=scopes)
    command = RecognizeRevenue()
    done = recognize_revenue(command, caller=caller, uow=billing.unit(), clock=billing.clock)
    order = ExportJournal(books=None, name="a")
    left = export_journal(order, caller=caller, uow=billing.unit(), clock=billing.clock)
    assert [codes(done), codes(left), codes(lock(billing, "2026-01", scopes=scopes))] == [
        ["forbidden"]
    ] * 3


def exported(billing: Billing, name: str = "books") -> int | None:
    """Begin an export and return its number."""
    order = ExportJournal(books=None, name=name)
    made = export_journal(order, caller=billing.caller, uow=billing.unit(), clock=billing.clock)
    assert isinstance(made, Done), made
    return made.value.number if made.value else None


def written(billing: Billing, number: int, write: Callable[..., str]) -> str:
    """Return the file of an export."""
    found = read_export(
        billing.caller, ExportJournal(books="main", name="books"), number=number, uow=billing.unit()
    )
    assert isinstance(found, Done), found
    return write(found.value)


def test_each_entry_leaves_once_and_beancount_balances(billing: Billing, tmp_path: Path) -> None:
    """Exports of a name hold each entry once; together beancount finds our own balances in them."""
    billing.record(USED)
    billing.run()
    assert [exported(billing), exported(billing), exported(billing, "other")] == [1, None, 1]
    billing.clock.forward(days=30)
    first = written(billing, 1, beancount_text)
    billing.run()
    recognize(billing)
    assert exported(billing) == 2
    assert written(billing, 1, beancount_text) == first
    ledger = tmp_path / "books.beancount"
    ledger.write_text(first + written(billing, 2, beancount_text))
    entries, errors, _ = loader.load_file(str(ledger))
    assert errors == []
    with billing.unit() as uow:
        standing = [posted.entry for posted in uow.journal.page(after=None, limit=1000)]
    transactions = [entry for entry in entries if isinstance(entry, Transaction)]
    assert sorted(t.meta["entry"] for t in transactions) == sorted(e.id for e in standing)
    found: dict[str, Decimal] = {}
    for leg in (leg for transaction in transactions for leg in transaction.postings):
        assert leg.units is not None
        assert leg.units.number is not None
        found[leg.account] = found.get(leg.account, Decimal(0)) + leg.units.number
    ours = {
        beancount_account(account): money.decimal
        for (account, _), money in balances(standing).items()
        if money.minor
    }
    assert {account: money for account, money in found.items() if money} == ours


def test_csv_has_a_row_for_each_posting(billing: Billing) -> None:
    """Debits and credits stand in columns of their own and are equal."""
    billing.record(USED)
    billing.run()
    exported(billing)
    header, *rows = written(billing, 1, csv_text).strip().split("\r\n")
    assert header.split(",")[-4:] == ["account", "debit", "credit", "currency"]
    cells = [row.split(",") for row in rows]
    assert {cell[-1] for cell in cells} == {"USD"}
    sides = [[cell[at] for cell in cells if cell[at]] for at in (-3, -2)]
    assert sorted(sides[0]) == ["10.00", "10.54"]
    assert sorted(sides[1]) == ["0.54", "10.00", "10.00"]


def test_an_unknown_export_is_named(billing: Billing) -> None:
    """There is no second export before it was begun."""
    found = read_export(
        billing.caller, ExportJournal(books=None, name="books"), number=1, uow=billing.unit()
    )
    assert codes(found) == ["unknown_export"]


def test_deferred_revenue_is_what_waits(billing: Billing) -> None:
    """The balance of deferred revenue is what the schedule says, month after month."""
    billing.record(USED)
    for _ in range(3):
        billing.run()
        waiting = read_schedule(billing.caller, uow=billing.unit(), books=None)
        assert isinstance(waiting, Done)
        total = sum(scheduled.money.minor for scheduled in waiting.value)
        assert shown(billing).get("deferred_revenue:base", "0") == f"-{total // 100}.00 USD"
        billing.clock.forward(days=30)
        recognize(billing)
