"""The legal entity that issues invoices, how its documents look, and where it collects taxes."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tallystick.accounts import Contact, LeastInvoice
from tallystick.currency import RateRule


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
        charts: whether documents show usage and amounts as charts too.
    """

    colour: str = ""
    footer: str = ""
    logo: str = ""
    template: str = ""
    charts: bool = True


class TaxScheme(StrEnum):
    """What a registration covers: all supplies, or those to consumers from abroad."""

    LOCAL = "local"
    ONE_STOP_SHOP = "one_stop_shop"


class UnconfirmedTaxId(StrEnum):
    """
    What becomes of a tax number that the register has not confirmed.

    ``charge``: its holder is charged as a consumer. ``accept``: a number that is well-formed
    is taken for valid. One that the register calls invalid is never accepted.
    """

    CHARGE = "charge"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRegistration:
    """
    That an entity collects the taxes of a country.

    Attributes:
        country: ISO 3166-1 alpha-2.
        region: a part of the country, such as a state with a tax of its own; empty: all of it.
        tax_id: the number under which it is registered there.
        scheme: whether it covers all supplies.
        valid_from: the first local day on which it holds.
        valid_until: the day before which it ends; None: open.
    """

    country: str
    region: str = ""
    tax_id: str
    scheme: TaxScheme = TaxScheme.LOCAL
    valid_from: date
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Return whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


class DocumentDate(StrEnum):
    """
    Which day stands on the document of a period as its date of issue.

    ``issue``: the day on which it is issued.  ``next_period``: the first day behind the period.
    ``period_end``: the last day of the period.  Both in the payer's zone, and never before the date
    of a document that was issued before.
    """

    ISSUE = "issue"
    NEXT_PERIOD = "next_period"
    PERIOD_END = "period_end"


class DocumentForm(StrEnum):
    """What a document can be written as."""

    PDF = "pdf"
    HTML = "html"
    CSV = "csv"
    CII = "cii"
    UBL = "ubl"
    FACTURX = "facturx"


PAYMENT_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRules:
    """
    When an entity's documents are issued, and what they are dated.

    Attributes:
        grace_days: how many days after the end of a period its document is issued, at the same
            local time; late usage still counts in it.
        dated: which day stands on it.
        hold: whether a billing run leaves drafts to be reviewed, and issues nothing itself.
        payment_days: how many days after its date a document is to be paid, by payers that have no
            term of their own.
        forms: what every document must have been written as, with all rules that hold for such a
            form, before it gets its number; one that cannot be gets none.
        least_invoice: what is too little to be invoiced, of payers that declare nothing of it.
    """

    grace_days: int = 0
    dated: DocumentDate = DocumentDate.ISSUE
    hold: bool = False
    payment_days: int = PAYMENT_DAYS
    forms: tuple[DocumentForm, ...] = ()
    least_invoice: LeastInvoice | None = None


PUBLISHED_RATES = RateRule()
# The price of a custom unit holds until another one is published, ten years at most.
OWN_RATES = RateRule(source="own", age_days_max=3_660)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalEntity:
    """
    Who issues invoices.

    Its zone decides the year of a document's series; ``series_prefix`` begins every number.
    ``address`` is free text, for documents that are read by people alone; e-invoices need the parts
    of ``contact.address``. ``registration`` is its number in a register of companies.
    Its documents carry tax if it has ``tax_registrations``, and none if it has not; with
    ``tax_engine`` the rules are those that an engine outside gave, not those of the catalog.
    Prices in another currency than the contract's are converted by ``exchange_rates``, those in
    custom units by ``conversion_prices``.
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
    tax_registrations: tuple[TaxRegistration, ...] = ()
    unconfirmed_tax_ids: UnconfirmedTaxId = UnconfirmedTaxId.CHARGE
    tax_engine: bool = False
    issuing: IssueRules = field(default_factory=IssueRules)
    exchange_rates: RateRule = PUBLISHED_RATES
    conversion_prices: RateRule = OWN_RATES
