"""The table of breaks, read from breaks.toml and checked before anything is run."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

GUARANTEES = {
    1: "An acknowledged event is durable and counts once",
    2: "Order, batching and lateness do not change a quantity",
    3: "Parts of a window add up, or refuse to be added",
    4: "Same facts, same invoice, byte for byte",
    5: "An issued document never changes",
    6: "Numbers in a series are gapless",
    7: "Entries sum to zero; balances replay from the journal",
    8: "The same command twice has one effect and one answer",
    9: "A hard quota is never granted beyond",
    11: "No workspace and no account sees another's",
    12: "The audit chain verifies, and a change is found",
    13: "What was erased is nowhere, and nothing else changes",
}
"""The guarantees that exist so far, numbered as in the design."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """One edit of one source file, and the test that must then fail."""

    guarantee: int
    name: str
    file: str
    old: str
    new: str
    test: str


class UnfitBreak(Exception):
    """The table names something that is not there, or an edit that would not apply."""


def read_breaks(path: Path) -> tuple[Break, ...]:
    """The breaks of the table, by guarantee; refuses unknown and missing fields."""
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("break", [])
    try:
        breaks = [Break(**row) for row in rows]
    except TypeError as error:
        raise UnfitBreak(f"{path.name}: {error}") from error
    return tuple(sorted(breaks, key=lambda one: (one.guarantee, one.name)))


def planted(text: str, one: Break) -> str:
    """The text with the break in it; what is replaced must occur exactly once."""
    found = text.count(one.old)
    if found != 1:
        raise UnfitBreak(f"{one.name}: the text to replace occurs {found} times in {one.file}")
    if one.old == one.new:
        raise UnfitBreak(f"{one.name}: changes nothing")
    return text.replace(one.old, one.new)
