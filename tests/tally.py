"""Counts what the case tables passed and what was left out, for the report after a run."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.notation import Reason


@dataclass(kw_only=True)
class CaseTally:
    """Rows passed and reasons for rows left out, by case file."""

    passed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    left_out: dict[str, Mapping[str, Reason]] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return the report: a line for each file, and below it the reasons with their rows."""
        report = []
        for file in sorted(set(self.passed) | set(self.left_out)):
            reasons = self.left_out.get(file, {})
            passed = len(self.passed.get(file, ()))
            report.append(f"{file}: {passed} passed, {len(reasons)} left out")
            counted = Counter(str(reason) for reason in reasons.values())
            for reason, count in counted.most_common():
                rows = [row for row, why in reasons.items() if str(why) == reason]
                report.append(f"  {count:3} {rows[0]}{'..' if count > 1 else ''}: {reason}")
        return report
