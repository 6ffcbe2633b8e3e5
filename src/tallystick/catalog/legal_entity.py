"""The legal entity that issues invoices."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEntity:
    """
    Who issues invoices.

    Its zone decides the year of a document's series; ``series_prefix`` begins every number.
    """

    key: str
    name: str
    address: str = ""
    country: str = ""
    tax_id: str = ""
    zone: str
    currency: str
    series_prefix: str
