"""What the use cases of taxes ask of a store."""

from typing import Protocol

from tallystick.tax import TaxIdCheck


class TaxIdChecks(Protocol):
    """What registers said of tax numbers, in one workspace; a check never changes."""

    def answered(self, tax_id: str) -> TaxIdCheck | None:
        """Return the last answer about a number; else the last failure to get one, if any."""
        ...

    def add(self, check: TaxIdCheck) -> None:
        """Keep a check."""
        ...
