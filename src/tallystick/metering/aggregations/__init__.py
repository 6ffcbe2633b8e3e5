"""One module for each aggregation, and the registry that names them."""

from tallystick.metering.aggregations.percentile import PERCENTILE_PARTS, percentile_parts
from tallystick.metering.aggregations.registry import RULES, add_folds, remaining_fold
from tallystick.metering.aggregations.rule import FoldRule, Taken

__all__ = [
    "PERCENTILE_PARTS",
    "RULES",
    "FoldRule",
    "Taken",
    "add_folds",
    "percentile_parts",
    "remaining_fold",
]
