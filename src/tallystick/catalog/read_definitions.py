"""
Reading what is sold: legal entities, meters, price books, plans.

Meters and prices are read by the packages that own them; here they get their currency, their
references are checked, and their problems get a full path.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from tallystick.catalog.amounts import check_spend, read_thresholds
from tallystick.catalog.contacts import (
    read_bank_account,
    read_branding,
    read_contact,
    read_issue_rules,
)
from tallystick.catalog.contract.price_needs import unbillable_interval, unmet_need
from tallystick.catalog.contract.rate_rules import read_rate_rule
from tallystick.catalog.documents import joined, path_steps
from tallystick.catalog.features import Featured, read_entitlements
from tallystick.catalog.fields import (
    CURRENCY,
    DAYS,
    FLAG,
    INSTANT,
    KEY,
    TEXT,
    WHOLE,
    ZONE,
    Fields,
    choose,
    read_interval,
    shown,
    suggestion,
    verify,
)
from tallystick.catalog.legal_entity import (
    OWN_RATES,
    PUBLISHED_RATES,
    LegalEntity,
    UnconfirmedTaxId,
)
from tallystick.catalog.plan import (
    Alignment,
    BookReference,
    PlanVersion,
    PriceBook,
    Proration,
)
from tallystick.catalog.read_tax import read_country_code, read_registrations
from tallystick.catalog.series import PriceSeries, check_followed
from tallystick.kernel import (
    Interval,
    IntervalUnit,
    MeterKey,
    Misuse,
    Outcome,
    PlanKey,
    Problem,
    Refused,
    conversion,
    currency,
    is_key,
    time_zone,
    unit,
)
from tallystick.metering import (
    Meter,
    meter_from_document,
)
from tallystick.pricing import Need, Price, price_from_document

T = TypeVar("T")

# A price book that names no instant has always been there.
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
# Prices are read in it where their own currency is a mistake, which is said once.
_STAND_IN = "USD"
_FORM_FIELDS_MAX = 10_000
# Messages of other packages that go on from the name of the field.
_VERBS = frozenset({"is", "must", "names", "has", "takes", "needs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    """
    What a plan may refer to: stored already, or read before it.

    ``meter_keys``, ``series_keys`` and ``book_keys`` also name what was declared with a mistake, so
    that what refers to it is not called wrong too. ``books_ahead`` are those not in force yet.
    """

    books_ahead: frozenset[tuple[str, int]] = frozenset()
    units: frozenset[str] = frozenset()
    meters: Mapping[MeterKey, Meter] = field(default_factory=dict)
    meter_keys: frozenset[str] = frozenset()
    price_series: Mapping[str, PriceSeries] = field(default_factory=dict)
    series_keys: frozenset[str] = frozenset()
    price_books: Mapping[tuple[str, int], PriceBook] = field(default_factory=dict)
    book_keys: frozenset[tuple[str, int]] = frozenset()
    plan_versions: Mapping[tuple[PlanKey, int], PlanVersion] = field(default_factory=dict)
    product_keys: frozenset[str] = frozenset()
    featured: Featured = field(default_factory=Featured)


def read_legal_entity(fields: Fields) -> LegalEntity:
    """Read a legal entity; its series prefix is its key in capitals unless told otherwise."""
    key = fields.read("key", KEY)
    entity = LegalEntity(
        key=key,
        name=fields.read("name", TEXT),
        address=fields.read_or("address", TEXT, ""),
        country=read_country_code(fields, "country"),
        tax_id=fields.read_or("tax_id", TEXT, ""),
        registration=fields.read_or("registration", TEXT, ""),
        contact=read_contact(fields),
        bank_account=read_bank_account(fields),
        branding=read_branding(fields),
        zone=fields.read("zone", ZONE),
        currency=fields.read("currency", CURRENCY),
        series_prefix=fields.read_or("series_prefix", KEY, key.upper()),
        tax_registrations=read_registrations(fields),
        unconfirmed_tax_ids=UnconfirmedTaxId(
            choose(fields, "unconfirmed_tax_ids", ("charge", "accept"), default="charge")
        ),
        tax_engine=fields.read_or("tax_engine", FLAG, default=False),
        issuing=read_issue_rules(fields),
        exchange_rates=read_rate_rule(fields, "exchange_rates", default=PUBLISHED_RATES),
        conversion_prices=read_rate_rule(fields, "conversion_prices", default=OWN_RATES),
    )
    verify(fields, "zone", time_zone)
    verify(fields, "currency", currency)
    return entity


def read_meter(fields: Fields, known: Definitions) -> Meter | None:
    """Read a meter; its unit may be one that the catalog declares."""
    outcome = meter_from_document(fields.all(), declared=known.units, meters=known.meters)
    return below(fields, "", outcome)


def read_price_book(fields: Fields, known: Definitions) -> PriceBook:
    """Read a version of a price book."""
    code = _currency(fields)
    return PriceBook(
        key=fields.read("key", KEY),
        version=fields.read_or("version", WHOLE, 1),
        currency=code,
        effective_at=fields.read_or("effective_at", INSTANT, ALWAYS),
        prices=_prices(fields, code, known),
    )


def read_plan(fields: Fields, known: Definitions) -> PlanVersion:
    """Read a plan version; the prices of its price book come before its own."""
    key, version = PlanKey(fields.read("key", KEY)), fields.read("version", WHOLE)
    code = _currency(fields)
    interval = read_interval(fields, "interval")
    own = _prices(fields, code, known)
    book = _price_book(fields, (key, version), known)
    _check_prices(fields, own, book, code)
    check_spend(fields, own, (*(book.prices if book else ()), *own))
    return PlanVersion(
        plan=key,
        version=version,
        name=fields.read("name", TEXT),
        currency=code,
        interval=interval,
        alignment=Alignment(choose(fields, "alignment", _words(Alignment), default="calendar")),
        prices=(*(book.prices if book else ()), *own),
        proration=_proration(fields, interval),
        price_book=BookReference(
            key=book.key, version=book.version, prices=tuple(price.key for price in book.prices)
        )
        if book
        else None,
        prices_include_tax=fields.read_or("prices_include_tax", FLAG, default=False),
        add_on=fields.read_or("add_on", FLAG, default=False),
        adds_to=_adds_to(fields),
        at_period_end=fields.read_or("at_period_end", FLAG, default=False),
        thresholds=read_thresholds(fields),
        product=_product(fields, known),
        entitlements=read_entitlements(fields, known.featured),
        payment_days=fields.read_or("payment_days", DAYS, None),
        policy_form=_policy_form(fields),
    )


def below(fields: Fields, path: str, outcome: Outcome[T]) -> T | None:
    """
    Give the value that another package read, or note its problems below a path.

    Of several problems with one field the first is the cause.  Where the model of a price is not
    known, neither are its fields.
    """
    if not isinstance(outcome, Refused):
        return outcome.value
    skipped = {"unknown_field"} if _has(outcome, "unknown_model") else set()
    said: set[str] = set()
    for problem in outcome.problems:
        if problem.code not in skipped and problem.field not in said:
            said.add(problem.field)
            fields.note(problem.code, _named(problem), joined(path, problem.field))
    return None


def _has(refused: Refused, code: str) -> bool:
    return any(problem.code == code for problem in refused.problems)


def _named(problem: Problem) -> str:
    """Begin a message with the field's name, where the message itself does not say it."""
    name = path_steps(problem.field)[-1] if problem.field else ""
    if not name or name.isdecimal() or f'"{name}"' in problem.message:
        return problem.message
    first, _, rest = problem.message.partition(" ")
    if first == name and rest.split(" ", 1)[0] in _VERBS:
        return f'"{name}" {rest}'
    return f'"{name}"{" " if first in _VERBS else ": "}{problem.message}'


def _currency(fields: Fields) -> str:
    code = fields.read("currency", CURRENCY)
    return code if verify(fields, "currency", currency) else _STAND_IN


def _prices(fields: Fields, code: str, known: Definitions) -> tuple[Price, ...]:
    prices: dict[str, Price] = {}
    for index, body in enumerate(fields.items("prices")):
        path = f"prices[{index}]"
        if not isinstance(body, Mapping):
            fields.note("wrong_type", f"must be a mapping, not {shown(body)}", path)
            continue
        price = below(
            fields, path, price_from_document(body, currency=code, declared_units=known.units)
        )
        if price is None:
            continue
        if price.currency != code and price.currency_exponent is None:
            message = (
                f'"currency" must be {code} as around it, left out, or a custom unit with '
                '"currency_exponent"'
            )
            fields.note("wrong_value", message, f"{path}.currency")
        if price.key in prices:
            message = f'price "{price.key}" stands here twice'
            fields.note("duplicate_key", message, f"{path}.key")
        _check_meter(fields, path, price, known)
        check_followed(fields, path, price, series=known.price_series, keys=known.series_keys)
        if hourly := unbillable_interval(price):
            fields.note("wrong_value", hourly, f"{path}.interval")
        prices[price.key] = price
    return tuple(prices.values())


def _check_meter(fields: Fields, path: str, price: Price, known: Definitions) -> None:
    """Check that the meter exists, that its unit converts, and that it has the dimensions."""
    if price.meter is None:
        return
    meter = known.meters.get(price.meter)
    if meter is None:
        if price.meter not in known.meter_keys:
            message = f'unknown meter "{price.meter}"{suggestion(price.meter, known.meter_keys)}'
            fields.note("unknown_reference", message, f"{path}.meter")
        return
    dimensions = {"subject", *(dimension.name for dimension in meter.dimensions)}
    for index, name in enumerate(price.group_by):
        if name not in dimensions:
            message = f'meter "{meter.key}" has no dimension "{name}"{suggestion(name, dimensions)}'
            fields.note("unknown_reference", message, f"{path}.group_by[{index}]")
    if unmet := unmet_need(price, meter):
        fields.note("wrong_value", f'"meter": {unmet}', f"{path}.meter")
    if price.unit is None:
        return
    # A prorated price is of the level itself, not of the level over time.
    counted = meter.unit if price.need is Need.CHANGES else meter.quantity_unit
    try:
        wanted = unit(price.unit, known.units)
        conversion(unit(counted, known.units), wanted)
    except Misuse as refusal:
        message = f'"unit": {refusal} (meter "{meter.key}" counts {counted})'
        fields.note("wrong_value", message, f"{path}.unit")


def _price_book(
    fields: Fields, plan_version: tuple[PlanKey, int], known: Definitions
) -> PriceBook | None:
    """Find the price book that a plan names: the version asked, kept, or the newest in force."""
    key = fields.read_or("price_book", KEY, "")
    asked = fields.read_or("price_book_version", WHOLE, 0)
    if not key:
        if asked:
            fields.note("missing_field", '"price_book" is missing; write its key', "price_book")
        return None
    versions = {number for name, number in known.book_keys if name == key}
    if not versions:
        names = {name for name, _ in known.book_keys}
        message = f'unknown price book "{key}"{suggestion(key, names)}'
        fields.note("unknown_reference", message, "price_book")
        return None
    stored = known.plan_versions.get(plan_version)
    if not asked and stored and stored.price_book and stored.price_book.key == key:
        asked = stored.price_book.version
    if asked and asked not in versions:
        held = ", ".join(str(number) for number in sorted(versions))
        message = f'price book "{key}" has no version {asked}; known are {held}'
        fields.note("unknown_reference", message, "price_book_version")
        return None
    in_force = versions - {number for name, number in known.books_ahead if name == key}
    if not asked and not in_force:
        message = f'price book "{key}" begins later; name a version'
        fields.note("not_in_force", message, "price_book")
        return None
    return known.price_books.get((key, asked or max(in_force)))


def _check_prices(
    fields: Fields, own: tuple[Price, ...], book: PriceBook | None, code: str
) -> None:
    if book and book.currency != code:
        message = f'price book "{book.key}" is in {book.currency}, the plan in {code}'
        fields.note("wrong_value", message, "price_book")
    taken = {price.key for price in book.prices} if book else set()
    for index, price in enumerate(own):
        if price.key in taken:
            message = f'price "{price.key}" comes from the price book already; choose another key'
            fields.note("duplicate_key", message, f"prices[{index}].key")
    if not own and not book and not fields.raw("prices") and not fields.raw("price_book"):
        fields.note("missing_field", '"prices" is missing; write at least one price', "prices")


def _policy_form(fields: Fields) -> tuple[tuple[str, str], ...]:
    """Read ``policy_form`` of a plan: texts such as ``billing.base_price=299.00``."""
    found: list[tuple[str, str]] = []
    for index, item in enumerate(fields.items("policy_form")):
        path, equals, text = item.partition("=") if isinstance(item, str) else ("", "", "")
        if equals and path and len(found) < _FORM_FIELDS_MAX:
            found.append((path, text))
        else:
            message = f'must be such as "billing.base_price=299.00", {_FORM_FIELDS_MAX} at most'
            fields.note("wrong_value", message, f"policy_form[{index}]")
    return tuple(found)


def _product(fields: Fields, known: Definitions) -> str:
    key = fields.read_or("product", KEY, "")
    if key and key not in known.product_keys:
        message = f'unknown product "{key}"{suggestion(key, known.product_keys)}'
        fields.note("unknown_reference", message, "product")
    return key


def _adds_to(fields: Fields) -> tuple[PlanKey, ...]:
    """Read beside which plans an add-on may be taken; others than add-ons say nothing of it."""
    found = [PlanKey(str(each)) for each in fields.items("adds_to")]
    if found and not fields.raw("add_on"):
        message = '"adds_to" is said of an add-on; write add_on: true, or leave it out'
        fields.note("wrong_value", message, "adds_to")
    for index, each in enumerate(found):
        if not is_key(each):
            fields.note("wrong_value", f'"{each}" is not the key of a plan', f"adds_to[{index}]")
    return tuple(found)


def _proration(fields: Fields, interval: Interval) -> Proration:
    """Read the mode; hours have no days to count, so they are prorated by the second."""
    hourly = interval.of is IntervalUnit.HOUR
    default = Proration.SECOND if hourly else Proration.DAY
    mode = Proration(choose(fields, "proration", _words(Proration), default=default.value))
    if hourly and mode is Proration.DAY:
        message = '"proration" of an hourly plan must be second or none: an hour has no days'
        fields.note("wrong_value", message, "proration")
    return mode


def _words(of: type[Alignment | Proration]) -> tuple[str, ...]:
    return tuple(word.value for word in of)
