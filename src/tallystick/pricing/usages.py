"""
Usage as a document, for trying a price without any engine.

    quantity: "12.5"                          what most models need
    count: 4                                  transactions of a percentage, if their sum is known
    transactions: ["50", "100", "250"]        each one's amount; the quantity is their sum
    parts: {peak: "4", otherwise: "2"}        by band or by instant; the quantity is their sum
    group: {region: eu}                       values of the dimensions
    start: "100"                              what filled the tiers before
"""

from collections.abc import Mapping
from decimal import Decimal

import msgspec

from tallystick.kernel import Done, Misuse, Outcome, Problem, Refused, parse_decimal, refuse
from tallystick.metering import exact_sum
from tallystick.pricing.detail import Detail, Part
from tallystick.pricing.parts import read_named_numbers, read_numbers, read_pairs
from tallystick.pricing.reading import ObjectReader


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """A quantity, in the price's unit, with its detail."""

    quantity: Decimal
    detail: Detail


def usage_from_document(document: object) -> Outcome[Usage]:
    """
    Return the usage that a document describes, or every problem with its field.

    Problems:
        missing, wrong_type, not_a_number, unknown_field; different_sum: a quantity is given that
        is not the sum of the transactions or parts.

    Example:
        >>> usage_from_document({"transactions": ["50", "100"]}).value.quantity
        Decimal('150')
    """
    if not isinstance(document, Mapping):
        return refuse("wrong_type", f"usage is an object, not {type(document).__name__}")
    reader = ObjectReader(document)
    transactions = read_numbers(reader, "transactions") if reader.has("transactions") else ()
    parts = _parts(reader)
    detail = Detail(
        start=reader.decimal("start") if reader.has("start") else Decimal(0),
        group=read_pairs(reader, "group") if reader.has("group") else (),
        parts=parts,
        transactions=transactions,
        count=reader.whole("count") if reader.has("count") else len(transactions),
    )
    total = exact_sum([*transactions, *(part.quantity for part in parts)])
    listed = reader.has("transactions") or reader.has("parts")
    given = reader.has("quantity") or not listed
    quantity = reader.decimal("quantity") if given else total
    if listed and quantity != total:
        reader.add("different_sum", f"must be {total}, the sum of its parts", "quantity")
    reader.refuse_unknown()
    if reader.problems:
        return Refused(tuple(reader.problems))
    return Done(Usage(quantity=quantity, detail=detail))


def plain_usage(quantity: str) -> Outcome[Usage]:
    """
    Return a usage that is nothing but a quantity.

    Problems:
        not_a_number, with the field ``quantity``.
    """
    try:
        return Done(Usage(quantity=parse_decimal(quantity), detail=Detail()))
    except Misuse as error:
        return Refused((Problem(code="not_a_number", message=str(error), field="quantity"),))


def _parts(reader: ObjectReader) -> tuple[Part, ...]:
    found = read_named_numbers(reader, "parts") if reader.has("parts") else ()
    return tuple(Part(name=name, quantity=quantity) for name, quantity in found)
