"""The words of documents, in each language that documents can be written in."""

from tallystick.integrations.documents.words.arabic import ARABIC
from tallystick.integrations.documents.words.english import ENGLISH
from tallystick.integrations.documents.words.french import FRENCH
from tallystick.integrations.documents.words.german import GERMAN
from tallystick.integrations.documents.words.japanese import JAPANESE
from tallystick.integrations.documents.words.spanish import SPANISH
from tallystick.integrations.documents.words.vocabulary import Words

WORDS: dict[str, Words] = {
    "ar": ARABIC,
    "de": GERMAN,
    "en": ENGLISH,
    "es": SPANISH,
    "fr": FRENCH,
    "ja": JAPANESE,
}
FALLBACK = "en"

__all__ = ["FALLBACK", "WORDS", "Words"]
