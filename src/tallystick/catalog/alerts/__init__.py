"""Alert rules: at which values of usage somebody is told, and when."""

from tallystick.catalog.alerts.alert_rule import AlertRule, BudgetOver, alert_rule_problems
from tallystick.catalog.alerts.reading import (
    alert_rule_from_document,
    read_alert_rule,
    read_one_alert_rule,
)
from tallystick.catalog.alerts.writing import alert_rule_document

__all__ = [
    "AlertRule",
    "BudgetOver",
    "alert_rule_document",
    "alert_rule_from_document",
    "alert_rule_problems",
    "read_alert_rule",
    "read_one_alert_rule",
]
