"""The texts of a page, in the order in which they are read; no markup is in them or looked for."""

import msgspec


class StepText(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a line: what, how much at which price, what it comes to."""

    label: str
    terms: str
    amount: str


class LineText(msgspec.Struct, frozen=True, kw_only=True):
    """
    One line, with its steps below it.

    ``section``: what stands above it where it begins a section, with the section's sum; or empty.
    """

    item: str
    details: str
    quantity: str
    unit_price: str
    amount: str
    steps: tuple[StepText, ...]
    section: str = ""
    section_amount: str = ""


class PartyText(msgspec.Struct, frozen=True, kw_only=True):
    """A party: its name and the lines below it."""

    name: str
    lines: tuple[str, ...]


class SumText(msgspec.Struct, frozen=True, kw_only=True):
    """A sum below the lines; the last one is what is owed."""

    label: str
    amount: str
    is_total: bool


class ChartText(msgspec.Struct, frozen=True, kw_only=True):
    """
    A chart, drawn: what stands above it, what it says in words, and SVG.

    ``note``: in which unit it is; or empty.
    """

    title: str
    note: str
    alternative: str
    svg: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """
    The whole page.

    Attributes:
        draft_notice: what a reader of a draft, or of a test workspace's document, has to know.
        stamp: across the page in large letters: that it is a draft, or a test; empty: neither.
        facts: label and text of what stands at its head.
        payment: label and text of how to pay; empty where nothing is to be paid.
        page: text with ``{page}`` and ``{pages}`` in it.
        seal: the digest of the stored document, by which it is recognized.
        charts: in the order in which they are looked at; none where nothing is to be seen.
    """

    language: str
    right_to_left: bool
    title: str
    name: str
    is_draft: bool
    draft: str
    draft_notice: str
    stamp: str
    colour: str
    issuer: PartyText
    recipient: PartyText
    recipient_label: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    columns: tuple[str, str, str, str]
    lines: tuple[LineText, ...]
    sums: tuple[SumText, ...]
    payment: tuple[tuple[str, str], ...]
    payment_label: str
    attached: str
    footer: str
    page: str
    seal: str
    charts: tuple[ChartText, ...] = ()
