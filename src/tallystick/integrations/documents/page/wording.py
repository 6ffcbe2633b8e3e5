"""From a view to the texts of its page, in one language."""

from decimal import Decimal

from tallystick.currency import DatedRate
from tallystick.integrations.documents.formats import Formats, formats_for
from tallystick.integrations.documents.page.content import (
    ChartText,
    LineText,
    Page,
    PartyText,
    StepText,
    SumText,
)
from tallystick.integrations.documents.page.labels import step_label
from tallystick.integrations.documents.view import (
    DocumentView,
    LineView,
    PartyView,
    StepView,
    TaxView,
    number_or_id,
)
from tallystick.integrations.documents.words import WORDS, Words

COLOUR = "#1d5c63"
_IBAN_GROUP = 4
_VAT = "VAT"


def page_of(
    view: DocumentView,
    *,
    language: str,
    seal: str,
    attached: str = "",
    charts: tuple[ChartText, ...] = (),
) -> Page:
    """
    Return the texts of a document's page.

    Args:
        view: what it shows.
        language: one of `WORDS`; numbers are written as in the payer's country.
        seal: digest of the stored document.
        attached: name of the attached file with exact figures; empty without one.
        charts: drawn.
    """
    words, formats = WORDS[language], formats_for(language, view.payer.country)
    stamp, notice = _stamp(view, words)
    title = words.credit_note if view.is_credit_note else words.invoice
    return Page(
        language=language,
        right_to_left=words.right_to_left,
        title=title,
        name=f"{title} {number_or_id(view)}",
        is_draft=view.is_draft,
        draft=words.draft,
        draft_notice=notice,
        stamp=stamp,
        colour=view.branding.colour or COLOUR,
        issuer=_party(view.issuer, words, formats),
        recipient=_party(view.payer, words, formats),
        recipient_label=words.recipient,
        facts=_facts(view, words, formats),
        notes=_notes(view, words, formats),
        columns=(words.item, words.quantity, words.unit_price, words.amount),
        lines=tuple(_line(line, view, words=words, formats=formats) for line in view.lines),
        sums=_sums(view, words, formats),
        payment=_payment(view, words),
        payment_label=words.pay_to,
        attached=words.attached.format(name=words.apart(attached)) if attached else "",
        footer=view.branding.footer,
        page=words.page,
        seal=seal,
        charts=charts,
    )


def measure_text(quantity: Decimal, unit: str, *, words: Words, formats: Formats) -> str:
    """
    Return a quantity with its unit in words, a dot between the factors of a product.

    >>> french = {"words": WORDS["fr"], "formats": formats_for("fr", "FR")}
    >>> measure_text(Decimal("1.5"), "GiB.hour", **french)
    '1,5 GiB·heure'
    >>> measure_text(Decimal(2), "call", **french)
    '2 appels'
    """
    named = unit_text(unit, words=words, is_one=formats.is_one(quantity))
    return f"{formats.quantity(quantity)} {named}".strip()


def unit_text(unit: str, *, words: Words, is_one: bool = False) -> str:
    """Return a unit in words, for one or for more of it, a dot between the factors of a product."""
    at = 0 if is_one else 1
    return "·".join(
        words.units[part][at] if part in words.units else part for part in unit.split(".")
    )


def item_text(line: LineView, words: Words) -> str:
    """Return what a line is of, with the values of its dimensions."""
    values = [value for _, value in line.group if value]
    return " · ".join(map(words.apart, [line.item, *values]))


def _party(party: PartyView, words: Words, formats: Formats) -> PartyText:
    address = party.contact.address
    lines: list[str] = []
    if address is not None:
        city = f"{address.postal_code} {address.city}".strip()
        lines += [address.street, address.extra, city, address.subdivision]
    else:
        lines += party.address.splitlines()
    lines.append(formats.country(party.country) if party.country else "")
    if party.tax_id:
        lines.append(f"{words.tax_id}: {words.apart(party.tax_id)}")
    if party.registration:
        lines.append(f"{words.registration}: {words.apart(party.registration)}")
    lines.append(party.contact.email)
    kept = tuple(words.apart(line) for line in lines if line.strip())
    return PartyText(name=party.name, lines=kept)


def _facts(view: DocumentView, words: Words, formats: Formats) -> tuple[tuple[str, str], ...]:
    facts = [(words.number, view.number or words.draft)]
    if view.issued_on is not None:
        facts.append((words.issued_on, formats.day(view.issued_on)))
    if view.due_on is not None and not view.is_credit_note:
        facts.append((words.due_on, formats.day(view.due_on)))
    facts += [(words.period, formats.days(view.days)), (words.customer, view.payer.key)]
    if view.payer.contact.reference:
        facts.append((words.reference, view.payer.contact.reference))
    return tuple(facts)


def _notes(view: DocumentView, words: Words, formats: Formats) -> tuple[str, ...]:
    """Return what it corrects, and why something is not taxed."""
    notes = [
        words.apart(tax.reason) if tax.reason else words.exemptions[tax.category]
        for tax in view.taxes
        if tax.name and tax.category in words.exemptions
    ]
    return tuple(dict.fromkeys([*origin_notes(view, words, formats), *notes]))


def origin_notes(view: DocumentView, words: Words, formats: Formats) -> list[str]:
    """Return which document it corrects, voids or replaces, and why."""
    corrects = words.voids if view.given_back == "void" else words.corrects
    notes = [
        text.format(number=words.apart(named.number), date=formats.day(named.issued_on))
        for text, named in ((corrects, view.reference), (words.replaces, view.replaces))
        if named is not None
    ]
    if view.given_back:
        reason = words.apart(view.reason)
        notes.append(words.why.format(kind=words.kinds[view.given_back], reason=reason))
    return notes


def _line(line: LineView, view: DocumentView, *, words: Words, formats: Formats) -> LineText:
    digits = view.currency.exponent
    single = line.steps[0] if len(line.steps) == 1 else None
    price = single.unit_price if single is not None else None
    is_settled = line.corrected or line.conversion is not None
    is_plain = price is not None and single is not None and single.is_plain and not is_settled
    is_fee = line.unit == "" and line.events is None
    is_alone = is_plain or (is_fee and single is not None and not is_settled)
    measured = measure_text(line.quantity, line.unit, words=words, formats=formats)
    return LineText(
        item=line.item,
        details=_details(line, words, formats),
        quantity=measured if line.is_counted else "",
        unit_price="" if price is None or not is_plain else formats.price(price, digits=digits),
        amount=formats.money(line.money),
        steps=() if is_alone else _steps(line, view, words, formats),
        section=_section(line, words, formats),
        section_amount="" if line.section is None else formats.money(line.section.money),
    )


def _section(line: LineView, words: Words, formats: Formats) -> str:
    """Return the heading of a section, above its first line; else nothing."""
    section = line.section
    if section is None or section.opens != line.id:
        return ""
    parts = (section.account, section.contract, formats.days(section.days))
    return " · ".join(map(words.apart, parts))


def _details(line: LineView, words: Words, formats: Formats) -> str:
    parts = [f"{name}: {value}" for name, value in line.group if value]
    parts.append(formats.days(line.days))
    if line.corrected:
        parts.append(words.corrected)
    if line.events is not None:
        parts.append(words.events.format(count=formats.quantity(Decimal(line.events))))
    return " · ".join(map(words.apart, parts))


def _steps(
    line: LineView, view: DocumentView, words: Words, formats: Formats
) -> tuple[StepText, ...]:
    digits, sign = view.currency.exponent, -1 if view.is_credit_note else 1
    own = [step for step in line.steps if not step.origin]
    of_whole = [step for step in line.steps if step.origin]
    texts = [_step(step, line, digits, words=words, formats=formats) for step in own]
    if line.conversion is not None:
        texts.append(_conversion(line, line.conversion, view, words=words, formats=formats))
    texts += [_step(step, line, digits, words=words, formats=formats) for step in of_whole]
    if line.corrected:
        before = formats.amount(-line.settled_before.decimal * sign, digits=digits)
        texts.append(StepText(label=words.settled_before, terms="", amount=before))
    return tuple(texts)


def _step(
    step: StepView, line: LineView, digits: int, *, words: Words, formats: Formats
) -> StepText:
    terms = []
    if step.quantity is not None:
        if step.unit_price is None:
            terms.append(measure_text(step.quantity, line.unit, words=words, formats=formats))
        else:
            price = formats.price(step.unit_price, digits=digits)
            terms.append(f"{formats.quantity(step.quantity)} \u00d7 {price}")
    if step.flat and step.quantity is not None:
        terms.append(formats.amount(step.flat, digits=digits))
    return StepText(
        label=step_label(step.label, words=words, formats=formats),
        terms=" + ".join(terms),
        amount=formats.amount(step.amount, digits=digits),
    )


def _conversion(
    line: LineView, dated: DatedRate, view: DocumentView, *, words: Words, formats: Formats
) -> StepText:
    """Return what the steps before it come to in the document's currency, at which rate."""
    sign = -1 if view.is_credit_note else 1
    rate = dated.rate
    charged = formats.amount(line.charged * sign, digits=rate.base.exponent)
    return StepText(
        label=words.converted.format(
            source=words.apart(rate.source), date=words.apart(formats.day(rate.on))
        ),
        terms=words.apart(f"{charged} {rate.base.code} \u00d7 {formats.exchange_rate(rate.value)}"),
        amount=formats.amount(line.converted * sign, digits=view.currency.exponent),
    )


def _sums(view: DocumentView, words: Words, formats: Formats) -> tuple[SumText, ...]:
    label = words.credited if view.is_credit_note else words.total
    label = words.left_to_pay if view.prepaid.minor else label
    total = SumText(label=label, amount=formats.money(view.due), is_total=True)
    before = _prepaid(view, words, formats)
    taxes = [tax for tax in view.taxes if tax.name]
    if not taxes:
        return (*before, total)
    net = SumText(label=words.net, amount=formats.money(view.net), is_total=False)
    return (net, *(_tax(tax, words, formats) for tax in taxes), *before, total)


def _prepaid(view: DocumentView, words: Words, formats: Formats) -> tuple[SumText, ...]:
    """Return what it comes to and what was paid before, where something was."""
    if view.prepaid.minor == 0:
        return ()
    return (
        SumText(label=words.gross, amount=formats.money(view.total), is_total=False),
        SumText(label=words.prepaid, amount=formats.money(-view.prepaid), is_total=False),
    )


def _tax(tax: TaxView, words: Words, formats: Formats) -> SumText:
    label = words.tax.format(
        name=words.apart(words.vat if tax.name == _VAT else tax.name),
        rate=formats.percent(tax.rate),
        base=formats.money(tax.net),
    )
    return SumText(label=label, amount=formats.money(tax.money), is_total=False)


def _stamp(view: DocumentView, words: Words) -> tuple[str, str]:
    """Return what stands across the page, and the sentence about it; a test draft says test."""
    if view.is_test:
        return words.test, words.test_notice
    return (words.draft, words.draft_notice) if view.is_draft else ("", "")


def _payment(view: DocumentView, words: Words) -> tuple[tuple[str, str], ...]:
    bank = view.bank
    asks = not (view.is_credit_note or view.is_draft or view.is_test)
    if bank is None or not asks or view.due.minor <= 0:
        return ()
    groups = [bank.iban[at : at + _IBAN_GROUP] for at in range(0, len(bank.iban), _IBAN_GROUP)]
    rows = [(words.holder, bank.holder or view.issuer.name), ("IBAN", " ".join(groups))]
    if bank.bic:
        rows.append(("BIC", bank.bic))
    rows.append((words.purpose, number_or_id(view)))
    return tuple(rows)
