"""What a document says in words, whatever the language."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterWords:
    """
    What is written above a document that is sent by e-mail.

    Attributes:
        subject: with ``{kind}``, ``{number}`` and ``{issuer}``.
        greeting: how it begins.
        enclosed: with ``{kind}``, ``{number}``, ``{date}`` and ``{total}``.
        due: with ``{date}``; only where something is to be paid.
        closing: above the issuer's name.
    """

    subject: str
    greeting: str
    enclosed: str
    due: str
    closing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """
    The words of one language; braces hold what is filled in.

    ``units`` translates units of time and count, for one and for more; others (``GiB``) are written
    as they are.
    ``kinds`` names why a document gives back: ``void``, and the kinds of credit notes.
    ``composition`` to ``others`` stand over charts, in them, and in place of them for who hears a
    document instead of seeing it.
    ``exemptions`` says why no tax is charged, by EN 16931 category code.
    """

    invoice: str
    credit_note: str
    draft: str
    draft_notice: str
    test: str
    test_notice: str
    number: str
    issued_on: str
    due_on: str
    period: str
    customer: str
    reference: str
    corrects: str
    voids: str
    replaces: str
    why: str
    kinds: dict[str, str]
    recipient: str
    tax_id: str
    registration: str
    item: str
    quantity: str
    unit_price: str
    amount: str
    net: str
    tax: str
    vat: str
    gross: str
    prepaid: str
    left_to_pay: str
    total: str
    credited: str
    pay_to: str
    holder: str
    purpose: str
    page: str
    corrected: str
    settled_before: str
    flat_fee: str
    allowance: str
    tier: str
    above: str
    up_to: str
    everything: str
    packages: str
    share: str
    converted: str
    below_zero: str
    discount: str
    discount_of: str
    minimum: str
    maximum: str
    committed: str
    unused: str
    above_commitment: str
    other_prices: str
    covered: str
    cost: str
    markup: str
    transaction: str
    events: str
    attached: str
    composition: str
    by_day: str
    level_by_day: str
    highest: str
    past: str
    others: str
    letter: LetterWords
    right_to_left: bool = False
    units: dict[str, tuple[str, str]] = field(default_factory=dict)
    exemptions: dict[str, str] = field(default_factory=dict)

    def apart(self, text: str) -> str:
        """Return a text that keeps its own direction within a line of this language."""
        return f"\u2068{text}\u2069" if self.right_to_left else text
