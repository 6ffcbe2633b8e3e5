"""One module for each aggregation, and the registry that names them."""

from tallystick.metering.aggregations.registry import RULES, add_folds, remaining_fold
from tallystick.metering.aggregations.rule import FoldRule, Taken

__all__ = ["RULES", "FoldRule", "Taken", "add_folds", "remaining_fold"]
