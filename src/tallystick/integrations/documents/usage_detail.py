"""
The exact figures behind a document as CSV (RFC 4180, UTF-8): one row a step, in plain decimals.

    line       price  group          service_start  ...  step                quantity  amount
    line_86..  cpu    region=eu      2026-01-01     ...  tier 1: up to 10    10        0.5

Spreadsheets run what looks like a formula, so a text that begins like one gets an apostrophe
before it; numbers are written by us and stay numbers.
A consolidated document has two columns more: whose contract a line is of.
"""

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

from tallystick.integrations.documents.view import DocumentView, LineView, StepView
from tallystick.kernel import instant_text, plain

NAME = "usage.csv"
MEDIA_TYPE = "text/csv"
COLUMNS = (
    "line",
    "price",
    "group",
    "service_start",
    "service_end",
    "quantity",
    "unit",
    "events",
    "evidence",
    "step",
    "step_quantity",
    "step_unit_price",
    "step_flat",
    "step_amount",
    "exact",
    "settled_before",
    "money",
    "net",
    "tax_category",
    "tax_rate",
    "currency",
    "charged",
    "charged_currency",
    "exchange_rate",
    "rate_day",
    "rate_source",
)
SECTION_COLUMNS = ("account", "contract")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def usage_detail(view: DocumentView) -> str:
    """Return the figures of a document; amounts of a credit note are what it gives back."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    has_sections = any(line.section is not None for line in view.lines)
    writer.writerow(COLUMNS + SECTION_COLUMNS if has_sections else COLUMNS)
    for line in view.lines:
        writer.writerows(_rows(line, view.currency.code))
    return file.getvalue()


def harmless(text: str) -> str:
    """
    Return a text that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("eu-west")
    ("'=1+1", 'eu-west')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _rows(line: LineView, currency: str) -> Iterator[list[str]]:
    head = [
        line.id,
        harmless(line.item),
        harmless(" ".join(f"{name}={value}" for name, value in line.group)),
        instant_text(line.period.start),
        instant_text(line.period.end),
        plain(line.quantity),
        harmless(line.unit),
        "" if line.events is None else str(line.events),
        line.evidence,
    ]
    tail = [
        plain(line.exact),
        plain(line.settled_before.decimal),
        plain(line.money.decimal),
        plain(line.net.decimal),
        " ".join(category for category, _ in line.taxes),
        " ".join(plain(rate) for _, rate in line.taxes),
        harmless(currency),
        *_conversion(line),
        *_section(line),
    ]
    for step in line.steps or (None,):
        yield [*head, *_step(step), *tail]


def _section(line: LineView) -> list[str]:
    """Return in which section a line stands; nothing of a document that has none."""
    if line.section is None:
        return []
    return [harmless(line.section.account), harmless(line.section.contract)]


def _conversion(line: LineView) -> list[str]:
    """Return what the steps come to in their own currency, and the rate to the document's."""
    if line.conversion is None:
        return [""] * 5
    rate = line.conversion.rate
    return [
        plain(line.charged),
        harmless(rate.base.code),
        plain(rate.value),
        rate.on.isoformat(),
        harmless(rate.source),
    ]


def _step(step: StepView | None) -> list[str]:
    if step is None:
        return [""] * 5
    return [
        harmless(step.label),
        _plain(step.quantity),
        _plain(step.unit_price),
        plain(step.flat),
        plain(step.amount),
    ]


def _plain(value: Decimal | None) -> str:
    return "" if value is None else plain(value)
