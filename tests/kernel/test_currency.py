"""Currencies against an independent copy of ISO 4217."""

import iso4217
import pytest

from tallystick.kernel import Misuse, currency, custom_currency
from tallystick.kernel.currency import EDITION, ISO_CODES

OTHERS = {each.code: each.exponent for each in iso4217.Currency}


def test_every_code_and_exponent_is_that_of_the_standard() -> None:
    """Our table holds each code that has a minor unit, with its exponent, and no other."""
    ours = {code: currency(code).exponent for code in ISO_CODES}
    assert ours == {code: exponent for code, exponent in OTHERS.items() if exponent is not None}


def test_the_edition_is_the_one_compared_with() -> None:
    """The edition named in our table is that of the copy."""
    assert str(iso4217.__published__) in EDITION


@pytest.mark.parametrize("code", [code for code, exponent in OTHERS.items() if exponent is None])
def test_codes_without_minor_unit_are_refused(code: str) -> None:
    """Gold and test codes cannot be settled."""
    with pytest.raises(Misuse, match="no minor unit"):
        currency(code)


@pytest.mark.parametrize(("wrong", "near"), [("usd", "USD"), ("EURO", "EUR")])
def test_an_unknown_code_names_the_nearest(wrong: str, near: str) -> None:
    """A typo is answered with what was probably meant."""
    with pytest.raises(Misuse, match=f"did you mean {near}"):
        currency(wrong)


@pytest.mark.parametrize("code", ["", "X", "A" * 17, "credit", "1AB", "USD", "XAU", "CRED IT"])
def test_a_custom_unit_needs_a_code_of_its_own(code: str) -> None:
    """A custom code follows the pattern and is not one of the standard's."""
    with pytest.raises(Misuse):
        custom_currency(code, 2)


@pytest.mark.parametrize("exponent", [-1, 19])
def test_a_custom_unit_has_up_to_18_places(exponent: int) -> None:
    """Exponents outside 0 to 18 are refused."""
    with pytest.raises(Misuse):
        custom_currency("CREDIT", exponent)
