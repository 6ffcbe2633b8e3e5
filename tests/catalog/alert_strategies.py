"""Alert rules that properties are tried with."""

from datetime import time, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from tallystick.catalog import AlertRule, BudgetOver
from tallystick.kernel import AccountKey, IntervalUnit, PlanKey
from tallystick.thresholds import (
    Basis,
    Group,
    GroupBy,
    QuietHours,
    Rule,
    Severity,
    Step,
    Threshold,
    Watch,
    Watched,
)


@st.composite
def alert_rules(draw: st.DrawFn, plan: PlanKey) -> dict[str, AlertRule]:
    """A rule of an account, of a plan, and of all."""
    again = Threshold(
        amount=Decimal("1000.5"), basis=Basis.ABSOLUTE, recurring=True, severity=Severity.INFO
    )
    share = Threshold(amount=Decimal(80), rearm_by=draw(st.none() | st.just(Decimal("2.5"))))
    ahead = Threshold(amount=Decimal(100), basis=Basis.PROJECTED)
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    night = QuietHours(start=time(22), end=time(7, 30), zone="Asia/Tokyo", days=frozenset(days))
    quiet = draw(st.sampled_from([None, night]))
    watch = Watch(watched=Watched.USAGE, thresholds=(again, share))
    step = Step(after=timedelta(minutes=draw(st.integers(1, 43_200))), recipients=("a@b.example",))
    within = timedelta(minutes=draw(st.integers(1, 1_440)))
    group = draw(st.none() | st.builds(Group, within=st.just(within), by=st.sampled_from(GroupBy)))
    own = Rule(
        key="own",
        watch=watch,
        quiet=quiet,
        recipients=("c@d.example",),
        steps=(step,),
        group=group,
        language=draw(st.sampled_from(["", "ja"])),
    )
    found = [
        AlertRule(rule=own, account=AccountKey("a")),
        AlertRule(rule=Rule(key="pro", watch=watch), plan=plan, feature="calls"),
        AlertRule(
            rule=Rule(key="budget", watch=Watch(watched=Watched.BUDGET, thresholds=(share, ahead))),
            currency="EUR",
            budget=draw(st.decimals("0.01", "1e9", places=2)),
            per=draw(st.sampled_from([IntervalUnit.WEEK, IntervalUnit.YEAR])),
        ),
        AlertRule(
            rule=Rule(key="tree", watch=Watch(watched=Watched.BUDGET, thresholds=(share,))),
            account=AccountKey("a"),
            currency="EUR",
            budget=Decimal(5),
            over=BudgetOver.TREE,
        ),
        AlertRule(rule=Rule(key="all", watch=watch), enabled=draw(st.booleans())),
    ]
    return {one.key: one for one in found}
