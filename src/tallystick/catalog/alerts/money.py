"""Reading what rules on spend, budgets and credit say of money, and what the others may not say."""

from dataclasses import dataclass
from decimal import Decimal

from tallystick.catalog.alerts.alert_rule import BudgetOver
from tallystick.catalog.fields import NUMBER, Fields, Kind, choose
from tallystick.kernel import IntervalUnit
from tallystick.thresholds import AMOUNT_MAX, Basis, Watch, Watched

_PERIODS = (IntervalUnit.WEEK, IntervalUnit.MONTH, IntervalUnit.QUARTER, IntervalUnit.YEAR)
_OF_BUDGETS = ("budget", "per", "over")


def _code(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


_CODE = Kind(convert=_code, expected="a currency, or a unit of credit", stand_in="")


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedMoney:
    """What is watched of money, see `AlertRule`."""

    currency: str = ""
    budget: Decimal | None = None
    per: IntervalUnit = IntervalUnit.MONTH
    over: BudgetOver = BudgetOver.ACCOUNT


def read_money(fields: Fields, watch: Watch) -> WatchedMoney:
    """
    Read the fields that what is watched asks for, and note those that do not belong to it.

    A budget is what percentages are of; spend has amounts alone.
    """
    watched = watch.watched
    if watched in (Watched.USAGE, Watched.ANOMALY):
        _refuse(fields, watched, "currency", *_OF_BUDGETS)
        return WatchedMoney()
    _refuse(fields, watched, "feature")
    currency = fields.read("currency", _CODE)
    if watched is not Watched.BUDGET:
        _refuse(fields, watched, *_OF_BUDGETS)
        if watched is Watched.SPEND:
            _refuse_percentages(fields, watch)
        return WatchedMoney(currency=currency)
    budget = fields.read("budget", NUMBER)
    if not 0 < budget <= AMOUNT_MAX:
        fields.note("wrong_value", '"budget" must be above 0, and 10^20 at most', "budget")
    per = choose(fields, "per", _PERIODS, default=IntervalUnit.MONTH)
    over = BudgetOver(choose(fields, "over", [*BudgetOver], default=BudgetOver.ACCOUNT))
    if over is BudgetOver.TREE and not fields.has("account"):
        fields.note("wrong_value", '"over: tree" is of one "account", and those below it', "over")
    return WatchedMoney(currency=currency, budget=budget, per=IntervalUnit(per), over=over)


def _refuse(fields: Fields, watched: Watched, *names: str) -> None:
    for name in names:
        if fields.has(name):
            message = f'"{name}" does not belong to a rule that watches {watched.value}'
            fields.note("wrong_value", message, name)


def _refuse_percentages(fields: Fields, watch: Watch) -> None:
    for place, one in enumerate(watch.thresholds):
        if one.basis is not Basis.ABSOLUTE:
            message = 'spend has no limit: watch a "budget" for percentages of an amount'
            fields.note("wrong_value", message, f"thresholds[{place}]")
