"""
Whether the numbers of legal entities can be told apart.

A number begins with the prefix of its entity, that of a credit note with the prefix and ``-CN``:

    INV-2026-000001  INV-CN-2026-000001        of an entity with the prefix INV
    INV-CN-2026-000001                         an invoice of one with the prefix INV-CN: refused

The store keeps entities apart; people who book or pay by number do not. What was declared before
this was looked for is left as it is.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping

from tallystick.catalog.catalog import Catalog
from tallystick.catalog.difference import Action, Change
from tallystick.catalog.documents import joined
from tallystick.catalog.legal_entity import LegalEntity
from tallystick.kernel import Problem

CREDIT_NOTE_MARK = "-CN"


def series_prefix_problems(
    changes: Iterable[Change],
    wanted: Catalog,
    stored: Catalog,
    *,
    paths: Mapping[tuple[str, Hashable], str],
) -> Iterator[Problem]:
    """
    Yield a problem for each new or changed prefix under which another entity's numbers begin.

    Problems:
        prefix_taken: with the path of the prefix, below that of the entity in ``paths``.
    """
    entities = {**stored.legal_entities, **wanted.legal_entities}
    for change in changes:
        before = stored.legal_entities.get(change.name)
        if change.of != "legal_entities" or change.action is Action.UNCHANGED:
            continue
        own = entities[change.name]
        if before is not None and before.series_prefix == own.series_prefix:
            continue
        for other in entities.values():
            if other.key != own.key and not _begins(own).isdisjoint(_begins(other)):
                message = (
                    f'numbers of legal entity "{other.key}" begin with "{other.series_prefix}", '
                    f'and would look like those of "{own.key}"; give it a "series_prefix" of its '
                    "own"
                )
                field = joined(paths["legal_entities", change.name], "series_prefix")
                yield Problem(code="prefix_taken", message=message, field=field)
                break


def _begins(entity: LegalEntity) -> frozenset[str]:
    """Return how numbers of an entity begin, whatever the case of their letters."""
    prefix = entity.series_prefix.casefold()
    return frozenset({prefix, prefix + CREDIT_NOTE_MARK.casefold()})
