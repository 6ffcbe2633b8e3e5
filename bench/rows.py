"""A row of the table: what was measured, beside its rival in the same run."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure, its rival's, and how they compare; `note` states data and load generator."""

    work: str
    figure: str
    rival: str
    ratio: str
    note: str
