"""Reading what concerns taxes: rules, registrations, and the taxpayer behind an account."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from tallystick.accounts import Account, TaxExemption, Taxpayer, tax_number_problem
from tallystick.catalog.fields import DAY, FLAG, KEY, TEXT, Fields, Kind, choose
from tallystick.catalog.legal_entity import TaxRegistration, TaxScheme
from tallystick.catalog.tax_rule import (
    BuyerKind,
    SupplyKind,
    TaxCategory,
    TaxRule,
    tax_rule_problems,
)
from tallystick.kernel import Misuse, Problem, check, parse_decimal

_COUNTRY_LENGTH = 2


def read_tax_rule(fields: Fields) -> TaxRule:
    """Read a tax rule; its category is S unless told otherwise."""
    valid_from, valid_until = _validity(fields)
    rule = TaxRule(
        key=fields.read("key", KEY),
        tax=fields.read_or("tax", TEXT, "VAT"),
        country=read_country_code(fields, "country"),
        region=fields.read_or("region", TEXT, ""),
        product=fields.read_or("product", KEY, ""),
        supply=SupplyKind(choose(fields, "supply", _words(SupplyKind), default="any")),
        buyer=BuyerKind(choose(fields, "buyer", _words(BuyerKind), default="any")),
        rate=fields.read("rate", PERCENT),
        category=TaxCategory(choose(fields, "category", _words(TaxCategory), default="S")),
        jurisdiction=read_country_code(fields, "jurisdiction"),
        reason=fields.read_or("reason", TEXT, ""),
        reason_code=fields.read_or("reason_code", TEXT, ""),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    if fields.sound:
        for problem in tax_rule_problems(rule):
            fields.note(problem.code, problem.message, problem.field)
    return rule


def note_overlap(fields: Fields, rule: TaxRule, others: Iterable[TaxRule]) -> None:
    """Note a problem where another rule for the same supply holds on a day of this one."""
    for other in others:
        if rule.overlaps(other):
            end = "" if other.valid_until is None else f" until {other.valid_until}"
            message = (
                f'rule "{other.key}" is for the same and holds from {other.valid_from}{end}; '
                'end it with "valid_until", or let this one begin then'
            )
            fields.note("wrong_value", message, "valid_from")
            return


def read_registrations(fields: Fields) -> tuple[TaxRegistration, ...]:
    """Read where a legal entity is registered; that needs a country where it is at home."""
    found = tuple(_registration(part) for part in fields.each("tax_registrations"))
    if found and not fields.has("country"):
        message = '"country" is missing: an entity that collects taxes is at home somewhere'
        fields.note("missing_field", message, "country")
    return found


def read_taxpayer(fields: Fields) -> Taxpayer:
    """Read what taxes ask of an account."""
    if not fields.has("tax"):
        return Taxpayer()
    inner = fields.inside("tax")
    taxpayer = _taxpayer(inner)
    inner.finish()
    return taxpayer


def note_tax_number(fields: Fields, account: Account) -> None:
    """
    Note a problem where a number is not well-formed for the account's country.

    Asked where a person declares it, not where it is read back: rules of numbers change.
    """
    number = account.tax.tax_id
    problem = tax_number_problem(number, account.country) if number else None
    if problem is not None:
        fields.note("wrong_value", f'"tax_id" {problem}', "tax.tax_id")


def taxpayer_from_document(document: Mapping[str, object]) -> Taxpayer:
    """
    Return what `taxpayer_document` wrote.

    Raises:
        InvariantBroken: it wrote something else.
    """
    problems: list[Problem] = []
    taxpayer = _taxpayer(Fields(document, path="tax", problems=problems))
    check(not problems, f"a stored taxpayer cannot be read: {problems[:1]}")
    return taxpayer


def _taxpayer(fields: Fields) -> Taxpayer:
    return Taxpayer(
        region=fields.read_or("region", TEXT, ""),
        business=fields.read_or("business", FLAG, default=False),
        tax_id=fields.read_or("tax_id", TEXT, ""),
        exemptions=tuple(_exemption(part) for part in fields.each("exemptions")),
    )


def read_country_code(fields: Fields, name: str) -> str:
    """Read an ISO 3166-1 alpha-2 code, empty if absent."""
    country = fields.read_or(name, TEXT, "")
    if country and not (
        len(country) == _COUNTRY_LENGTH and country.isascii() and country.isupper()
    ):
        fields.note("wrong_value", f'"{name}" must be two capital letters such as DE', name)
    return country


def _registration(fields: Fields) -> TaxRegistration:
    valid_from, valid_until = _validity(fields)
    registration = TaxRegistration(
        country=fields.read("country", TEXT) and read_country_code(fields, "country"),
        region=fields.read_or("region", TEXT, ""),
        tax_id=fields.read("tax_id", TEXT),
        scheme=TaxScheme(choose(fields, "scheme", _words(TaxScheme), default="local")),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    fields.finish()
    return registration


def _exemption(fields: Fields) -> TaxExemption:
    valid_from, valid_until = _validity(fields)
    exemption = TaxExemption(
        country=fields.read("country", TEXT) and read_country_code(fields, "country"),
        region=fields.read_or("region", TEXT, ""),
        tax=fields.read_or("tax", TEXT, ""),
        reason=fields.read("reason", TEXT),
        reason_code=fields.read_or("reason_code", TEXT, ""),
        certificate=fields.read_or("certificate", TEXT, ""),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    fields.finish()
    return exemption


def _validity(fields: Fields) -> tuple[date, date | None]:
    """Read from which day something holds, and before which it ends."""
    first, end = fields.read("valid_from", DAY), fields.read_or("valid_until", DAY, None)
    if end is not None and end <= first:
        fields.note("wrong_value", '"valid_until" must lie after "valid_from"', "valid_until")
    return first, end


def _percent(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        return parse_decimal(str(value))
    except Misuse:
        return None


def _words(of: type[SupplyKind | BuyerKind | TaxCategory | TaxScheme]) -> tuple[str, ...]:
    return tuple(word.value for word in of)


PERCENT = Kind(convert=_percent, expected='percent such as "19"', stand_in=Decimal(0))
