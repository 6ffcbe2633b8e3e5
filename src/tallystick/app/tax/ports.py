"""What the use cases of taxes ask of stores, and of registers outside."""

from datetime import datetime
from typing import Protocol

from tallystick.kernel import AccountKey, Outcome
from tallystick.tax import EngineAnswer, TaxIdCheck, TaxQuestion


class TaxIdChecks(Protocol):
    """What registers said of tax numbers, in one workspace; a check never changes."""

    def answered(self, tax_id: str) -> TaxIdCheck | None:
        """Return the last answer about a number; else the last failure to get one, if any."""
        ...

    def add(self, check: TaxIdCheck) -> None:
        """Keep a check."""
        ...


class TaxAnswers(Protocol):
    """What engines outside said of buyers, in one workspace; an answer never changes."""

    def latest(self, legal_entity: str, account: AccountKey) -> EngineAnswer | None:
        """Return the last answer about sales of a legal entity to a payer."""
        ...

    def add(self, legal_entity: str, account: AccountKey, answer: EngineAnswer) -> None:
        """Keep an answer."""
        ...


class TaxEngine(Protocol):
    """
    An engine outside that knows taxes better than declared rules do.

    It is asked for rules, not for amounts: what lines bear is levied here, so that documents are
    made again from the answer alone.
    """

    def rules_for(self, question: TaxQuestion, *, at: datetime) -> Outcome[EngineAnswer]:
        """
        Return the rules that hold between a seller and a buyer.

        Problems:
            no_tax_engine: none is connected.
            tax_engine_unavailable: it could not be asked, or its answer cannot be read.
        """
        ...


class TaxRegister(Protocol):
    """A register of tax numbers, such as that of the European Union (VIES)."""

    def ask(self, tax_id: str, *, at: datetime) -> TaxIdCheck:
        """
        Return what it says of a number, compact and well-formed.

        It never raises: a register that cannot be asked is an answer too (``unavailable``).
        """
        ...
