"""Values that properties are tried with: numbers, money, zones, intervals, prices."""

from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import strategies as st

from tallystick.kernel import Currency, Interval, IntervalUnit, Money, currency
from tallystick.pricing import GraduatedPrice, Tier, VolumePrice

CURRENCIES = ("USD", "EUR", "JPY", "KWD", "CLF")
# North and south, whole and broken offsets, jumps at midnight, a day left out, no summer time.
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Pacific/Apia",
    "Pacific/Kiritimati",
)


def decimals(
    smallest: str = "-99999999999999999999", largest: str = "99999999999999999999"
) -> st.SearchStrategy[Decimal]:
    """Numbers as events carry them: up to 20 digits before and 18 behind the point."""
    return st.integers(0, 18).flatmap(
        lambda places: st.decimals(
            Decimal(smallest), Decimal(largest), places=places, allow_nan=False
        )
    )


def quantities() -> st.SearchStrategy[Decimal]:
    """Quantities of 0 or more; small whole ones, where bounds lie, come often."""
    return st.one_of(
        st.integers(0, 30).map(Decimal),
        decimals("0", "100"),
        decimals("0"),
    )


def unit_prices() -> st.SearchStrategy[Decimal]:
    """Prices from nothing over millionths of a cent to large."""
    return st.one_of(st.just(Decimal(0)), decimals("0", "10"), decimals("0", "1000000"))


def currencies() -> st.SearchStrategy[Currency]:
    """Currencies with 0, 2, 3 and 4 places."""
    return st.sampled_from(CURRENCIES).map(currency)


def money() -> st.SearchStrategy[Money]:
    """Sums of either sign."""
    return st.builds(
        lambda minor, unit: Money(minor=minor, currency=unit),
        st.integers(-(10**15), 10**15),
        currencies(),
    )


def weights() -> st.SearchStrategy[list[Decimal]]:
    """Shares, some of them zero, not all."""
    share = st.one_of(st.integers(0, 5).map(Decimal), decimals("0", "1000"))
    return st.lists(share, min_size=1, max_size=12).filter(any)


def zones() -> st.SearchStrategy[str]:
    """Names of zones in which something about midnight is special."""
    return st.sampled_from(ZONES)


def days() -> st.SearchStrategy[date]:
    """Local dates from before the first zone rules' computers to well ahead; month ends often."""
    month_ends = st.builds(
        lambda year, day: date(year, *day),
        st.integers(1980, 2060),
        st.sampled_from([(1, 31), (2, 28), (3, 31), (8, 30), (12, 31)]),
    )
    return st.one_of(month_ends, st.dates(date(1975, 1, 1), date(2070, 1, 1)))


def instants() -> st.SearchStrategy[datetime]:
    """Instants in UTC, to the microsecond."""
    return st.datetimes(
        datetime(1975, 1, 1),  # noqa: DTZ001 - hypothesis takes naive bounds and adds the zone
        datetime(2070, 1, 1),  # noqa: DTZ001 - as above
        timezones=st.just(UTC),
    )


def intervals() -> st.SearchStrategy[Interval]:
    """Every unit, once or several times."""
    return st.builds(
        lambda count, of: Interval(count=count, of=of),
        st.integers(1, 7),
        st.sampled_from(IntervalUnit),
    )


@st.composite
def tier_tables(draw: st.DrawFn, *, flats: bool = True) -> tuple[Tier, ...]:
    """Valid tiers: one to five, ascending, the last open."""
    bounds: list[Decimal | None] = [
        *sorted(draw(st.sets(decimals("0.000001", "50"), max_size=4))),
        None,
    ]
    fees = unit_prices() if flats else st.just(Decimal(0))
    return tuple(
        Tier(up_to=bound, unit_price=draw(unit_prices()), flat=draw(fees)) for bound in bounds
    )


def graduated_prices(*, flats: bool = True) -> st.SearchStrategy[GraduatedPrice]:
    """Graduated prices, with or without flat fees."""
    return st.builds(
        lambda tiers, zero: GraduatedPrice(tiers=tiers, flat_at_zero=zero),
        tier_tables(flats=flats),
        st.booleans(),
    )


def volume_prices() -> st.SearchStrategy[VolumePrice]:
    """Volume prices."""
    return st.builds(
        lambda tiers, zero: VolumePrice(tiers=tiers, flat_at_zero=zero),
        tier_tables(),
        st.booleans(),
    )
