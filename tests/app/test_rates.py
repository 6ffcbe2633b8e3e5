"""The table of exchange rates: added to, never changed; asked by the rule."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import psycopg
import pytest

from tallystick.app import Caller
from tallystick.app.currency import (
    ImportRates,
    RateQuestion,
    RatesImported,
    import_rates,
    list_rates,
    read_rate,
)
from tallystick.currency import PublishedRate
from tallystick.kernel import Done, Outcome, Refused, currency
from tests.clock import HandClock
from tests.databases import OTHER_WORKSPACE, WORKSPACE, Database

CALLER = Caller(workspace=WORKSPACE, actor="key:1", scopes=frozenset({"billing", "read"}))
FRIDAY = date(2026, 10, 30)
USD = PublishedRate(
    source="ecb", base="EUR", quote="USD", day=FRIDAY, rate=Decimal("1.117200000000000001")
)
JPY = replace(USD, quote="JPY", rate=Decimal("175.68"))


def imported(
    database: Database, *rates: PublishedRate, caller: Caller = CALLER
) -> Outcome[RatesImported]:
    """Import rates."""
    command = ImportRates(rates=rates)
    return import_rates(
        command, caller=caller, uow=database.unit(caller.workspace), clock=HandClock()
    )


def counted(outcome: Outcome[RatesImported]) -> tuple[int, int, int]:
    """Return what was added, unchanged and in conflict."""
    assert isinstance(outcome, Done), outcome
    return outcome.value.added, outcome.value.unchanged, outcome.value.conflicts


def test_what_stands_is_never_changed(database: Database) -> None:
    """A repeat is unchanged; another value is a conflict, is told, and the first one stays."""
    assert counted(imported(database, USD)) == (1, 0, 0)
    assert counted(imported(database, USD, JPY)) == (1, 1, 0)
    again = imported(database, replace(USD, rate=Decimal("1.2")), JPY)
    assert counted(again) == (0, 1, 1)
    assert isinstance(again, Done)
    assert again.value.described == ("ecb, 2026-10-30: 1 EUR = 1.117200000000000001 USD stands",)
    found = list_rates(CALLER, source="ecb", on=None, uow=database.unit())
    assert found == Done((JPY, USD))
    with database.unit() as uow:
        assert uow.audit.waiting() == 2


@pytest.mark.parametrize(
    "statement", ["UPDATE exchange_rate SET rate = 1", "DELETE FROM exchange_rate"]
)
def test_the_database_keeps_them(database: Database, statement: str) -> None:
    """No statement of the owner changes or removes a rate."""
    imported(database, USD)
    with database.connection("tallystick_owner") as connection:
        connection.execute("SELECT set_config('tallystick.workspace', %s, false)", [WORKSPACE])
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute(statement.encode())


def test_a_rate_is_found_by_the_rule(database: Database) -> None:
    """The table answers for the days after, directly and across, and not for the day before."""
    imported(database, USD, JPY)
    question = RateQuestion(base=currency("USD"), quote=currency("JPY"), on=date(2026, 11, 2))
    found = read_rate(CALLER, question, uow=database.unit())
    assert isinstance(found, Done)
    assert (found.value.value, found.value.on) == (Decimal("157.250268528"), FRIDAY)
    early = read_rate(CALLER, replace(question, on=date(2026, 10, 29)), uow=database.unit())
    assert codes(early) == ["no_exchange_rate"]
    same = read_rate(CALLER, replace(question, quote=currency("USD")), uow=database.unit())
    assert codes(same) == ["wrong_value"]
    other = replace(CALLER, workspace=OTHER_WORKSPACE)
    assert codes(read_rate(other, question, uow=database.unit(OTHER_WORKSPACE))) == [
        "no_exchange_rate"
    ]


def test_the_last_day_until_then_is_listed(database: Database) -> None:
    """Without a day the newest rates, with one those that stood then; others are named."""
    monday = replace(USD, day=date(2026, 11, 2), rate=Decimal("1.12"))
    imported(database, USD, monday)
    for on, rate in ((None, monday), (date(2026, 11, 1), USD), (FRIDAY, USD)):
        found = list_rates(CALLER, source="ecb", on=on, uow=database.unit())
        assert found == Done((rate,))
    unknown = list_rates(CALLER, source="own", on=None, uow=database.unit())
    assert codes(unknown) == ["unknown_rates"]
    assert "ecb" in str(unknown)


def codes(outcome: Outcome[object]) -> list[str]:
    """Return why it was refused."""
    return [problem.code for problem in outcome.problems] if isinstance(outcome, Refused) else []


def test_an_import_is_refused_as_a_whole(database: Database) -> None:
    """No rates, a pair twice, two sources, or a key that may not: nothing enters."""
    for rates, caller, code in (
        ((), CALLER, "wrong_value"),
        ((USD, USD), CALLER, "wrong_value"),
        ((USD, replace(JPY, source="own")), CALLER, "wrong_value"),
        ((USD,), replace(CALLER, scopes=frozenset({"read"})), "forbidden"),
    ):
        assert codes(imported(database, *rates, caller=caller)) == [code]
    with database.unit() as uow:
        assert uow.rates.sources() == ()


def test_an_import_sent_twice_has_one_answer(database: Database) -> None:
    """The answer to an idempotency key is kept."""
    caller = replace(CALLER, idempotency_key="k")
    assert imported(database, USD, caller=caller) == imported(database, USD, caller=caller)
