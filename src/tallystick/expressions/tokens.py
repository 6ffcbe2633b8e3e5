"""
The words of an expression: numbers, texts, names, keywords and signs, each with its place.

Texts stand in double or single quotes; a backslash takes the next character as it is. Numbers are
plain: digits, and more digits behind a point. White space parts words and means nothing else.
"""

import re
from dataclasses import dataclass

from tallystick.expressions.fault import Fault
from tallystick.expressions.limits import FRACTION_DIGITS_MAX, INTEGER_DIGITS_MAX

KEYWORDS = frozenset({"and", "or", "not", "if", "then", "else", "in", "true", "false"})
SIGNS = ("==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "(", ")", "[", "]", ",", ".")

_INSTEAD = {"=": "==", "&&": "and", "||": "or", "!": "not", "<>": "!=", "?": "if, then and else"}
_PATTERN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_]*)"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<foreign>&&|\|\||<>|=(?!=)|!(?!=)|\?)"
    r"|(?P<sign>[=!<>]=|[<>+\-*/()\[\],.])",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """
    One word.

    Attributes:
        kind: ``number``, ``text``, ``word``, ``sign`` or ``end``.
        text: the word; of a text its content.
        at: index of its first character.
    """

    kind: str
    text: str
    at: int


def tokens_of(text: str) -> list[Token]:
    """
    Return the words of a text, and the end behind them.

    Raises:
        Fault: a character that begins no word, or a number with too many digits.

    Example:
        >>> [token.text for token in tokens_of('data.n >= 1.5')]
        ['data', '.', 'n', '>=', '1.5', '']
    """
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = _PATTERN.match(text, at)
        if found is None or found.lastgroup is None:
            quote = text[at] in "\"'"
            message = "a text that does not end" if quote else f"{text[at]!r} means nothing here"
            raise Fault("unexpected_character", message, at)
        if found.lastgroup == "foreign":
            raise Fault("unexpected_character", f"write {_INSTEAD[found[0]]} for {found[0]}", at)
        if found.lastgroup != "blank":
            tokens.append(_token(found.lastgroup, found[0], at))
        at = found.end()
    tokens.append(Token(kind="end", text="", at=len(text)))
    return tokens


def _token(kind: str, text: str, at: int) -> Token:
    if kind == "number":
        whole, _, fraction = text.partition(".")
        if len(whole) > INTEGER_DIGITS_MAX or len(fraction) > FRACTION_DIGITS_MAX:
            message = (
                f"a number has at most {INTEGER_DIGITS_MAX} digits before and "
                f"{FRACTION_DIGITS_MAX} behind the point"
            )
            raise Fault("too_large", message, at)
    if kind == "text":
        text = _ESCAPED.sub(r"\1", text[1:-1])
    return Token(kind=kind, text=text, at=at)
