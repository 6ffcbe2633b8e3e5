"""
Which times are covered by samples that arrived, as spans of seconds since 1970.

Remote write carries no numbers, so what is missing shows only in time: a Prometheus that scrapes
writes samples all the while. A sample covers its second and the `gap_seconds` behind it; a second
that nothing covers although later ones are covered is a hole. Samples that are far behind the
newest of their request cover nothing: exporters may put old times on what they tell.
"""

from collections.abc import Iterable

ARRIVED = "seconds"
"""The partition of a source whose offsets are seconds since 1970."""
BEHIND_SECONDS_MAX = 3600


def covered_seconds(seconds: Iterable[int], *, gap_seconds: int) -> list[tuple[int, int]]:
    """
    Return the spans, half-open, ascending and apart, that samples of these seconds cover.

    Example:
        >>> covered_seconds([100, 103, 120], gap_seconds=5)
        [(100, 109), (120, 126)]
        >>> covered_seconds([100, 100_000], gap_seconds=5)
        [(100000, 100006)]
    """
    spans: list[tuple[int, int]] = []
    ordered = sorted(seconds)
    for second in ordered:
        if second < ordered[-1] - BEHIND_SECONDS_MAX:
            continue
        end = second + gap_seconds + 1
        if spans and second <= spans[-1][1]:
            spans[-1] = spans[-1][0], end
        else:
            spans.append((second, end))
    return spans
