"""The words of letters on usage alerts, in each language in which documents are written."""

from tallystick.app.delivery.words.arabic import ARABIC
from tallystick.app.delivery.words.english import ENGLISH
from tallystick.app.delivery.words.french import FRENCH
from tallystick.app.delivery.words.german import GERMAN
from tallystick.app.delivery.words.japanese import JAPANESE
from tallystick.app.delivery.words.spanish import SPANISH
from tallystick.app.delivery.words.vocabulary import AlertWords, DecliningWords, MoneyWords

ALERT_WORDS: dict[str, AlertWords] = {
    "ar": ARABIC,
    "de": GERMAN,
    "en": ENGLISH,
    "es": SPANISH,
    "fr": FRENCH,
    "ja": JAPANESE,
}
FALLBACK = "en"

__all__ = ["ALERT_WORDS", "FALLBACK", "AlertWords", "DecliningWords", "MoneyWords"]
