"""What document numbers ask of what is declared."""

from tallystick.catalog.numbering.prefixes import CREDIT_NOTE_MARK, series_prefix_problems

__all__ = ["CREDIT_NOTE_MARK", "series_prefix_problems"]
