"""
What an expression may be at most, so that one from a stranger costs no more than one of ours.

Lengths are in characters. Digits of a written number are those of a value in an event. What is
computed may be longer, up to ``BITS_MAX`` above and below the line of its fraction. A chain such as
``a + b + c`` is a tree with a level for each operator; ``LEVELS_MAX`` bounds it, ``DEPTH_MAX`` what
stands in parentheses.
"""

LENGTH_MAX = 2_000
DEPTH_MAX = 32
LEVELS_MAX = 100
ARGUMENTS_MAX = 64
INTEGER_DIGITS_MAX = 20
FRACTION_DIGITS_MAX = 18
PATH_NAMES_MAX = 9
PLACES_MAX = 18
BITS_MAX = 4_096
TEXT_LENGTH_MAX = 65_536
