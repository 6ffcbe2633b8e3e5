"""What a verification makes again of a conversion: the day of issue, the charge, what differs."""

from collections.abc import Iterable
from datetime import date

from tallystick.invoicing.claim import Claim
from tallystick.invoicing.converting.conversion import converted_charge
from tallystick.invoicing.line import Line
from tallystick.invoicing.replay import Billed
from tallystick.kernel import plain
from tallystick.pricing import Charge


def issue_day_of(claim: Claim) -> date | None:
    """Return the day for whose issue a document was drafted; it may bear another date."""
    invoice = claim.invoice
    return invoice.converted_on or invoice.issued_on or invoice.taxed_on


def converted_again(
    claim: Claim, line: Line, charge: Charge, *, billed: Iterable[Billed]
) -> Charge:
    """
    Return what a line's price comes to, in the document's currency.

    Raises:
        InvariantBroken: neither the basis nor the documents before have a rate for it.
    """
    on = issue_day_of(claim)
    return converted_charge(charge, line.key, claim.basis, billed=billed, issue_on=on)


def different_rate(line: Line, charge: Charge) -> str | None:
    """Return how the rate that a line says differs from that of its charge; None if it does not."""
    said, got = _shown(line.charge), _shown(charge)
    return None if said == got else f"it says {said}, its basis gives {got}"


def _shown(charge: Charge | None) -> str:
    if charge is None or charge.conversion is None:
        return "no rate"
    dated = charge.conversion.dated
    latest = ", the latest known" if dated.latest_known else ""
    rate = f"{plain(dated.rate.value)} of {dated.rate.source} of {dated.rate.on}"
    return f"{rate} for {dated.day}{latest}"
