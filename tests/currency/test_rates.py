"""Exchange rates: which one a day has, and what a conversion keeps."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import pytest
from currency_converter import CurrencyConverter, RateNotFoundError
from hypothesis import given
from hypothesis import strategies as st

from tallystick.currency import (
    ExchangeRate,
    PublishedRate,
    RateRule,
    choose_rate,
    converted,
)
from tallystick.integrations.exchange_rates import ecb_history, rates_in
from tallystick.kernel import (
    Amount,
    CurrencyMismatch,
    Done,
    Misuse,
    Outcome,
    Refused,
    currency,
    custom_currency,
    settle,
)

EUR, USD, GBP, JPY = (currency(code) for code in ("EUR", "USD", "GBP", "JPY"))
CREDIT = custom_currency("CREDIT", 2)
FRIDAY, SATURDAY = date(2020, 1, 3), date(2020, 1, 4)


def published(
    quote: str, rate: str, *, day: date = FRIDAY, base: str = "EUR", source: str = "ecb"
) -> PublishedRate:
    """Return a rate as it was published."""
    return PublishedRate(source=source, base=base, quote=quote, day=day, rate=Decimal(rate))


RATES = (
    published("USD", "1.1194", day=date(2020, 1, 2)),
    published("USD", "1.1147"),
    published("GBP", "0.85115"),
    published("USD", "9.9", day=date(2020, 1, 6)),
    published("USD", "7.7", source="own"),
)


def shown(outcome: Outcome[ExchangeRate]) -> tuple[str, str] | str:
    """Return value and day, or why there is none."""
    if isinstance(outcome, Refused):
        return outcome.problems[0].code
    return f"{outcome.value.value}", outcome.value.on.isoformat()


@pytest.mark.parametrize(
    ("base", "quote", "on", "age", "expected"),
    [
        ("EUR", "USD", FRIDAY, 7, ("1.1147", "2020-01-03")),
        ("EUR", "USD", SATURDAY, 7, ("1.1147", "2020-01-03")),
        ("EUR", "USD", date(2020, 1, 2), 7, ("1.1194", "2020-01-02")),
        ("EUR", "USD", date(2020, 1, 6), 7, ("9.9", "2020-01-06")),
        ("EUR", "USD", date(2020, 1, 1), 7, "no_exchange_rate"),
        ("EUR", "USD", SATURDAY, 0, "no_exchange_rate"),
        ("EUR", "GBP", date(2020, 1, 10), 7, ("0.85115", "2020-01-03")),
        ("EUR", "GBP", date(2020, 1, 11), 7, "no_exchange_rate"),
        ("EUR", "JPY", FRIDAY, 7, "no_exchange_rate"),
        ("USD", "EUR", SATURDAY, 7, ("0.897102359379", "2020-01-03")),
        ("USD", "GBP", SATURDAY, 7, ("0.763568673186", "2020-01-03")),
        ("USD", "GBP", date(2020, 1, 6), 7, ("0.763568673186", "2020-01-03")),
    ],
)
def test_the_rate_of_a_day(
    *, base: str, quote: str, on: date, age: int, expected: tuple[str, str] | str
) -> None:
    """The last one until then, of one day for both legs, not too old; none is an error, never 1."""
    rule = RateRule(age_days_max=age)
    found = choose_rate(RATES, currency(base), currency(quote), on=on, rule=rule)
    assert shown(found) == expected


def test_a_source_is_asked_alone() -> None:
    """Rates of another source are not mixed in, not even where this one has none."""
    found = choose_rate(RATES, EUR, USD, on=FRIDAY, rule=RateRule(source="own"))
    assert shown(found) == ("7.7", "2020-01-03")
    found = choose_rate(RATES, USD, GBP, on=FRIDAY, rule=RateRule(source="own"))
    assert shown(found) == "no_exchange_rate"


def test_precision_is_the_rules() -> None:
    """A quotient is rounded once, half away from zero, to the digits asked for."""
    found = choose_rate(RATES, USD, EUR, on=FRIDAY, rule=RateRule(digits=6))
    assert shown(found) == ("0.897102", "2020-01-03")
    half = (published("USD", "1.6"), published("GBP", "1"))
    found = choose_rate(half, USD, GBP, on=FRIDAY, rule=RateRule(digits=6))
    assert shown(found) == ("0.625", "2020-01-03")
    for digits, age in ((5, 7), (39, 7), (12, -1)):
        with pytest.raises(Misuse):
            RateRule(digits=digits, age_days_max=age)


def test_custom_units_are_quoted_in_a_table_of_ones_own() -> None:
    """1,250 credits at 0.01 EUR are 12.50 EUR; EUR in credits is the quotient."""
    own = (published("EUR", "0.01", base="CREDIT", source="own"),)
    rule = RateRule(source="own")
    found = choose_rate(own, CREDIT, EUR, on=FRIDAY, rule=rule)
    assert isinstance(found, Done)
    spent = Amount(value=Decimal(1250), currency=CREDIT)
    assert str(settle(converted(spent, found.value).after)) == "12.50 EUR"
    assert shown(choose_rate(own, EUR, CREDIT, on=FRIDAY, rule=rule)) == ("100", "2020-01-03")


def test_a_conversion_is_exact_and_keeps_its_rate() -> None:
    """The amount is not rounded before it is settled, and the rate stays with it."""
    found = choose_rate(RATES, USD, EUR, on=SATURDAY, rule=RateRule())
    assert isinstance(found, Done)
    charge = Amount(value=Decimal("17.345"), currency=USD)
    done = converted(charge, found.value)
    assert (done.before, done.after.currency, done.rate) == (charge, EUR, found.value)
    assert done.after.value == Decimal("17.345") * Decimal("0.897102359379")
    assert str(settle(done.after)) == "15.56 EUR"
    with pytest.raises(CurrencyMismatch):
        converted(Amount(value=Decimal(1), currency=GBP), found.value)


def test_a_currency_needs_no_rate_to_itself() -> None:
    """Asking for one is a mistake, so that a 1 never slips in."""
    with pytest.raises(Misuse):
        choose_rate(RATES, EUR, EUR, on=FRIDAY, rule=RateRule())


@pytest.mark.parametrize(
    ("quote", "rate"),
    [("EUR", "1"), ("usd", "1"), ("USD", "0"), ("USD", "-1"), ("USD", "1e-19"), ("USD", "1e20")],
)
def test_what_cannot_be_a_rate(quote: str, rate: str) -> None:
    """Codes in small letters, rates of nothing or less, and too many digits are refused."""
    with pytest.raises(Misuse):
        published(quote, rate)


@cache
def history() -> dict[date, tuple[PublishedRate, ...]]:
    """Return the European Central Bank's rates by day."""
    days: dict[date, list[PublishedRate]] = {}
    for rate in rates_in(ecb_history()):
        days.setdefault(rate.day, []).append(rate)
    return {day: tuple(rates) for day, rates in days.items()}


@cache
def oracle() -> CurrencyConverter:
    """Return the other library, which reads the same history its own way."""
    return CurrencyConverter(
        decimal=True,
        fallback_on_missing_rate=True,
        fallback_on_missing_rate_method="last_known",
        fallback_on_wrong_date=False,
    )


@given(
    on=st.dates(date(1999, 2, 1), date(2026, 10, 30)),
    pair=st.permutations(["EUR", "USD", "GBP", "JPY", "CHF", "SEK"]).map(lambda codes: codes[:2]),
)
def test_rates_are_those_of_another_library(on: date, pair: list[str]) -> None:
    """On any day since 1999 another reader of the same history comes to the same rate."""
    days = [on - timedelta(days=age) for age in range(11)]
    known = [rate for day in days for rate in history().get(day, ())]
    base, quote = (currency(code) for code in pair)
    found = choose_rate(known, base, quote, on=on, rule=RateRule(age_days_max=10))
    try:
        wanted = Decimal(oracle().convert(1, base.code, quote.code, date=on))
    except RateNotFoundError:
        wanted = None
    assert isinstance(found, Done) == (wanted is not None)
    if isinstance(found, Done) and wanted is not None:
        assert abs(found.value.value / wanted - 1) < Decimal("1e-11")
