"""
Random years of a contract.

Each draws a few of the features below, so that what is rare meets what is rare.

    every       plans by the week, the quarter, two months or the year
    own         prices with periods of their own
    extras      an offer taken beside the plan, several times
    gifts       coupons
    bound       a minimum and a maximum over several prices
    exchange    prices in another currency than the contract's
    voids       invoices taken back, billed anew or not
    thresholds  invoices within a period
    credits     parts of lines given back by hand
"""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.naive import facts as naive
from tests.naive.days import DAY, boundary
from tests.naive.terms import offers_of

ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Africa/Cairo",
)  # fmt: skip
MONTHS = 12
FEATURES = (
    "every",
    "own",
    "extras",
    "gifts",
    "bound",
    "exchange",
    "voids",
    "thresholds",
    "credits",
)
WEEKS = (naive.Every(weeks=1), naive.Every(weeks=2))
EVERY = (naive.MONTH, naive.Every(months=2), naive.Every(months=3), naive.Every(months=12), *WEEKS)
ZERO = Fraction(0)


def _fraction(digits: int, places: int) -> st.SearchStrategy[Fraction]:
    return st.integers(0, 10**digits).map(lambda value: Fraction(value, 10**places))


prices_of_one = _fraction(5, 4)
fees = _fraction(5, 2)
quantities = _fraction(5, 2)
exchange = st.integers(5_000, 20_000).map(lambda value: Fraction(value, 10_000))
thresholds = st.tuples(
    st.integers(100, 10**6).map(lambda minor: Fraction(minor, 100)), st.booleans()
)


@st.composite
def tiers(draw: st.DrawFn, *, flat_only: bool = False) -> tuple[naive.Tier, ...]:
    """Draw one to three tiers; the last one has no end."""
    bounds = sorted(draw(st.sets(st.integers(1, 2_000), max_size=2)))
    return tuple(
        naive.Tier(
            up_to=None if bound is None else Fraction(bound),
            unit=ZERO if flat_only else draw(prices_of_one),
            flat=draw(st.just(ZERO) | fees) if not flat_only else draw(fees),
        )
        for bound in (*bounds, None)
    )


@st.composite
def rates(draw: st.DrawFn, key: str, of: str, every: naive.Every | None) -> naive.Rate:
    """Draw a rate of a kind."""
    advance = of != "usage" and draw(st.booleans())
    if of == "once":
        flat = naive.Tier(up_to=None, unit=ZERO, flat=draw(fees))
        return naive.Rate(key=key, of=of, tiers=(flat,), advance=advance, every=every)
    model = draw(st.sampled_from(["unit", "graduated", "package", "volume", "stairstep"]))
    one = (naive.Tier(up_to=None, unit=draw(prices_of_one)),)
    drawn = draw(tiers(flat_only=model == "stairstep"))
    # Only of a package: terms that differ in nothing that counts are the same terms.
    sizes = st.sampled_from([1, 7, 100]) if model == "package" else st.just(1)
    return naive.Rate(
        key=key,
        of=of,
        model=model,
        tiers=one if model in {"unit", "package"} else drawn,
        size=Fraction(draw(sizes)),
        included=draw(st.just(ZERO) | quantities) if of == "usage" else ZERO,
        advance=advance,
        every=every,
    )


@st.composite
def bounds(draw: st.DrawFn) -> naive.Rate:
    """Draw a minimum, a maximum or both over several prices."""
    least = draw(st.none() | _fraction(6, 2))
    above = draw(_fraction(6, 2))
    most = (least or ZERO) + above if least is None or draw(st.booleans()) else None
    over = draw(st.sets(st.sampled_from(["once", "seats", "usage"])))
    return naive.Rate(key="bound", of="bound", over=tuple(sorted(over)), least=least, most=most)


@st.composite
def offers(draw: st.DrawFn, name: str, features: frozenset[str]) -> naive.Offer:
    """Draw a plan: a fee, seats and usage, each or not; what is taken beside has no seats."""
    extra = name == "extra"
    possible = ["once", "usage"] if extra else ["once", "seats", "usage"]
    kinds = sorted(draw(st.sets(st.sampled_from(possible), min_size=1)))
    own = st.none() | st.sampled_from(EVERY) if "own" in features and not extra else st.none()
    made = [draw(rates(f"extra/{of}" if extra else of, of, draw(own))) for of in kinds]
    if "bound" in features and not extra and draw(st.booleans()):
        made.append(draw(bounds()))
    return naive.Offer(
        name=name,
        rates=tuple(made),
        mode=draw(st.sampled_from(["day", "day", "second", "none"])),
        every=draw(st.sampled_from(EVERY)) if "every" in features and not extra else naive.MONTH,
    )


@st.composite
def gifts(draw: st.DrawFn, name: str, start: datetime, days: int) -> naive.Gift:
    """Draw a coupon: in percent or an amount; of one document, some, or all."""
    at = draw(st.just(start) | instants(start, days))
    percent = draw(st.none() | st.integers(1, 100).map(Fraction))
    kind = draw(st.sampled_from(["once", "some", "all"]))
    some = draw(st.integers(1, 4))
    return naive.Gift(
        name=name,
        at=at,
        until=draw(st.none() | st.integers(1, 200).map(lambda day: at + day * DAY)),
        percent=percent,
        amount=draw(_fraction(5, 2)) + Fraction(1, 100) if percent is None else ZERO,
        times={"once": 1 if percent is not None else None, "some": some}.get(kind),
        used_up=kind == "once" and percent is None,
        keys=tuple(sorted(draw(st.sets(st.sampled_from(["once", "seats", "usage"]))))),
        known=draw(st.integers(0, MONTHS)),
    )


@st.composite
def instants(draw: st.DrawFn, start: datetime, days: int) -> datetime:
    """Draw an instant behind a start: any minute, or a multiple of days."""
    whole = st.integers(1, days - 1).map(lambda day: day * 1_440)
    return start + timedelta(minutes=draw(st.integers(1, days * 1_440 - 1) | whole))


@st.composite
def change_instants(draw: st.DrawFn, start: datetime, days: int, ends: list[datetime]) -> datetime:
    """Draw when something changes: at any time, or, as phases do, where a period ends."""
    return draw(instants(start, days) | st.sampled_from(ends))


@st.composite
def years(draw: st.DrawFn) -> naive.Year:
    """Draw a year with what changed and was used in it, each known sooner or later."""
    features = frozenset(draw(st.sets(st.sampled_from(FEATURES), max_size=3)))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    first = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 60)))
    start = datetime(first.year, first.month, first.day, tzinfo=zone).astimezone(UTC)
    start += timedelta(minutes=draw(st.sampled_from([0, 0, 1, 600, 1_439])))
    plans = [draw(offers(name, features)) for name in ("a", "b")[: draw(st.integers(1, 2))]]
    days = 100 if any(one.every in WEEKS for one in plans) else 365
    extra = draw(offers("extra", features)) if "extras" in features else None
    known = st.integers(0, MONTHS)
    kinds = ["offer", "seats", "pause", "resume", *(["extras"] if extra else [])]
    calendar = draw(st.booleans())
    plain = naive.Year(zone=zone, start=start, calendar=calendar, offer=plans[0])
    ends = [boundary(plain, plans[0].every, number) for number in range(1, 7)]
    changes = [
        _change(
            kind,
            at=draw(change_instants(start, days, ends)),
            known=draw(known),
            plans=plans,
            draw=draw,
        )
        for kind in draw(st.lists(st.sampled_from(kinds), max_size=4))
    ]
    uses = [
        naive.Use(
            at=draw(instants(start, days)),
            quantity=draw(quantities),
            known=draw(known),
            corrected=draw(st.none() | st.tuples(known, quantities)),
        )
        for _ in range(draw(st.integers(0, 6)))
    ]
    return naive.Year(
        zone=zone,
        start=start,
        calendar=calendar,
        offer=plans[0],
        extra=extra,
        changes=tuple(sorted(changes, key=lambda one: one.at)),
        uses=tuple(uses),
        gifts=tuple(
            draw(gifts(name, start, days))
            for name in ("g", "h")[: draw(st.integers(1, 2)) if "gifts" in features else 0]
        ),
        voids=tuple(draw(st.lists(voids(), max_size=3))) if "voids" in features else (),
        trial_end=draw(st.none() | instants(start, days)),
        end=draw(st.none() | instants(start, days)),
        end_known=draw(known),
        tax=draw(st.none() | st.sampled_from([Fraction(19, 100), Fraction(77, 1_000)])),
        tax_inside=draw(st.booleans()),
        credits=tuple(draw(st.lists(credit_notes(), max_size=3))) if "credits" in features else (),
        runs=tuple(draw(st.lists(instants(start, days), max_size=3))),
        exchange=tuple(draw(st.lists(exchange, min_size=1, max_size=7)))
        if "exchange" in features
        else (),
        thresholds=tuple(draw(st.lists(thresholds, min_size=1, max_size=3)))
        if "thresholds" in features
        else (),
    )


@st.composite
def voids(draw: st.DrawFn) -> naive.Void:
    """Draw that an invoice is taken back after a run."""
    return naive.Void(
        run=draw(st.integers(0, MONTHS)), pick=draw(st.integers(0, 20)), anew=draw(st.booleans())
    )


@st.composite
def credit_notes(draw: st.DrawFn) -> naive.Credit:
    """Draw that a part of a line is given back after a run."""
    return naive.Credit(
        run=draw(st.integers(0, MONTHS)),
        pick=draw(st.integers(0, 20)),
        line=draw(st.integers(0, 5)),
        percent=draw(st.integers(1, 100)),
    )


def _change(
    kind: str, *, at: datetime, known: int, plans: list[naive.Offer], draw: st.DrawFn
) -> naive.Change:
    if kind == "offer":
        offer, restart = draw(st.sampled_from(plans)), draw(st.booleans())
        return naive.Change(at=at, known=known, offer=offer, restart=restart)
    if kind == "seats":
        return naive.Change(at=at, known=known, seats=draw(st.integers(0, 9)))
    if kind == "extras":
        return naive.Change(at=at, known=known, extras=draw(st.integers(0, 3)))
    return naive.Change(at=at, known=known, paused=kind == "pause")


def run_instants(year: naive.Year) -> list[datetime]:
    """Return when billing runs: as each period begins, and as each change takes effect."""
    periods = {one.every for one in offers_of(year) if one is not year.extra}
    days = 120 if periods & set(WEEKS) else 425
    last = year.start + days * DAY
    found = {year.start, *year.runs, *(one.at for one in year.changes)}
    found |= {at for at in (year.end, year.trial_end) if at is not None}
    for every in periods:
        number = 0
        while boundary(year, every, number) <= last:
            found.add(boundary(year, every, number))
            number += 1
    return sorted(at for at in found if year.start <= at <= last)
