"""What the use cases of taxes ask of stores, and of registers outside."""

from datetime import datetime
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


class TaxRegister(Protocol):
    """A register of tax numbers, such as that of the European Union (VIES)."""

    def ask(self, tax_id: str, *, at: datetime) -> TaxIdCheck:
        """
        Return what it says of a number, compact and well-formed.

        It never raises: a register that cannot be asked is an answer too (``unavailable``).
        """
        ...
