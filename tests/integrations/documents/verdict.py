"""What the rules say of one invoice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the rules say of one invoice: those broken, with their message, and those fired."""

    broken: dict[str, str]
    fired: int
