"""
An alert rule: what is watched of whom, and at which values somebody is told.

    every account, calls       70 %, 95 % of the limit, or projected to reach it
    accounts of plan pro       500,000 absolute, and again with every 100,000 more
    account acme, calls        100 %, at night only what is critical
    account acme, spend        1,000.00 EUR in a billing period
    account acme, a budget     50 and 80 % of 2,000.00 EUR a month
    account corp, over tree    the same of what it and all accounts below it have come to
    every account, anomalies   what is not as it was, with no thresholds
    every account, credit      less than 10 % left, or gone within 30 days
"""

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from tallystick.catalog.documents import joined
from tallystick.catalog.fields import suggestion
from tallystick.kernel import AccountKey, IntervalUnit, PlanKey, Problem
from tallystick.thresholds import Rule, Watched


class BudgetOver(StrEnum):
    """Whose contracts a budget is of: the account's, or those of its tree."""

    ACCOUNT = "account"
    TREE = "tree"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """
    A watch that somebody declared.

    Attributes:
        rule: its key, thresholds, and when it is quiet.
        feature: whose usage is watched; empty: that of each feature with a counter, of anomalies
            that of everything.
        account: whose usage, money or credit; None: see ``plan``.
        plan: that of accounts with a contract of this plan; None beside no account: that of all.
        currency: code of the money that is watched, or of the unit of credit; empty for usage.
        budget: what may be spent in a calendar ``per`` of the payer's zone, in major units of the
            currency; None: it is no budget.
        per: week, month, quarter or year.
        over: of a budget, whose contracts: those of each account, or those of the one ``account``
            and of all below it.
        enabled: whether it counts.
    """

    rule: Rule
    feature: str = ""
    account: AccountKey | None = None
    plan: PlanKey | None = None
    currency: str = ""
    budget: Decimal | None = None
    per: IntervalUnit = IntervalUnit.MONTH
    over: BudgetOver = BudgetOver.ACCOUNT
    enabled: bool = True

    @property
    def key(self) -> str:
        """Return the key of the rule."""
        return self.rule.key

    @property
    def watched(self) -> Watched:
        """Return what is watched."""
        return self.rule.watch.watched

    @property
    def is_over_tree(self) -> bool:
        """Tell whether accounts below are watched together with the account."""
        return self.over is BudgetOver.TREE

    def watches(self, feature: str, account: AccountKey, plans: Collection[PlanKey]) -> bool:
        """Tell whether it counts for the usage of a feature, see `concerns`."""
        return (
            self.watched is Watched.USAGE
            and self.feature in ("", feature)
            and self.concerns(account, plans)
        )

    def concerns(self, account: AccountKey, plans: Collection[PlanKey]) -> bool:
        """Tell whether it counts for an account that has contracts of these plans."""
        return (
            self.enabled
            and self.account in (None, account)
            and (self.plan is None or self.plan in plans)
        )


def alert_rule_problems(
    wanted: Mapping[str, AlertRule],
    accounts: Collection[str],
    *,
    paths: Mapping[tuple[str, Hashable], str],
) -> Iterator[Problem]:
    """
    Yield a problem for each rule of an account that nobody declares.

    Problems:
        unknown_reference: with the path of the field, below that of the rule in ``paths``.
    """
    for key, one in wanted.items():
        if one.account is not None and one.account not in accounts:
            hint = suggestion(one.account, accounts) if accounts else "; declare it first"
            message = f'unknown account "{one.account}"{hint}'
            field = joined(paths["alert_rules", key], "account")
            yield Problem(code="unknown_reference", message=message, field=field)
