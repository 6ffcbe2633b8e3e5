"""
Number columns as exact text, a column at a time.

Text that is a plain number already passes as it stands (`1.50` stays `1.50`). What is written
otherwise (an exponent, leading zeros, blanks around it) is read exactly and written plainly.
Nothing becomes a float: a column that is float in the file is taken by its shortest text, which is
the number that its producer wrote.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from tallystick.kernel import EXACT, Misuse, parse_decimal, plain

PLAIN = r"^-?(0|[1-9][0-9]{0,19})(\.[0-9]{1,18})?$"
NOT_A_NUMBER = frozenset({"nan", "inf", "-inf", "+inf", "infinity", "-infinity"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A converted column: null where a value is missing or bad; the bad ones by their place."""

    texts: pa.Array
    problems: Mapping[int, str]


def number_texts(texts: pa.Array) -> Converted:
    """
    Return numbers as plain text.

    Example:
        >>> number_texts(pa.array(["1.50", " 007", "1e3", None])).texts.to_pylist()
        ['1.50', '7', '1000', None]
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    is_plain = pc.match_substring_regex(trimmed, PLAIN)
    if pc.all(is_plain, min_count=0).as_py():
        return Converted(texts=trimmed, problems={})
    values = trimmed.to_pylist()
    problems: dict[int, str] = {}
    for place, good in enumerate(is_plain.to_pylist()):
        if good is False:
            values[place] = _plain_text(values[place], place, problems)
    return Converted(texts=pa.array(values, pa.string()), problems=problems)


def product_texts(columns: list[pa.Array]) -> Converted:
    """
    Return the exact product of number columns, row by row; null where one is missing.

    Example:
        >>> product_texts([pa.array(["10", "0.1"]), pa.array(["3", "0.2"])]).texts.to_pylist()
        ['30', '0.02']
    """
    converted = [number_texts(column) for column in columns]
    problems = {place: text for each in converted for place, text in each.problems.items()}
    products: list[str | None] = []
    rows = zip(*(each.texts.to_pylist() for each in converted), strict=True)
    for place, factors in enumerate(rows):
        products.append(_product(factors, place, problems))
    return Converted(texts=pa.array(products, pa.string()), problems=problems)


def _product(factors: tuple[str | None, ...], place: int, problems: dict[int, str]) -> str | None:
    product = Decimal(1)
    for factor in factors:
        if factor is None:
            return None
        product = EXACT.multiply(product, Decimal(factor))
    return _plain_text(format(product, "f"), place, problems)


def _plain_text(text: str, place: int, problems: dict[int, str]) -> str | None:
    try:
        return plain(parse_decimal(text))
    except Misuse as error:
        problems[place] = str(error)
        if text.lower() in NOT_A_NUMBER:
            problems[place] = (
                f"{text!r} is not a number that can be billed; leave the cell empty, "
                "or list the text under `missing`"
            )
        return None
