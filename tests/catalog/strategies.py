"""Whole catalogs that properties are tried with; every reference in them holds."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tallystick.accounts import (
    Account,
    Consolidation,
    Contact,
    LeastInvoice,
    PayerChange,
    PostalAddress,
    Resource,
    TaxExemption,
    Taxpayer,
    Transfer,
    ZoneChange,
)
from tallystick.catalog import (
    LANGUAGES,
    NO_GRACE,
    Alignment,
    BankAccount,
    BookReference,
    Branding,
    BuyerKind,
    Catalog,
    Coupon,
    CouponDuration,
    CouponGrant,
    DocumentDate,
    DocumentForm,
    Entitlement,
    Feature,
    FeatureKind,
    Grace,
    IssueRules,
    LegalEntity,
    Overage,
    OverageAction,
    PlanVersion,
    PriceBook,
    PriceFact,
    PriceSeries,
    Product,
    Proration,
    Protection,
    RateUnit,
    Subscription,
    SupplyKind,
    TaxCategory,
    TaxRegistration,
    TaxRule,
    TaxScheme,
    Threshold,
    Throttle,
    UnconfirmedTaxId,
    Unreachable,
    Window,
)
from tallystick.currency import RateRule
from tallystick.kernel import (
    AccountKey,
    Interval,
    IntervalUnit,
    MeterKey,
    PlanKey,
    PriceKey,
    ResourceKey,
    SubscriptionKey,
    instant,
)
from tallystick.metering import Aggregation, Dimension, Meter
from tallystick.pricing import Cadence, FlatPrice, PackagePrice, Price, UnitPrice
from tests.catalog.alert_strategies import alert_rules
from tests.strategies import decimals, graduated_prices, intervals, unit_prices, zones

NEW_YEAR = instant("2026-01-01T00:00:00Z")
LARGEST = Decimal(10**20 - 1)
METERS = (
    Meter(
        key=MeterKey("cpu"),
        event_type="host.cpu",
        aggregation=Aggregation.COUNTER,
        value="cpu.seconds",
        unit="second",
        dimensions=(Dimension(name="region", path="region"),),
        epoch="boot",
    ),
    Meter(
        key=MeterKey("builds"),
        event_type="ci.build",
        aggregation=Aggregation.COUNT,
        value=None,
        unit="build",
    ),
)
names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
texts = st.just("") | names
contacts = st.builds(
    Contact,
    address=st.none()
    | st.builds(
        PostalAddress, street=texts, extra=texts, city=names, postal_code=texts, subdivision=texts
    ),
    email=st.sampled_from(["", "billing@example.com"]),
    language=st.sampled_from(["", *LANGUAGES]),
    reference=texts,
)
bank_accounts = st.none() | st.builds(
    BankAccount,
    iban=st.sampled_from(["DE89370400440532013000", "NO9386011117947"]),
    bic=st.sampled_from(["", "COBADEFFXXX"]),
    holder=texts,
)
brandings = st.builds(
    Branding,
    colour=st.sampled_from(["", "#0a5f6c"]),
    footer=texts,
    logo=st.sampled_from(["", "main/logo.svg"]),
    template=st.sampled_from(["", "main/invoice.typ"]),
)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
exemptions = st.builds(
    TaxExemption,
    country=st.sampled_from(["DE", "CA"]),
    region=st.sampled_from(["", "QC"]),
    tax=st.sampled_from(["", "GST"]),
    reason=names,
    certificate=texts,
    valid_from=days,
    valid_until=st.none(),
)
taxpayers = st.builds(
    Taxpayer,
    region=st.sampled_from(["", "BY"]),
    business=st.booleans(),
    tax_id=st.sampled_from(["", "DE 136 695 976"]),
    exemptions=st.lists(exemptions, max_size=2).map(tuple),
)
registrations = st.builds(
    TaxRegistration,
    country=st.sampled_from(["DE", "FR"]),
    region=st.sampled_from(["", "X"]),
    tax_id=names,
    scheme=st.sampled_from(TaxScheme),
    valid_from=days,
    valid_until=st.none(),
)
rate_rules = st.builds(
    RateRule,
    source=st.sampled_from(["ecb", "own"]),
    age_days_max=st.integers(0, 40),
    digits=st.integers(6, 38),
)
moments = st.integers(-(10**15), 10**15).map(lambda us: NEW_YEAR + timedelta(microseconds=us))

least_invoices = st.builds(
    LeastInvoice,
    amount=st.decimals(0, 100, places=2),
    periods_max=st.integers(1, 12),
)


@st.composite
def prices(draw: st.DrawFn, key: str, code: str) -> Price:
    """A flat fee, or a price of one of the meters in a unit that fits it."""
    if draw(st.booleans()):
        cadences: list[Cadence] = ["advance", "arrears"]
        cadence = draw(st.sampled_from(cadences))
        model = FlatPrice(amount=draw(unit_prices()))
        return Price(key=PriceKey(key), model=model, currency=code, cadence=cadence)
    meter = draw(st.sampled_from(METERS))
    units = ["second", "hour"] if meter.unit == "second" else ["build"]
    packages = st.builds(
        lambda size, price: PackagePrice(package_size=size, package_price=price),
        decimals("0.001", "1000"),
        unit_prices(),
    )
    units_priced = unit_prices().map(lambda price: UnitPrice(unit_price=price))
    price = Price(
        key=PriceKey(key),
        model=draw(st.one_of(packages, units_priced, graduated_prices())),
        meter=meter.key,
        unit=draw(st.sampled_from([None, *units])),
        currency=code,
        allowance=draw(st.sampled_from([Decimal(0), Decimal("1.5")])),
        tax_category=draw(st.sampled_from(["", "books"])),
        group_by=draw(st.sampled_from([(), ("subject",)])),
    )
    stated = [replace(price, currency=other) for other in ("CHF", "GBP")[: draw(st.integers(0, 2))]]
    return replace(price, stated=tuple(stated))


@st.composite
def price_books(draw: st.DrawFn) -> dict[tuple[str, int], PriceBook]:
    """Up to two versions of one price book."""
    code = draw(st.sampled_from(["EUR", "JPY"]))
    return {
        ("list", version): PriceBook(
            key="list",
            version=version,
            currency=code,
            effective_at=draw(moments),
            prices=(draw(prices("shared", code)),),
        )
        for version in range(1, draw(st.integers(1, 3)))
    }


def protections() -> st.SearchStrategy[Protection | None]:
    """What may be done against abuse, or nothing."""
    throttles = st.builds(
        Throttle, limit=decimals(smallest="0.001"), per=st.sampled_from(RateUnit), burst=st.none()
    )
    minutes = st.integers(1, 10_080)
    return st.none() | st.builds(Protection, throttle=st.none() | throttles, minutes=minutes)


@st.composite
def features(draw: st.DrawFn) -> tuple[Feature, ...]:
    """One feature of several kinds each."""
    window = draw(
        st.sampled_from([Window(), Window(rolling=timedelta(hours=1))])
        | intervals().map(lambda each: Window(every=each))
    )
    return (
        Feature(
            key="calls",
            kind=FeatureKind.METERED,
            meter=METERS[0].key,
            window=window,
            name="Calls",
            anomalies=draw(protections()),
        ),
        Feature(key="sso", kind=FeatureKind.SWITCH, product=draw(st.sampled_from(["", "suite"]))),
        Feature(key="support", kind=FeatureKind.VALUE, name=draw(texts)),
        Feature(
            key="rate",
            kind=FeatureKind.RATE,
            per=draw(st.sampled_from(RateUnit)),
            unit="call",
            if_unreachable=draw(st.sampled_from(Unreachable)),
        ),
    )


@st.composite
def overages(draw: st.DrawFn, limit: Decimal | None, plan: str) -> Overage | None:
    """Something that may become of use beyond a limit of a metered feature."""
    if limit is None or draw(st.booleans()):
        return None
    positive = decimals(smallest="0.001")
    action = draw(st.sampled_from(OverageAction))
    refuses = action not in {OverageAction.CHARGE, OverageAction.NOTIFY}
    offer = draw(st.booleans())
    upgrades = action is OverageAction.AUTO_UPGRADE
    graces = st.builds(Grace, days=st.integers(1, 365), percent=st.none() | positive)
    slow = st.builds(
        Throttle, limit=positive, per=st.sampled_from(RateUnit), burst=st.none() | positive
    )
    return Overage(
        action=action,
        operation=draw(st.sampled_from(["", "uploads"])) if action is OverageAction.BLOCK else "",
        throttle=draw(slow) if action is OverageAction.THROTTLE else None,
        grace=draw(st.just(NO_GRACE) | graces) if refuses else NO_GRACE,
        hard_limit=draw(st.sampled_from([None, limit, min(limit + 1, LARGEST)])),
        notify=draw(st.booleans()),
        offer=offer,
        upgrade_to=plan if upgrades or (offer and draw(st.booleans())) else "",
    )


@st.composite
def entitlements(draw: st.DrawFn, plan: str) -> tuple[Entitlement, ...]:
    """What is granted of some of the features; who passes a limit may upgrade to a plan."""
    limit = draw(st.none() | decimals(smallest="0"))
    granted = (
        Entitlement(
            feature="calls",
            limit=limit,
            adds=limit is not None and draw(st.booleans()),
            overage=draw(overages(limit, plan)),
        ),
        Entitlement(
            feature="rate", limit=Decimal(300), burst=draw(st.sampled_from([None, Decimal(60)]))
        ),
        Entitlement(feature="sso", enabled=draw(st.booleans())),
        Entitlement(feature="support", value=draw(names)),
    )
    return tuple(one for one in granted if draw(st.booleans()))


@st.composite
def plan_versions(draw: st.DrawFn, books: dict[tuple[str, int], PriceBook]) -> PlanVersion:
    """A plan version, with or without a price book."""
    book = draw(st.sampled_from([None, *books.values()]))
    code = book.currency if book else draw(st.sampled_from(["EUR", "USD"]))
    key = PlanKey(draw(st.sampled_from(["pro", "free"])))
    interval = draw(intervals())
    modes = [Proration.SECOND, Proration.NONE]
    if interval.of is not IntervalUnit.HOUR:
        modes.append(Proration.DAY)
    own = tuple(draw(prices(one, code)) for one in ("base", "more")[: draw(st.integers(1, 2))])
    return PlanVersion(
        plan=key,
        version=draw(st.integers(1, 3)),
        name=draw(names),
        currency=code,
        interval=Interval(count=interval.count, of=interval.of),
        alignment=draw(st.sampled_from(Alignment)),
        prices=(*book.prices, *own) if book else own,
        proration=draw(st.sampled_from(modes)),
        price_book=BookReference(
            key=book.key, version=book.version, prices=tuple(price.key for price in book.prices)
        )
        if book
        else None,
        payment_days=draw(st.none() | st.integers(0, 365)),
        thresholds=draw(
            st.sampled_from(
                [
                    (),
                    (
                        Threshold(amount=Decimal("0.5")),
                        Threshold(amount=Decimal(100), recurring=True),
                    ),
                ]
            )
        ),
        prices_include_tax=draw(st.booleans()),
        product=draw(st.sampled_from(["", "suite"])),
        entitlements=draw(entitlements(key)),
    )


@st.composite
def accounts(draw: st.DrawFn, key: str, above: list[str], code: str) -> Account:
    """An account below one of those before it, or a root that pays."""
    parent = draw(st.sampled_from([None, *above]))
    moves = sorted(draw(st.sets(moments, max_size=2)))
    return Account(
        key=AccountKey(key),
        name=draw(names),
        parent=None if parent is None else AccountKey(parent),
        zone=draw(zones()),
        currency=code,
        invoiced=parent is None or draw(st.booleans()),
        country="DE",
        contact=draw(contacts),
        tax=draw(taxpayers),
        payment_days=draw(st.none() | st.integers(0, 365)),
        consolidated=tuple(
            Consolidation(start=at) for at in sorted(draw(st.sets(moments, max_size=1)))
        ),
        least_invoice=draw(st.none() | least_invoices),
        zone_changes=tuple(ZoneChange(zone=draw(zones()), at=at) for at in moves),
        payer_changes=tuple(
            PayerChange(at=at, parent=below, invoiced=below is None or draw(st.booleans()))
            for at in sorted(draw(st.lists(moments, max_size=2)))
            for below in [draw(st.sampled_from([None, *map(AccountKey, above)]))]
        ),
    )


@st.composite
def tax_rules(draw: st.DrawFn) -> dict[str, TaxRule]:
    """Rules that follow each other, one for a product, and one that charges nothing."""
    first, end = sorted(draw(st.sets(days, min_size=2, max_size=2)))
    old = TaxRule(key="old", country="DE", rate=Decimal(16), valid_from=first, valid_until=end)
    new = replace(old, key="new", rate=Decimal("25.5"), valid_from=end, valid_until=None)
    abroad = TaxRule(
        key="abroad",
        tax=draw(st.sampled_from(["VAT", "GST"])),
        supply=SupplyKind.CROSS_BORDER,
        buyer=draw(st.sampled_from(BuyerKind)),
        rate=Decimal(0),
        category=draw(st.sampled_from([TaxCategory.OUTSIDE_SCOPE, TaxCategory.REVERSE_CHARGE])),
        reason=draw(names),
        reason_code=draw(texts),
        valid_from=first,
    )
    books = replace(new, key="books", region="BY", product="books", jurisdiction="FR")
    return {rule.key: rule for rule in (old, new, abroad, books)}


@st.composite
def coupons(draw: st.DrawFn) -> dict[str, Coupon]:
    """A percentage with limits, and an amount."""
    share = Coupon(
        key="share",
        name=draw(texts),
        percent=Decimal("12.5"),
        duration=CouponDuration.REPEATING,
        periods=draw(st.integers(1, 12)),
        plans=(PlanKey("pro"),),
        prices=(PriceKey("base"), PriceKey("cpu")),
        meters=(METERS[0].key,),
        expires_at=draw(st.none() | moments),
    )
    amount = Coupon(
        key="amount",
        amount=Decimal("10.50"),
        currency="EUR",
        duration=draw(st.sampled_from([CouponDuration.ONCE, CouponDuration.FOREVER])),
    )
    return {one.key: one for one in (share, amount)}


@st.composite
def coupon_grants(draw: st.DrawFn, subscribed: list[str]) -> dict[str, CouponGrant]:
    """What is given to an account, and to each contract."""
    at = draw(moments)
    until = draw(st.sampled_from([None, at + timedelta(days=30)]))
    to_account = CouponGrant(key="g", coupon="share", account=AccountKey("a"), at=at, until=until)
    given = [
        CouponGrant(key=f"g-{key}", coupon="amount", subscription=SubscriptionKey(key), at=at)
        for key in subscribed
    ]
    return {one.key: one for one in (to_account, *given)}


@st.composite
def resources(draw: st.DrawFn, key: str, owners: list[str]) -> Resource:
    """A resource with a life and up to two transfers in it."""
    at = sorted(draw(st.sets(moments, min_size=2, max_size=4)))
    return Resource(
        key=ResourceKey(key),
        account=AccountKey(draw(st.sampled_from(owners))),
        kind=draw(st.sampled_from(["", "vm"])),
        started_at=draw(st.sampled_from([None, at[0]])),
        ended_at=draw(st.sampled_from([None, at[-1]])),
        attributes=draw(st.dictionaries(names, names, max_size=2)),
        transfers=tuple(
            Transfer(account=AccountKey(draw(st.sampled_from(owners))), at=instant_)
            for instant_ in at[1:-1]
        ),
    )


@st.composite
def subscriptions(draw: st.DrawFn, key: str, plan: PlanVersion, owners: list[str]) -> Subscription:
    """A subscription to a plan that its payer can pay."""
    start = draw(moments)
    length = draw(st.none() | st.integers(0, 10**15))
    return Subscription(
        key=SubscriptionKey(key),
        account=AccountKey(draw(st.sampled_from(owners))),
        plan=plan.plan,
        version=plan.version,
        legal_entity="main",
        start=start,
        end=None if length is None else start + timedelta(microseconds=length),
        anchor=start.date() + timedelta(days=draw(st.integers(-400, 400))),
        currency=draw(st.sampled_from([None, "EUR", "JPY"])),
        entitlements=draw(entitlements(plan.plan)),
    )


@st.composite
def price_series(draw: st.DrawFn) -> dict[str, PriceSeries]:
    """A series with prices in order of time, and corrections of some behind them."""
    instants = sorted(draw(st.sets(moments, max_size=4)))
    amounts = st.sampled_from([Decimal("0.031"), Decimal(0), Decimal("12.5")])
    facts = [PriceFact(at=at, unit_price=draw(amounts)) for at in instants]
    facts += [
        PriceFact(at=at, unit_price=draw(amounts), corrects=f"told anew {number}")
        for number, at in enumerate(
            draw(st.lists(st.sampled_from(instants), max_size=2)) if instants else []
        )
    ]
    series = PriceSeries(
        key="spot", name=draw(texts), currency="EUR", unit="vm.hour", facts=tuple(facts)
    )
    return {series.key: series} if draw(st.booleans()) else {}


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """A catalog in which all that is named is there."""
    books = draw(price_books())
    plan = draw(plan_versions(books))
    keys = ["a", "b", "c"][: draw(st.integers(1, 3))]
    entity = LegalEntity(
        key="main",
        name=draw(names),
        address=draw(names),
        country="DE",
        tax_registrations=draw(st.lists(registrations, max_size=2).map(tuple)),
        tax_engine=draw(st.booleans()),
        unconfirmed_tax_ids=draw(st.sampled_from(UnconfirmedTaxId)),
        issuing=IssueRules(
            grace_days=draw(st.integers(0, 90)),
            dated=draw(st.sampled_from(DocumentDate)),
            hold=draw(st.booleans()),
            forms=draw(st.lists(st.sampled_from(DocumentForm), unique=True).map(tuple)),
            least_invoice=draw(st.none() | least_invoices),
        ),
        registration=draw(texts),
        contact=draw(contacts),
        bank_account=draw(bank_accounts),
        branding=draw(brandings),
        zone=draw(zones()),
        currency="EUR",
        series_prefix="INV",
        exchange_rates=draw(rate_rules),
        conversion_prices=draw(rate_rules),
    )
    declared = [
        draw(accounts(key, keys[:number], plan.currency)) for number, key in enumerate(keys)
    ]
    owned = [draw(resources(key, keys)) for key in ["r", "s"][: draw(st.integers(0, 2))]]
    subscribed = [draw(subscriptions("x", plan, keys))] if draw(st.booleans()) else []
    return Catalog(
        units=frozenset({"build"}),
        tax_rules=draw(tax_rules()),
        legal_entities={"main": entity},
        meters={meter.key: meter for meter in METERS},
        products={"suite": Product(key="suite", name=draw(texts))},
        features={each.key: each for each in draw(features())},
        price_series=draw(price_series()),
        price_books=books,
        plan_versions={(plan.plan, plan.version): plan},
        coupons=draw(coupons()),
        coupon_grants=draw(coupon_grants([each.key for each in subscribed])),
        alert_rules=draw(alert_rules(plan.plan)),
        accounts={account.key: account for account in declared},
        resources={resource.key: resource for resource in owned},
        subscriptions={each.key: each for each in subscribed},
    )
