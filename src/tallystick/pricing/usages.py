"""
Usage as a document, for trying a price without any engine.

    quantity: "12.5"                          what most models need
    count: 4                                  transactions of a percentage, if their sum is known
    transactions: ["50", "100", "250"]        each one's amount; the quantity is their sum
    parts: {peak: "4", otherwise: "2"}        by band or by instant; the quantity is their sum
    carried: "400"                            what of allowances before is left
    windows: 24                               how many there are to commit to
    group: {region: eu}                       values of the dimensions
    start: "100"                              what filled the tiers before
    others: ["80", "30"]                      what other accounts used that fill the same tiers
    changes: [{quantity: "5", share: 21/30}]  of a level, in order; the quantity is its average
    runs: [{seconds: "45"}]                   of a level; the quantity is what they come to
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

import msgspec

from tallystick.kernel import EXACT, Done, Misuse, Outcome, Problem, Refused, parse_decimal, refuse
from tallystick.metering import exact_sum
from tallystick.pricing.detail import Detail, LevelStep, Part, Run, Together
from tallystick.pricing.models import average_level
from tallystick.pricing.parts import read_named_numbers, read_numbers, read_objects, read_pairs
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
        is not the sum of the transactions, parts, changes or runs.

    Example:
        >>> usage_from_document({"transactions": ["50", "100"]}).value.quantity
        Decimal('150')
    """
    if not isinstance(document, Mapping):
        return refuse("wrong_type", f"usage is an object, not {type(document).__name__}")
    reader = ObjectReader(document)
    transactions = read_numbers(reader, "transactions") if reader.has("transactions") else ()
    parts, changes, runs = _parts(reader), tuple(_changes(reader)), tuple(_runs(reader))
    detail = Detail(
        start=reader.decimal("start") if reader.has("start") else Decimal(0),
        carried=reader.decimal("carried") if reader.has("carried") else Decimal(0),
        group=read_pairs(reader, "group") if reader.has("group") else (),
        parts=parts,
        transactions=transactions,
        count=reader.whole("count") if reader.has("count") else len(transactions),
        windows=reader.whole("windows") if reader.has("windows") else 0,
        changes=changes,
        runs=runs,
        together=Together(after=read_numbers(reader, "others")) if reader.has("others") else None,
    )
    lasted = sum((Fraction(run.seconds) * run.per_second for run in runs), Fraction(0))
    counted = [*transactions, *(part.quantity for part in parts)]
    total = exact_sum([*counted, average_level(changes), _decimal(lasted)])
    listed = any(reader.has(name) for name in ("transactions", "parts", "changes", "runs"))
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


def _changes(reader: ObjectReader) -> Iterator[LevelStep]:
    for part in read_objects(reader, "changes") if reader.has("changes") else ():
        quantity, share = part.decimal("quantity"), _share(part)
        part.refuse_unknown()
        reader.problems += part.problems
        yield LevelStep(quantity=quantity, share=share)


def _runs(reader: ObjectReader) -> Iterator[Run]:
    for part in read_objects(reader, "runs") if reader.has("runs") else ():
        run = Run(
            seconds=part.decimal("seconds"),
            per_second=Fraction(part.decimal("per_second") if part.has("per_second") else 1),
            begins=part.flag("begins") if part.has("begins") else True,
            ends=part.flag("ends") if part.has("ends") else True,
            before=part.decimal("before") if part.has("before") else None,
        )
        part.refuse_unknown()
        reader.problems += part.problems
        yield run


def _share(part: ObjectReader) -> Fraction:
    """Return a share written as 21/30 or as a decimal number."""
    text = part.text("share")
    over, _, under = text.partition("/")
    if over.isascii() and over.isdigit() and under.isascii() and under.isdigit() and int(under):
        return Fraction(int(over), int(under))
    return Fraction(part.decimal("share"))


def _decimal(value: Fraction) -> Decimal:
    return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
