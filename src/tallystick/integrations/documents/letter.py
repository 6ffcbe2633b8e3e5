"""The few sentences above a document that is sent by e-mail, in the payer's language."""

from tallystick.app.invoicing import LetterText
from tallystick.integrations.documents.formats import formats_for
from tallystick.integrations.documents.view import DocumentView, number_or_id
from tallystick.integrations.documents.words import WORDS


def letter_of(view: DocumentView, *, language: str) -> LetterText:
    """
    Return subject and text; plain text, in which no value can become markup.

    Args:
        view: what the document shows; one that was issued.
        language: one of `WORDS`; money and dates are written as in the payer's country.
    """
    words, formats = WORDS[language], formats_for(language, view.payer.country)
    known = {
        "kind": words.credit_note if view.is_credit_note else words.invoice,
        "number": number_or_id(view),
        "issuer": view.issuer.name,
        "total": formats.money(view.total),
        "date": "" if view.issued_on is None else formats.day(view.issued_on),
    }
    body = [words.letter.enclosed.format(**known)]
    if view.due_on is not None and view.due.minor > 0 and not view.is_credit_note:
        body.append(words.letter.due.format(date=formats.day(view.due_on)))
    parts = [words.letter.greeting, "\n".join(body), f"{words.letter.closing}\n{view.issuer.name}"]
    return LetterText(subject=words.letter.subject.format(**known), text="\n\n".join(parts) + "\n")
