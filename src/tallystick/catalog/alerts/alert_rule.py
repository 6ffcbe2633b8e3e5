"""
An alert rule: what is watched of whom, and at which values somebody is told.

    every account, calls       70 %, 95 % of the limit
    accounts of plan pro       500,000 absolute, and again with every 100,000 more
    account acme, calls        100 %, at night only what is critical
"""

from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass

from tallystick.catalog.documents import joined
from tallystick.catalog.fields import suggestion
from tallystick.kernel import AccountKey, PlanKey, Problem
from tallystick.thresholds import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """
    A watch that somebody declared.

    Attributes:
        rule: its key, thresholds, and when it is quiet.
        feature: whose usage is watched; empty: that of each feature with a counter.
        account: whose usage; None: see ``plan``.
        plan: that of accounts with a contract of this plan; None beside no account: that of all.
        enabled: whether it counts.
    """

    rule: Rule
    feature: str = ""
    account: AccountKey | None = None
    plan: PlanKey | None = None
    enabled: bool = True

    @property
    def key(self) -> str:
        """Return the key of the rule."""
        return self.rule.key

    def watches(self, feature: str, account: AccountKey, plans: Collection[PlanKey]) -> bool:
        """Tell whether it counts for a feature of an account that has contracts of these plans."""
        return (
            self.enabled
            and self.feature in ("", feature)
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
            message = f'unknown account "{one.account}"{suggestion(one.account, accounts)}'
            field = joined(paths["alert_rules", key], "account")
            yield Problem(code="unknown_reference", message=message, field=field)
