"""Personal data: what is declared personal, and the pseudonyms that stand for it at rest."""

from tallystick.personal.declaration import (
    PATHS_MAX,
    DeclaredPaths,
    is_at_or_below,
    overlapping,
)
from tallystick.personal.pseudonym import (
    PREFIX,
    SALT_BYTES,
    content_of,
    is_pseudonym,
    pseudonym_of,
)
from tallystick.personal.values import pseudonyms_in, values_at, with_values

__all__ = [
    "PATHS_MAX",
    "PREFIX",
    "SALT_BYTES",
    "DeclaredPaths",
    "content_of",
    "is_at_or_below",
    "is_pseudonym",
    "overlapping",
    "pseudonym_of",
    "pseudonyms_in",
    "values_at",
    "with_values",
]
