"""
Currencies: ISO 4217 codes with their exponent, and declared units such as credits.

The exponent is the number of decimal places of the minor unit: 2 for USD (cents), 0 for JPY, 3 for
KWD. The table is our own, frozen here, so that an invoice means the same on every machine; a test
compares it with an independent copy of the standard. Codes to which the standard gives no minor
unit (gold, special drawing rights, test codes) are refused.

Source: ISO 4217:2015, list one as published by its maintenance agency on 2026-01-01.
"""

import re
from dataclasses import dataclass

from tallystick.kernel.errors import Misuse
from tallystick.kernel.spelling import nearest

EDITION = "ISO 4217 list one of 2026-01-01"
EXPONENT_MAX = 18

_CODES_BY_EXPONENT: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN "
        "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD "
        "FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW "
        "KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR "
        "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG "
        "SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD "
        "USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_CODES_WITHOUT_MINOR_UNIT = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX"
_WITHOUT_MINOR_UNIT = frozenset(_CODES_WITHOUT_MINOR_UNIT.split())
_CUSTOM_CODE = re.compile(r"[A-Z][A-Z0-9_]{2,15}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """
    A unit of account and how many decimal places its smallest part has.

    Get one from ``currency`` or ``custom_currency``; do not build it by hand.
    """

    code: str
    exponent: int


_KNOWN = {
    code: Currency(code=code, exponent=exponent)
    for exponent, codes in _CODES_BY_EXPONENT.items()
    for code in codes.split()
}
ISO_CODES = frozenset(_KNOWN)


def currency(code: str) -> Currency:
    """
    Return the ISO 4217 currency of a code, with its exponent.

    Raises:
        Misuse: unknown code, or a code without minor unit; the message names the nearest known one.

    Example:
        >>> currency("JPY")
        Currency(code='JPY', exponent=0)
    """
    known = _KNOWN.get(code)
    if known is not None:
        return known
    if code in _WITHOUT_MINOR_UNIT:
        raise Misuse(f"{code} has no minor unit in ISO 4217 and cannot be billed in")
    near = nearest(code.upper(), _KNOWN)
    hint = f"; did you mean {near}?" if near else ""
    raise Misuse(f"{code[:60]!r} is not an ISO 4217 currency{hint}")


def custom_currency(code: str, exponent: int) -> Currency:
    """
    Return a declared unit of account, such as credits with two places.

    Args:
        code: 3 to 16 of ``A-Z 0-9 _``, beginning with a letter, no code of ISO 4217.
        exponent: decimal places of the smallest part, 0 to 18.

    Raises:
        Misuse: the code or the exponent is outside these bounds.

    Example:
        >>> custom_currency("CREDIT", 2).exponent
        2
    """
    if _CUSTOM_CODE.fullmatch(code) is None or code in ISO_CODES or code in _WITHOUT_MINOR_UNIT:
        raise Misuse(
            f"{code!r} cannot name a custom unit: 3 to 16 of A-Z, 0-9 and _, and no ISO 4217 code"
        )
    if not 0 <= exponent <= EXPONENT_MAX:
        raise Misuse(f"the exponent of {code} must be 0 to {EXPONENT_MAX}, not {exponent}")
    return Currency(code=code, exponent=exponent)
