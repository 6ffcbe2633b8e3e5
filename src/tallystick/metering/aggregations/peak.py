"""
`peak`: the greatest value of each sub-window, summed or averaged over the window.

A window is cut into quarter-hours, hours, days, weeks or months of its zone; the first and the last
are cut to the window. A sub-window without a value has the peak 0.

    per day, values 3 and 5 on Monday, none on Tuesday, 4 on Wednesday:
    sum 5 + 0 + 4 = 9; average over the three days 3

The average divides by all sub-windows of the window, so that sum and average tell the same story;
of a window that reaches beyond ``until`` (the present), by those that have begun. Peaks do not add:
two windows that share a sub-window would count two peaks of it.
"""

from decimal import Decimal

from tallystick.metering.aggregations.rule import FoldRule, Taken, value_of
from tallystick.metering.cuts import cut_index, cuts_begun
from tallystick.metering.fold import ONE, Fold, exact_sum


def fold_peak(taken: Taken) -> Fold:
    """Return the sum of the peaks, over 1 or over the number of sub-windows."""
    peaks: dict[int, Decimal] = {}
    for reading in taken.readings():
        value, index = value_of(reading), cut_index(taken.cuts, reading.at)
        peaks[index] = max(peaks.get(index, value), value)
    averaged = taken.meter.peak is not None and taken.meter.peak.take == "average"
    divisor = Decimal(cuts_begun(taken.cuts, taken.until)) if averaged else ONE
    return taken.folded(exact_sum(peaks.values()), divisor)


PEAK = FoldRule(fold=fold_peak, adds=False)
