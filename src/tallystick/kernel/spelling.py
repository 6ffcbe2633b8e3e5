"""
Words in messages: the nearest known name, and how many of a thing there are.

Who writes ``hours`` where ``hour`` is meant should not have to look it up.
"""

from collections.abc import Iterable
from difflib import get_close_matches

# Comparing takes time with the square of the length; nobody means a name as long as this.
_LENGTH_MAX = 128


def nearest(word: str, known: Iterable[str]) -> str | None:
    """
    Return the known name most like a word, or None if none is like it.

    Capitals do not matter (``gib`` is meant to be ``GiB``). The answer does not depend on the
    order of the known names.

    Example:
        >>> nearest("hours", ["minute", "hour"]), nearest("xyz", ["minute", "hour"])
        ('hour', None)
    """
    names = {name.casefold(): name for name in sorted(known, reverse=True)}
    found = get_close_matches(word[:_LENGTH_MAX].casefold(), names, n=1)
    return names[found[0]] if found else None


def counted(number: object, noun: str) -> str:
    """
    Return how many of a thing there are, in words that fit the number.

    Args:
        number: a whole number, or its text as it is to be shown (``1 000``).
        noun: the name of one; that of several is made with an s, of an ``entry`` with ``ies``.

    Example:
        >>> counted(1, "document"), counted(0, "account"), counted("1,000", "byte")
        ('1 document', '0 accounts', '1,000 bytes')
        >>> counted(1, "entry"), counted(2, "entry"), counted(2, "day")
        ('1 entry', '2 entries', '2 days')
    """
    text = str(number)
    if text == "1":
        return f"{text} {noun}"
    ends_in_ies = noun.endswith("y") and noun[-2:-1] not in "aeiou"
    return f"{text} {noun.removesuffix('y')}ies" if ends_in_ies else f"{text} {noun}s"
