"""
Tax numbers: whether one is well-formed, without asking anybody.

Format and check digits are those of ``python-stdnum``: the member states of the European Union
(and Northern Ireland), the United Kingdom, Switzerland and Norway.  For other countries a number
is taken as it is.  That a number is well-formed does not say that it was given out.
"""

import re

from stdnum.ch import uid
from stdnum.ch import vat as swiss_vat
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError
from stdnum.gb import vat as british_vat
from stdnum.no import mva as norwegian_mva

LENGTH_MAX = 40
# Greek numbers begin with EL, those of Northern Ireland with XI; countries are GR and GB.
_PREFIX = {"GR": "EL"}
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z .\-/+*]*")


def compact_tax_number(number: str) -> str:
    """
    Return a number in capitals, without spaces and marks.

    Example:
        >>> compact_tax_number("de 136,695 976"), compact_tax_number("CHE-107.787.577 MWST")
        ('DE136695976', 'CHE107787577MWST')
    """
    return "".join(letter for letter in number.upper() if letter.isalnum())


def is_eu_number(number: str) -> bool:
    """
    Return whether a number is in the form of a VAT number of the European Union, which VIES knows.

    Example:
        >>> is_eu_number("DE136695976"), is_eu_number("CHE107787577MWST")
        (True, False)
    """
    return eu_vat.is_valid(number)


def tax_number_problem(number: str, country: str) -> str | None:
    """
    Return what is wrong with a number of a country, to be read behind its name; None if nothing.

    Args:
        number: as a person wrote it.
        country: ISO 3166-1 alpha-2, where its holder is; empty: not known.

    Example:
        >>> tax_number_problem("DE136695976", "DE")
        >>> tax_number_problem("DE136695978", "DE")
        'is no VAT number of DE: the check digits are wrong'
    """
    if len(number) > LENGTH_MAX or _NUMBER.fullmatch(number) is None:
        return f"must be letters and digits, {LENGTH_MAX} at most"
    compact, prefix = compact_tax_number(number), _PREFIX.get(country, country)
    try:
        if country == "CH":
            if not uid.is_valid(compact):
                swiss_vat.validate(compact)
        elif country == "NO":
            norwegian_mva.validate(compact)
        elif country == "GB" and not compact.startswith("XI"):
            british_vat.validate(compact)
        elif country == "GB" or country.lower() in eu_vat.MEMBER_STATES:
            if country != "GB" and not compact.startswith(prefix):
                return f"must begin with {prefix}, the letters of its country"
            eu_vat.validate(compact)
    except ValidationError as error:
        why = str(error).rstrip(".").lower()
        return f"is no VAT number of {country}: {_said(why)}"
    return None


def _said(why: str) -> str:
    return "the check digits are wrong" if "checksum" in why else why
