"""The legal entity that issues invoices, and how its documents look."""

from dataclasses import dataclass, field

from tallystick.accounts import Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class BankAccount:
    """
    Where invoices are to be paid to.

    Attributes:
        iban: without spaces, its check digits right (ISO 13616).
        bic: of the bank (ISO 9362), or empty.
        holder: name of the account, or empty where it is the entity's own.
    """

    iban: str
    bic: str = ""
    holder: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branding:
    """
    How an entity's documents look; what is empty is as usual.

    Attributes:
        colour: of rules and headings, ``#rrggbb``.
        footer: text at the foot of each page.
        logo: SVG or PNG file, below the installation's folder of document designs.
        template: Typst file in the place of the usual one, below the same folder.
    """

    colour: str = ""
    footer: str = ""
    logo: str = ""
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEntity:
    """
    Who issues invoices.

    Its zone decides the year of a document's series; ``series_prefix`` begins every number.
    ``address`` is free text, for documents that are read by people alone; e-invoices need the parts
    of ``contact.address``. ``registration`` is its number in a register of companies.
    """

    key: str
    name: str
    address: str = ""
    country: str = ""
    tax_id: str = ""
    registration: str = ""
    contact: Contact = field(default_factory=Contact)
    bank_account: BankAccount | None = None
    branding: Branding = field(default_factory=Branding)
    zone: str
    currency: str
    series_prefix: str
