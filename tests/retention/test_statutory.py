"""The years for which records are kept by law."""

from datetime import UTC, datetime

import pytest

from tallystick.retention import LONGEST, MINIMUMS, Records, kept_until, minimum_of


@pytest.mark.parametrize(
    ("country", "years"),
    [
        ("DE", (8, 10, 10)),
        ("AT", (7, 7, 7)),
        ("CH", (10, 10, 10)),
        ("FR", (10, 10, 10)),
        ("GB", (6, 6, 6)),
        ("NL", (7, 7, 7)),
        ("US", (8, 8, 8)),  # seven from the day on which the return of the year is due
        ("ZZ", (10, 10, 10)),
        ("", (10, 10, 10)),
    ],
)
def test_years_by_country(country: str, years: tuple[int, ...]) -> None:
    """Each country has the years of its law; one that is not known has the longest."""
    assert tuple(minimum_of(country).years(records) for records in Records) == years


def test_what_nobody_looked_up_says_so() -> None:
    """Years that were not held against the wording of the law are never shown as if they were."""
    doubtful = {country for country, minimum in MINIMUMS.items() if not minimum.confirmed}
    assert doubtful == {"BE", "DK", "ES", "NL"}
    assert not minimum_of("ZZ").confirmed


def test_no_country_asks_for_more_than_the_longest() -> None:
    """What an unknown country is taken to ask is never less than what a known one does."""
    asked = [each.years(records) for each in MINIMUMS.values() for records in Records]
    assert max(asked) == LONGEST.invoices == LONGEST.journal == LONGEST.audit


def test_years_count_from_the_end_of_the_year() -> None:
    """A record of the first day of a year is kept as long as one of its last."""
    first, last = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, tzinfo=UTC)
    ends = {kept_until(minimum_of("DE"), Records.INVOICES, made_at=at) for at in (first, last)}
    assert ends == {datetime(2035, 1, 1, tzinfo=UTC)}
