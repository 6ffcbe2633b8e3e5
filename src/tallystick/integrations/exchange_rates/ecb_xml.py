"""
The reference rates of the European Central Bank in XML: the day's, of 90 days, and since 1999.

All three have one form: a ``Cube`` with a ``time`` for each day, and in it a ``Cube`` with
``currency`` and ``rate`` for each currency, quoted against one euro.
"""

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tallystick.currency import PublishedRate
from tallystick.kernel import Misuse, parse_decimal

ECB, EURO = "ecb", "EUR"
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"


def ecb_xml_rates(content: bytes) -> Iterator[PublishedRate]:
    """
    Yield the rates of a file, day by day.

    Raises:
        Misuse: it is not XML, names no day, or a value in it cannot be.
    """
    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise Misuse(f"this is no XML of the European Central Bank: {error}") from error
    days = [cube for cube in root.iter(_CUBE) if cube.get("time") is not None]
    if not days:
        raise Misuse("this XML names no day; the European Central Bank's has a Cube with a time")
    for cube in days:
        day = _day(cube.get("time", ""))
        for each in cube.iter(_CUBE):
            if each is not cube:
                rate = parse_decimal(each.get("rate", ""))
                quote = each.get("currency", "")
                yield PublishedRate(source=ECB, base=EURO, quote=quote, day=day, rate=rate)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Misuse(f"{text[:20]!r} is not a day such as 2026-01-30") from error
