"""Whether the taxes of a document follow from its facts and the documents before it."""

from collections.abc import Iterator
from datetime import date

from tallystick.catalog import DocumentDate
from tallystick.invoicing.claim import Claim
from tallystick.invoicing.line import Line
from tallystick.invoicing.schedule import as_billed
from tallystick.invoicing.taxed.taxing import taxed
from tallystick.kernel import Problem, Refused, plain


def tax_problems(claim: Claim) -> Iterator[Problem]:
    """Yield a problem for each line whose taxes do not follow from facts and documents before."""
    invoice = claim.invoice
    on = invoice.taxed_on or invoice.issued_on
    bears = any(one.tax is not None for one in claim.basis.contracts)
    if bears and not _may_be_taxed_on(claim, invoice.taxed_on):
        message = f"its taxes are those of an issue on {invoice.taxed_on}, not {invoice.issued_on}"
        yield Problem(code="different_tax", message=message, field="taxed_on")
    outcome = taxed(invoice, claim.basis, billed=as_billed(claim.previous), on=on)
    if isinstance(outcome, Refused):
        yield from outcome.problems
        return
    pairs = zip(invoice.lines, outcome.value.lines, strict=True)
    for index, (said, found) in enumerate(pairs):
        if said.taxes != found.taxes:
            message = f"{said.key}: the line bears {_borne(said)}, its facts give {_borne(found)}"
            yield Problem(code="different_tax", message=message, field=f"lines[{index}].taxes")


def _borne(line: Line) -> str:
    told = [f"{one.money} of {one.applied.tax} {plain(one.applied.rate)} %" for one in line.taxes]
    return ", ".join(told) or "no tax"


def _may_be_taxed_on(claim: Claim, day: date | None) -> bool:
    """Tell whether a document may bear the taxes of a day: its date, or one behind a kept date."""
    dated = claim.invoice.issued_on
    if day is None or dated is None or day == dated:
        return True
    entity = claim.basis.issuer
    keeps = entity is not None and entity.issuing.dated is not DocumentDate.ISSUE
    return keeps and dated < day
