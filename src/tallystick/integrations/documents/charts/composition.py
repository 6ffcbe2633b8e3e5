"""What the amount of a document is made of: its lines, or its sections, and its taxes."""

from dataclasses import dataclass
from decimal import Decimal

from tallystick.integrations.charts import Part, parts_spec
from tallystick.integrations.documents.charts.chart import Chart, Telling
from tallystick.integrations.documents.page import item_text
from tallystick.integrations.documents.view import DocumentView
from tallystick.integrations.documents.words import Words
from tallystick.kernel import Money

ROWS_MAX = 6
_PARTS_MIN = 2
_VAT = "VAT"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    name: str
    money: Money
    is_rest: bool = False


def composition(view: DocumentView, telling: Telling) -> Chart | None:
    """
    Return the chart of what a document's total is made of; None where it is of one piece.

    Lines count without the tax in their prices, and those of one item together; the heaviest five
    have rows of their own. All rows add up to the total.
    """
    sums = [*_heaviest(_parts(view, telling.words), telling.words), *_taxes(view, telling)]
    if len(sums) < _PARTS_MIN:
        return None
    title = telling.words.composition
    parts = tuple(
        Part(
            name=telling.inside(one.name),
            amount=telling.inside(telling.formats.money(one.money)),
            value=one.money.decimal,
            is_rest=one.is_rest,
        )
        for one in sums
    )
    said = [f"{one.name} {telling.formats.money(one.money)}" for one in sums]
    return Chart(
        title=title,
        alternative=telling.told(title, said),
        spec=parts_spec(parts, telling.sheet),
    )


def _parts(view: DocumentView, words: Words) -> list[_Sum]:
    sums: dict[str, Money] = {}
    for line in view.lines:
        section = line.section
        name = item_text(line, words)
        if section is not None:
            name = " · ".join(map(words.apart, (section.account, section.contract)))
        sums[name] = sums[name] + line.net if name in sums else line.net
    return [_Sum(name=name, money=money) for name, money in sums.items() if money.minor]


def _heaviest(sums: list[_Sum], words: Words) -> list[_Sum]:
    """Return the heaviest in the order of their weight, ties by position; behind them the rest."""
    by_weight = sorted(sums, key=lambda one: -abs(one.money.minor))
    if len(by_weight) <= ROWS_MAX:
        return by_weight
    own, rest = by_weight[: ROWS_MAX - 1], by_weight[ROWS_MAX - 1 :]
    together = Money(minor=sum(one.money.minor for one in rest), currency=rest[0].money.currency)
    name = words.others.format(count=len(rest))
    return [*own, _Sum(name=name, money=together, is_rest=True)]


def _taxes(view: DocumentView, telling: Telling) -> list[_Sum]:
    words = telling.words
    return [
        _Sum(
            name=(
                f"{words.apart(words.vat if tax.name == _VAT else tax.name)} "
                f"{telling.formats.percent(Decimal(tax.rate))}"
            ),
            money=tax.money,
            is_rest=True,
        )
        for tax in view.taxes
        if tax.name and tax.money.minor
    ]
